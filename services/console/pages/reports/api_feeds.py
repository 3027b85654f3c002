"""Feeds: where data come from by themselves, for those who keep the desk running as well."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Asker
from services.console.pages.reports.asking import run_path, sheet
from services.console.pages.reports.tabs import FEEDS, FETCHERS
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, see_other


@get("/reports/feeds", roles=FEEDS, include_in_schema=False)
async def feeds(request: AnyRequest, desk: Asker) -> Template:
    found = await desk.get("stats", "/feeds")
    return sheet(request, desk, "feeds.html", "数据来源", feeds=found, may_fetch=desk.who.role in FETCHERS)


@post("/reports/feeds/{name:str}/fetch", roles=FETCHERS, include_in_schema=False)
async def fetch(request: AnyRequest, desk: Asker, name: str, data: Form) -> Response[Any]:
    """Whoever may look at runs is led to the one that fetches."""
    told = await desk.post("stats", f"/feeds/{name}/fetch", {"period": data.get("period", "").strip()})
    return see_other(request, run_path(told) if desk.who.role in DESK else "/reports/feeds", "已开始取数")


ROUTES: Final[list[ControllerRouterHandler]] = [feeds, fetch]
