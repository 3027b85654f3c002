"""The catalogue of reports, and one report: what it counts, and the form that has it counted."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS, WITH_HOSPITALS
from chassis.zone import BEIJING
from services.console.asking import Asker
from services.console.pages.partly import given, part
from services.console.pages.reports import view, words
from services.console.pages.reports.api_definitions import ROUTES as DEFINITIONS
from services.console.pages.reports.api_feeds import ROUTES as FEEDS
from services.console.pages.reports.api_runs import ROUTES as RUNS
from services.console.pages.reports.api_schedules import ROUTES as SCHEDULES
from services.console.pages.reports.api_sources import ROUTES as SOURCES
from services.console.pages.reports.asking import run_path, sheet, titles
from services.console.web.page import AnyRequest, see_other

_LATEST = 8


@get("/reports", roles=WITH_HOSPITALS, include_in_schema=False)
async def catalogue(request: AnyRequest, desk: Asker, q: str = "") -> Template:
    reports, runs, named = await asyncio.gather(
        desk.get("stats", "/reports"), part(desk.get("stats", "/runs", kind="report", limit=_LATEST)), titles(desk)
    )
    return sheet(
        request, desk, "catalogue.html", "统计报表", families=view.families(reports, q), count=len(reports), q=q,
        runs=[view.run(r, named) for r in given(runs, [])], periods=words.PERIODS,
    )  # fmt: skip


@get("/reports/{report:str}", roles=WITH_HOSPITALS, include_in_schema=False)
async def report_page(request: AnyRequest, desk: Asker, report: str, again: UUID | None = None) -> Template:
    """`again` is a run that is to be counted anew: its wish stands in the form."""
    found, runs, before = await asyncio.gather(
        desk.get("stats", f"/reports/{report}"),
        part(desk.get("stats", "/runs", report=report, kind="report", limit=_LATEST)),
        _wanted(desk, again),
    )
    suggested = view.periods(datetime.now(BEIJING).date(), found["period"])
    before = {**view.WANTED, "period": suggested[0][0] if suggested else "", **before}
    return sheet(
        request, desk, "report.html", found["title"], report=found, before=before, again=str(again or ""),
        runs=[view.run(r, {report: found["title"]}) for r in given(runs, [])],
        suggested=suggested, words=words, may_run=desk.who.role in ASKERS,
    )  # fmt: skip


async def _wanted(desk: Asker, run: UUID | None) -> dict[str, Any]:
    if run is None:
        return {}
    found: dict[str, Any] = given(await part(desk.get("stats", f"/runs/{run}")), {})
    wanted: dict[str, Any] = found.get("wanted", {})
    return wanted


@post("/reports/{report:str}/runs", roles=ASKERS, include_in_schema=False)
async def ask(request: AnyRequest, desk: Asker, report: str) -> Response[Any]:
    """Has the report counted; whose rows count is decided by stats."""
    form = await request.form()
    plain = {name: value for name, value in form.items() if isinstance(value, str)}
    told = await desk.post("stats", "/runs", view.wish(report, plain, form.getall("forms", [])))
    return see_other(request, run_path(told), "已提交, 完成后会通知您")


ROUTES: Final[list[ControllerRouterHandler]] = [
    catalogue, *SCHEDULES, *DEFINITIONS, *SOURCES, *FEEDS, report_page, ask, *RUNS,
]  # fmt: skip
