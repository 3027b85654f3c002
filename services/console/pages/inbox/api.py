"""The inbox: what was told to me, live; read it, take it on."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from services.console.asking import Asker
from services.console.pages.inbox.api_settings import ROUTES as SETTINGS
from services.console.pages.inbox.view import PAGE, VIEWS, address, asked, shown
from services.console.pages.partly import given, part
from services.console.web.menu import INBOXES
from services.console.web.page import AnyRequest, page, see_other


@get("/inbox", roles=INBOXES, include_in_schema=False)
async def inbox(request: AnyRequest, desk: Asker, view: str = "", before: UUID | None = None) -> Template:
    """The latest first; of those that are older a page each."""
    view, me = view if view in VIEWS else "", desk.who.account
    rows, unread = await asyncio.gather(
        desk.get("notify", "/inbox", **asked(view, str(before or ""))),
        part(desk.get("notify", "/inbox/unread")),
    )
    alerts = [shown(row, me) for row in rows]
    older = address(view, alerts[-1]["alert_id"]) if len(alerts) == PAGE else ""
    return page(
        request, "inbox/list.html", "通知", alerts=alerts, views=VIEWS, view=view, older=older,
        here=address(view, str(before or "")), unread=given(unread, {}).get("unread", 0),
    )  # fmt: skip


@post("/inbox/read-all", roles=INBOXES, include_in_schema=False)
async def read_all(request: AnyRequest, desk: Asker) -> Response[Any]:
    told = await desk.post("notify", "/inbox/read-all")
    return see_other(request, "/inbox", f"已将 {told.get('count', 0)} 条标为已读")


@post("/inbox/{alert_id:uuid}/read", roles=INBOXES, include_in_schema=False)
async def read(request: AnyRequest, desk: Asker, alert_id: UUID, view: str = "") -> Response[Any]:
    await desk.post("notify", f"/alerts/{alert_id}/read")
    return see_other(request, address(view))


@post("/inbox/{alert_id:uuid}/acknowledge", roles=INBOXES, include_in_schema=False)
async def acknowledge(request: AnyRequest, desk: Asker, alert_id: UUID, view: str = "") -> Response[Any]:
    await desk.post("notify", f"/alerts/{alert_id}/acknowledge")
    return see_other(request, address(view), "已知悉: 其他人会看到由您处理")


ROUTES: Final[list[ControllerRouterHandler]] = [inbox, read_all, read, acknowledge, *SETTINGS]
