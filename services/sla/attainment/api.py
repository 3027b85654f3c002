"""HTTP of attainment: the figures, the cycles behind them, and the two on paper."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import Controller, Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.access import WITH_HOSPITALS, principal_of
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.http import now
from services.sla.attainment.asked import FILTERS, Asked, asked, chosen, moment, shown
from services.sla.attainment.outward import check_names
from services.sla.attainment.reading import Reading, Source
from services.sla.attainment.recent import Recent
from services.sla.attainment.report import Report
from services.sla.attainment.row import OUTCOMES, Row
from services.sla.attainment.tally import DIMENSIONS, NAMES, By

Json = dict[str, Any]
T = TypeVar("T")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Limit = Annotated[int, Parameter(ge=1, le=2_000)]
Offset = Annotated[int, Parameter(ge=0)]
_KNOWN = {"month", "until", "as_of", "by", "recent", "offset", "limit", *FILTERS}


async def question(
    request: AnyRequest, month: str, until: str | None = None, as_of: str | None = None,
    contract: str | None = None,
    institution: str | None = None, category: str | None = None, priority: str | None = None,
    engineer: str | None = None, clock: str | None = None, policy: str | None = None, outcome: str | None = None,
) -> Asked:  # fmt: skip
    """What every address takes; an empty filter asks for the cycles that have none of it."""
    values = (contract, institution, category, priority, engineer, clock, policy, outcome)
    try:
        if unknown := sorted(set(request.query_params) - _KNOWN):
            raise ValueError(f"不认识的参数 {', '.join(unknown)[:200]}: 可用 {', '.join(sorted(_KNOWN))}")
        who, named = principal_of(request), dict(zip(FILTERS, values, strict=True))
        check_names(who, (name for name, value in named.items() if value is not None))
        return asked(month, until, moment(as_of, now()), chosen(named), who)
    except ValueError as error:
        raise HTTPException(status_code=400, detail=str(error)) from None


class AttainmentController(Controller):
    """Attainment (验收依据). `month` to `until` are Beijing's months, of a cycle's start; `as_of` is now without it.

    A hospital counts the cycles of the cases that it asked, without the desk's own words (category, priority, engineer,
    policy, edition: not_for_hospitals); clauses are judged by all cycles of a contract, so that it is not shown any.
    """

    path = "/"
    tags = ("attainment",)
    opt = {"roles": WITH_HOSPITALS}  # noqa: RUF012 - the framework's own way
    dependencies = {"wish": Provide(question)}  # noqa: RUF012 - the framework's own way

    @get("/attainment", summary="达成情况")
    async def figures(self, state: State, wish: Asked, by: str = "", recent: bool = False) -> Json:
        """Kept, late, exempted, open and void cycles by clause, and by what `by` lists: `institution,category`.
        `recent`: what was counted lately is enough, its `as_of` says when."""
        check_names(wish.who, dimensions := _by(by))
        groupings = [dimensions] if dimensions else []
        if recent:
            found = await _counted(_recent(state).report(wish, *groupings))
        else:
            found = await _counted((await _source(state).ask(wish)).report(*groupings))
        told: Json = msgspec.to_builtins(found)
        return {**told, "as_of": shown(found.as_of), "exemptions": [str(e.id) for e in found.exemptions]}

    @get("/attainment/rows", summary="逐条明细")
    async def cycles(self, state: State, wish: Asked, offset: Offset = 0, limit: Limit = 500) -> Json:
        """The cycles behind the figures, by their start; `next` is the offset of the rest."""
        async with _source(state).turn:
            rows = await _counted((await _source(state).ask(wish)).all())
        more = offset + limit if offset + limit < len(rows) else None
        page = [_linked(row, wish.outward) for row in rows[offset : offset + limit]]
        return {"as_of": shown(wish.as_of), "cycles": len(rows), "next": more, "rows": page}

    @get("/attainment.xlsx", summary="下载达成情况工作簿", media_type=_XLSX)
    async def workbook(self, state: State, request: AnyRequest, wish: Asked) -> Response[bytes]:
        """What is signed: clauses, groups, every cycle, exemptions, and by which rules it was counted."""
        async with _source(state).turn:
            reading = await _source(state).ask(wish)
            body = await asyncio.to_thread(_sheets, reading, await _counted(reading.all()))
        return await _file(state, request, body, wish, "xlsx", _XLSX)

    @get("/attainment.pdf", summary="下载达成情况 PDF", media_type="application/pdf")
    async def paper(self, state: State, request: AnyRequest, wish: Asked) -> Response[bytes]:
        """The same on paper, without the cycles."""
        reading = await _source(state).ask(wish)
        found = await _counted(reading.report(*reading.sheets))
        return await _file(state, request, await asyncio.to_thread(_pages, found), wish, "pdf", "application/pdf")


def _source(state: State) -> Source:
    source: Source = state.service.state["attainment"]
    return source


def _recent(state: State) -> Recent:
    recent: Recent = state.service.state["recent"]
    return recent


async def _counted(counting: Awaitable[T]) -> T:
    try:
        return await counting
    except LookupError:
        raise HTTPException(status_code=503, detail="时限政策正在更新: 请稍后再试") from None


def _by(text: str) -> tuple[By, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if unknown := [name for name in names if name not in DIMENSIONS]:
        known = ", ".join(f"{name} ({chinese})" for name, chinese in NAMES.items())
        raise HTTPException(status_code=400, detail=f"不能按 {', '.join(unknown)} 分组: 可用 {known}"[:500])
    return cast(tuple[By, ...], names)


def _linked(row: Row, outward: bool) -> Json:
    """With where its seconds and its events are to be seen by colleagues."""
    told: Json = msgspec.to_builtins(row)
    links = {
        "account": f"/clocks/{row.case_id}/account",
        "case": f"/cases/{row.number}",  # of intake
    }
    return {**told, "outcome_name": OUTCOMES[row.outcome], "links": {} if outward else links}


def _sheets(reading: Reading, rows: list[Row]) -> bytes:
    from services.sla.attainment.workbook import workbook  # the library is asked for now and then

    return workbook(reading.summed(rows), rows, reading.duties, reading.agreed.name, reading.asked.outward)


def _pages(found: Report) -> bytes:
    from services.sla.attainment.printed import printed  # 15 MB that only who prints has to pay for

    return printed(found)


async def _file(
    state: State, request: AnyRequest, body: bytes, wish: Asked, ending: str, media_type: str
) -> Response[bytes]:  # fmt: skip
    span = wish.first if wish.first == wish.last else f"{wish.first}_{wish.last}"
    await noted(state.service, request, "exported", f"attainment {span}.{ending}")
    headers = {"Content-Disposition": f'attachment; filename="attainment-{span}.{ending}"'}
    return Response(body, headers=headers, media_type=media_type)
