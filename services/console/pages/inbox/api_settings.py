"""How I am told: channels, quiet hours, digests, subscriptions; and this browser's desktop notifications."""

import asyncio
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import ANYBODY, STAFF, Roles
from services.console.asking import Answered, Asker
from services.console.pages.inbox.view import URGENCIES, quiet_of, ruled, wishes
from services.console.pages.partly import given, part
from services.console.web.page import AnyRequest, page, see_other

TOLD: Final[Roles] = STAFF | {"ops", "admin"}
"""Whom notify reaches outside of the inbox by wishes of their own."""
_WORKER: Final = Path(__file__).parents[2] / "web" / "static" / "sw.js"


@get("/inbox/settings", roles=TOLD, include_in_schema=False)
async def settings(request: AnyRequest, desk: Asker) -> Template:
    mine, push, rules = await asyncio.gather(
        _mine(desk), part(desk.get("notify", "/inbox/push-key")), part(desk.get("notify", "/settings/rules"))
    )
    names = [(rule["name"], ruled(rule)) for rule in given(rules, [])]
    return page(
        request, "inbox/settings.html", "通知设置", mine=mine, push=push, urgencies=URGENCIES, rules=names,
        quiet=quiet_of(mine), providers=mine.get("providers", {}),
    )  # fmt: skip


@post("/inbox/settings", roles=TOLD, include_in_schema=False)
async def save(request: AnyRequest, desk: Asker) -> Response[Any]:
    """What is shown by its place in a list is that of the version which the form was made from, or it is refused."""
    form, mine = await request.form(), await _mine(desk)
    wished: dict[str, Any] = {name: str(value) for name, value in form.items()}
    wished["rules"] = [str(rule) for rule in form.getall("rules", [])]
    match = {"If-Match": f'"{wished.get("version", "0")}"'}
    await desk.put("notify", _path(desk), wishes(wished, mine), headers=match)
    return see_other(request, "/inbox/settings", "已保存通知设置")


@post("/inbox/settings/test", roles=TOLD, include_in_schema=False)
async def test(request: AnyRequest, desk: Asker) -> Response[Any]:
    """A message by one way, to see whether it arrives."""
    form = await request.form()
    provider = str(form.get("provider", ""))
    await desk.post("notify", f"/recipients/{_key(desk)}/test", {"provider": provider})
    return see_other(request, "/inbox/settings", f"测试通知已交给 {provider}: 收到即表示可用")


@get("/inbox/push-key", roles=TOLD, include_in_schema=False)
async def push_key(desk: Asker) -> Any:
    """With which key this browser subscribes."""
    return await desk.get("notify", "/inbox/push-key")


@post("/inbox/push", roles=TOLD, include_in_schema=False, status_code=204)
async def push(request: AnyRequest, desk: Asker) -> None:
    """The browser's subscription, as its PushManager gives it."""
    await desk.post("notify", f"/recipients/{_key(desk)}/web-push", await request.json())


@get("/sw.js", roles=ANYBODY, include_in_schema=False, sync_to_thread=False)
def worker() -> Response[bytes]:
    """The service worker; at the root, for its place is what it may look after."""
    return Response(_WORKER.read_bytes(), media_type="text/javascript",
                    headers={"Cache-Control": "no-cache"})  # fmt: skip


async def _mine(desk: Asker) -> dict[str, Any]:
    """My settings; the defaults of somebody whom nobody has in the directory."""
    try:
        found: dict[str, Any] = await desk.get("notify", _path(desk))
        return found
    except Answered as error:
        if error.status != 404:
            raise
        return {"endpoints": [], "subscriptions": [], "quiet": None, "digest": None, "digest_at": "08:30",
                "at_most": None, "version": 0, "reached_by": [], "note": ""}  # fmt: skip


def _key(desk: Asker) -> str:
    return quote(f"staff:{desk.who.account}", safe="")


def _path(desk: Asker) -> str:
    return f"/settings/recipients/{_key(desk)}"


ROUTES: Final[list[ControllerRouterHandler]] = [settings, save, test, push_key, push, worker]
