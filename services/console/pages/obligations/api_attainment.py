"""Attainment (达成情况): clause by clause, by whatever is asked for, down to the cycles; on paper, as a workbook."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.response import Stream, Template
from litestar.types import ControllerRouterHandler

from chassis.access import WITH_HOSPITALS
from services.console.asking import Answered, Asker, Json
from services.console.pages.months import beside, month_in, today
from services.console.pages.obligations import view
from services.console.web.download import download
from services.console.web.page import AnyRequest, page

_PAGE: Final = 200
_COUNTING: Final = "counting"


@get("/obligations/attainment", roles=WITH_HOSPITALS, include_in_schema=False)
async def attainment(request: AnyRequest, desk: Asker, by: str = "institution") -> Template:
    by = by if by in view.GROUPS else "institution"
    query, first = _asked(request)
    asked = {**query, "by": by}
    if (told := await _told(desk, asked)) is None:
        return page(request, "obligations/counting.html", "达成情况", here=urlencode(asked))
    before, after = beside(first)
    return page(
        request, "obligations/attainment.html", "达成情况", told=told, query=query, by=by, groups=view.GROUPS,
        clauses=[view.clause(one, query) for one in told["clauses"]], total=view.line(told["total"], query),
        lines=[view.line(one, query) for one in told["groups"].get(by, [])], first=first, before=before, after=after,
        files=urlencode(query), clocks=view.clock_name,
    )  # fmt: skip


@get("/obligations/attainment/rows", roles=WITH_HOSPITALS, include_in_schema=False)
async def rows(request: AnyRequest, desk: Asker, offset: int = 0) -> Template:
    """The cycles behind a figure."""
    query, _ = _asked(request)
    params = {**query, "offset": max(0, offset), "limit": _PAGE}
    told: Json = (await desk.answer("GET", "sla", "/attainment/rows", params=params)).json()
    more = f"/obligations/attainment/rows?{urlencode({**query, 'offset': told['next']})}" if told["next"] else ""
    return page(
        request, "obligations/rows.html", "逐条明细", told=told, query=query, more=more, clock_name=view.clock_name,
        outcomes=view.OUTCOMES, back=f"/obligations/attainment?{urlencode(query)}", offset=offset,
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


def _asked(request: AnyRequest) -> tuple[dict[str, str], Any]:
    """The query for sla, by default of this month; and its first day."""
    given = dict(request.query_params)
    first = month_in(given.get("month", ""), today())
    return view.query_of({**given, "month": f"{first:%Y-%m}"}), first


ROUTES: Final[list[ControllerRouterHandler]] = [attainment, rows, paper]
