"""Figures of one institution: attainment, clauses, indicators, reconciliations. They come after the page itself."""

import asyncio
from typing import Any, Final

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import READERS, WITH_HOSPITALS
from services.console.asking import Asker
from services.console.pages.institutions import view
from services.console.pages.months import month_in, today
from services.console.pages.partly import given, part
from services.console.web.page import AnyRequest, page

_MONTHS, _CONTRACTS = 6, 5
_REPORT: Final = "institution_indicators"


@get("/institutions/{code:str}/figures", roles=WITH_HOSPITALS, include_in_schema=False)
async def figures(request: AnyRequest, desk: Asker, code: str, month: str = "") -> Template:
    """Of a month; without one of the present."""
    first = month_in(month, today())
    month = f"{first:%Y-%m}"
    kept, agreed, compared, counted = await asyncio.gather(
        part(desk.get("sla", "/attainment", month=month, institution=code, by="clock", recent="true")),
        part(_clauses(desk, code, month)),
        part(desk.get("stats", "/reconciliations", institution=code, limit=_MONTHS)),
        part(_indicators(desk, code)),
    )
    return page(
        request, "institutions/figures.html", "指标", code=code, month=month, first=first, kept=kept,
        agreed=agreed, compared=compared, counted=counted, lines=view.attainment(kept) if given(kept, None) else [],
    )  # fmt: skip


async def _clauses(desk: Asker, code: str, month: str) -> list[dict[str, Any]]:
    """A clause is judged by all of its contract: not shown to whom sees a part of it only."""
    if desk.who.role not in READERS or desk.who.districts:
        return []
    contracts = await desk.get("intake", "/directory/contract", q=code, limit=_CONTRACTS)
    held = [one["key"] for one in contracts if one["begins"][:7] <= month <= one["ends"][:7]]
    reports = await asyncio.gather(
        *(desk.get("sla", "/attainment", month=month, contract=key, recent="true") for key in held)
    )
    return view.clauses(reports)


async def _indicators(desk: Asker, code: str) -> dict[str, Any] | None:
    """Of the latest counted report that this reader may see; None where there is none."""
    runs = await desk.get("stats", "/runs", report=_REPORT, status="finished", limit=1)
    if not runs:
        return None
    path = f"/runs/{runs[0]['id']}/table"
    table = await desk.get("stats", path, limit=view.PAGE)
    rest = view.offsets(table["count"])
    parts = await asyncio.gather(*(desk.get("stats", path, offset=at, limit=view.PAGE) for at in rest))
    heads, rows = view.indicators({**table, "rows": [row for one in (table, *parts) for row in one["rows"]]}, code)
    return {"run": runs[0], "heads": heads, "rows": rows}


ROUTES: Final[list[ControllerRouterHandler]] = [figures]
