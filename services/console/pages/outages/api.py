"""The pages of /outages: what may be one problem of many, who is hit, and what everybody is told."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS
from services.console.asking import Asker
from services.console.pages.names import names
from services.console.pages.outages import view
from services.console.web.forms import Form, words_of
from services.console.web.page import AnyRequest, page, see_other

_FIELDS: Final = {"confirm": "title", "dismiss": "reason", "broadcast": "text", "resolve": "resolution"}
_DONE: Final = {
    "confirm": "已确认: 全部工单并入这起故障", "dismiss": "已记下: 两小时内不再提示", "broadcast": "已统一答复",
    "resolve": "已解决: 各工单分别等来询人确认", "add": "已加入",
}  # fmt: skip
_ENDED_SHOWN: Final = 30


@get("/outages", roles=READERS, include_in_schema=False)
async def outages(request: AnyRequest, desk: Asker) -> Template:
    """Suggested and running ones, and those that ended last."""
    known, running, ended = await asyncio.gather(
        names(desk, "institution"),
        desk.get("intake", "/outages", state=["suggested", "confirmed"], limit=200),
        desk.get("intake", "/outages", state=["resolved", "dismissed"], limit=_ENDED_SHOWN),
    )
    shown = [[view.outage(one, known) for one in some] for some in (running, ended)]
    return page(request, "outages/list.html", "群体故障", running=shown[0], ended=shown[1])


@get("/outages/{reference:str}", roles=READERS, include_in_schema=False)
async def outage(request: AnyRequest, desk: Asker, reference: str) -> Template:
    found, known, staff = await asyncio.gather(
        desk.get("intake", f"/outages/{reference}"), names(desk, "institution"), names(desk, "staff")
    )  # fmt: skip
    shown = view.outage(found, known)
    return page(
        request, "outages/outage.html", f"{found['number']} {found['title']}", outage=shown,
        members=view.members(found["children"], known), reach=view.reach(found["children"]),
        steps=view.steps(found["timeline"]), lasted=view.lasted(found, datetime.now(UTC)), staff=staff,
    )  # fmt: skip


@post("/outages/{reference:str}/preview", roles=DESK, include_in_schema=False, status_code=200)
async def preview(request: AnyRequest, desk: Asker, reference: str, data: Form) -> Template:
    """What everybody would get, and how many they are; it is sent from there."""
    act = "resolve" if data.get("act") == "resolve" else "broadcast"
    found = await desk.get("intake", f"/outages/{reference}")
    reach = view.reach(found["children"])
    return page(
        request, "outages/preview.html", "预览", outage=found, act=act, field=_FIELDS[act], reach=reach,
        text=data.get("text", "").strip(),
    )  # fmt: skip


@post("/outages/{reference:str}/{act:str}", roles=DESK, include_in_schema=False, status_code=200)
async def work(request: AnyRequest, desk: Asker, reference: str, act: str, data: Form) -> Response[Any]:
    """Confirm, dismiss, add cases, tell everybody, resolve."""
    if act not in _DONE:
        raise NotFoundException
    body: dict[str, Any] = {"cases": words_of(data.get("cases", ""))}
    if field := _FIELDS.get(act):
        said = data.get(field, "").strip()
        body = {field: said or None} if act == "confirm" else {field: said}
    await desk.post("intake", f"/outages/{reference}/{act}", body)
    return see_other(request, f"/outages/{reference}", _DONE[act])


ROUTES: Final[list[ControllerRouterHandler]] = [outages, outage, preview, work]
