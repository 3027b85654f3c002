"""The handover at the end of a shift: what is open with a word on each, and who takes it."""

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, LEADS
from services.console.asking import Asker
from services.console.pages.cases.words import WAITING
from services.console.pages.duty.view import REPORTED
from services.console.pages.names import names
from services.console.pages.partly import part
from services.console.web.page import AnyRequest, page, see_other

_NOTE: Final = "note-"


@get("/duty/handover", roles=DESK | {"auditor"}, include_in_schema=False)
async def handover(request: AnyRequest, desk: Asker, engineer: str = "") -> Template:
    """My own; leads write anybody's. Who only reads sees the handovers before."""
    whose = engineer if engineer and desk.who.role in LEADS else desk.who.account
    writes = desk.who.role in DESK
    draft, former, people, institutions = await asyncio.gather(
        part(_draft(desk, whose) if writes else asyncio.sleep(0)),
        part(desk.get("intake", "/duty/handovers", limit=20)),
        names(desk, "staff"),
        names(desk, "institution"),
    )
    return page(
        request, "duty/handover.html", "交接班", draft=draft, former=former, names=people, whose=whose, writes=writes,
        leads=desk.who.role in LEADS, institutions=institutions, waiting=WAITING, reported=REPORTED,
    )  # fmt: skip


@post("/duty/handover", roles=DESK, include_in_schema=False)
async def hand_over(request: AnyRequest, desk: Asker) -> Response[Any]:
    form = await request.form()
    notes = {name.removeprefix(_NOTE): str(text) for name, text in form.items() if name.startswith(_NOTE) and text}
    wish = {name: str(form.get(name, "")) for name in ("from", "to", "note")}
    await desk.post("intake", "/duty/handover", {**wish, "notes": notes})
    return see_other(request, "/duty/handover", "已交接: 工单已转给接班人")


async def _draft(desk: Asker, whose: str) -> Any:
    return await desk.get("intake", "/duty/handover/draft", engineer=whose)


ROUTES: Final[list[ControllerRouterHandler]] = [handover, hand_over]
