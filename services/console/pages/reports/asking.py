"""What several of these pages ask stats for, and what all of them show."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from litestar.response import Template

from chassis.access import READERS
from services.console.asking import Asker
from services.console.pages.reports.tabs import tabs_of
from services.console.web.page import AnyRequest, page

Json = dict[str, Any]
_FRESH_S: Final = 60.0
_known: dict[str, tuple[float, Mapping[str, str]]] = {}


async def titles(desk: Asker) -> Mapping[str, str]:
    """Of reports and tables, by id; the same for everybody, so they are asked for once a minute."""
    at, found = _known.get("titles", (-_FRESH_S, {}))
    if monotonic() - at >= _FRESH_S:
        tables, reports = await asyncio.gather(desk.get("stats", "/tables"), desk.get("stats", "/reports"))
        found = {t["table"]: t["title"] for t in tables} | {r["report"]: r["title"] for r in reports}
        _known["titles"] = (monotonic(), found)
    return found


def sees_all(desk: Asker) -> bool:
    """Whether definitions, schedules and data sets are his to look at: of the desk, or of the whole centre."""
    return desk.who.role in READERS and not desk.who.districts


def sheet(request: AnyRequest, desk: Asker, template: str, title: str, **shown: Any) -> Template:
    """A page of these, with the tabs that he may open."""
    tabs = tabs_of(desk.who.role, bool(desk.who.districts))
    shown.setdefault("path", "/reports")  # in the menu runs stand below reports
    return page(request, f"reports/{template}", title, tabs=tabs, here=request.url.path, whole=sees_all(desk), **shown)


def run_path(told: Json) -> str:
    """Where a run is shown that was just asked for."""
    return f"/runs/{told.get('id') or str(told.get('url', '')).rpartition('/')[2]}"
