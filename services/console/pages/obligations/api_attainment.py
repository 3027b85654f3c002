"""Attainment (达成情况): clause by clause, by whatever is asked for, down to the cycles; on paper, as a workbook."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import WITH_HOSPITALS
from services.console.asking import Answered, Asker, Json
from services.console.pages.months import beside, month_in, today
from services.console.pages.names import names
from services.console.pages.obligations import view
from services.console.web.download import download
from services.console.web.page import AnyRequest, page

_PAGE: Final = 200
_COUNTING: Final = "counting"


@get("/obligations/attainment", roles=WITH_HOSPITALS, include_in_schema=False)
async def attainment(request: AnyRequest, desk: Asker, by: str = "institution") -> Template:
    groups = view.groups(desk.who.role)
    by = by if by in groups else "institution"
    query, first = _asked(request)
    asked = {**query, "by": by}
    told, named = await asyncio.gather(_told(desk, asked), _named(desk))
    if told is None:
        return page(request, "obligations/counting.html", "达成情况", here=urlencode(asked))
    before, after = beside(first)
    return page(
        request, "obligations/attainment.html", "达成情况", told=told, query=query, by=by, groups=groups,
        clauses=[view.clause(one, query) for one in told["clauses"]], total=view.line(told["total"], query),
        lines=[view.line(one, query, named) for one in told["groups"].get(by, [])], first=first, before=before,
        after=after, last=month_in(told["last"], first), files=urlencode(query), filters=view.filters(query),
        narrowed=view.narrowed(query, named), same=urlencode({**view.filters(query), "by": by}),
    )  # fmt: skip


@get("/obligations/attainment/rows", roles=WITH_HOSPITALS, include_in_schema=False)
async def rows(request: AnyRequest, desk: Asker, offset: int = 0) -> Template:
    """The cycles behind a figure."""
    query, _ = _asked(request)
    params = {**query, "offset": max(0, offset), "limit": _PAGE}
    answer, named = await asyncio.gather(desk.answer("GET", "sla", "/attainment/rows", params=params), _named(desk))
    told: Json = answer.json()
    more = f"/obligations/attainment/rows?{urlencode({**query, 'offset': told['next']})}" if told["next"] else ""
    return page(
        request, "obligations/rows.html", "逐条明细", told=told, more=more, clock_name=view.clock_name, named=named,
        back=f"/obligations/attainment?{urlencode(query)}",
    )  # fmt: skip


@get(
    ["/obligations/attainment.pdf", "/obligations/attainment.xlsx"], roles=WITH_HOSPITALS, include_in_schema=False
)  # fmt: skip
async def paper(request: AnyRequest, desk: Asker) -> Stream:
    return await download(desk, "sla", request.url.path.removeprefix("/obligations"), **_asked(request)[0])


async def _told(desk: Asker, asked: Mapping[str, str]) -> Json | None:
    """None while it is being counted. A page without a moment of its own takes what was counted lately; it says when
    that was."""
    lately = {} if "as_of" in asked else {"recent": "true"}
    try:
        return (await desk.answer("GET", "sla", "/attainment", params={**asked, **lately})).json()
    except Answered as error:
        if (error.said or {}).get("code") == _COUNTING:
            return None
        raise


async def _named(desk: Asker) -> Mapping[str, Mapping[str, str]]:
    institutions, staff = await asyncio.gather(names(desk, "institution"), names(desk, "staff"))
    return {**view.NAMED, "institution": institutions, "engineer": staff}


def _asked(request: AnyRequest) -> tuple[dict[str, str], Any]:
    """The query for sla, by default of this month; and its first day."""
    given = dict(request.query_params)
    first = month_in(given.get("month", ""), today())
    return view.query_of({**given, "month": f"{first:%Y-%m}"}), first


ROUTES: Final[list[ControllerRouterHandler]] = [attainment, rows, paper]
