"""The wall (大屏): what everybody in the office has to see from their chairs. It asks itself anew."""

import asyncio
from datetime import datetime
from typing import Any, Final

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import STAFF
from chassis.zone import BEIJING
from services.console.asking import Asker
from services.console.pages.cases.words import WORDS
from services.console.pages.names import names
from services.console.pages.partly import given, part, silent
from services.console.pages.wall import view
from services.console.web.page import AnyRequest, page

_DEADLINES: Final = 8
_NO_FIGURES: Final[dict[str, Any]] = {"open": None, "unassigned": None, "today": {}}
_NO_CLOCKS: Final[dict[str, Any]] = {"cases": None}
_NOBODY: Final[dict[str, Any]] = {"on_duty": [], "lunch_cover": []}


@get("/wall", roles=STAFF, include_in_schema=False)
async def wall(request: AnyRequest, desk: Asker) -> Template:
    """What cannot be had is left out, and the wall says which."""
    figures, soonest, late, outages, duty, staff, institutions = await asyncio.gather(
        part(desk.get("intake", "/cases/figures")),
        part(desk.get("sla", "/clocks/soonest", limit=2 * _DEADLINES)),
        part(desk.get("sla", "/clocks/late")),
        part(desk.get("intake", "/outages", state=["suggested", "confirmed"], limit=5)),
        part(desk.get("intake", "/duty/now")),
        names(desk, "staff"),
        names(desk, "institution"),
    )
    clocks = view.first_of_each(given(soonest, []))
    ids = [clock["case_id"] for clock in clocks]
    cases = await part(desk.get("intake", "/cases", id=ids, limit=len(ids), brief=True)) if ids else []
    missing = silent({
        "工单数": figures, "最近到期": soonest, "超时数": late, "群体故障": outages, "当班": duty, "到期工单": cases,
    })  # fmt: skip
    return page(
        request, "wall/wall.html", "大屏", figures=given(figures, _NO_FIGURES), late=given(late, _NO_CLOCKS)["cases"],
        rows=view.rows(clocks, given(cases, []))[:_DEADLINES], outages=given(outages, []), duty=given(duty, _NOBODY),
        staff=staff, institutions=institutions, words=WORDS, now=datetime.now(BEIJING),
        silent=missing,
    )  # fmt: skip


ROUTES: Final[list[ControllerRouterHandler]] = [wall]
