"""Who is reached how, and when nobody is to be: recipients and silences."""

import asyncio
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import OPERATORS, SETTERS
from chassis.zone import BEIJING
from contracts.notify import URGENCY_NAMES
from services.console.asking import Answered, Asker, Json
from services.console.pages.admin import written
from services.console.pages.partly import part
from services.console.web.forms import Form, words_of
from services.console.web.page import AnyRequest, page, see_other

_LIST: Final = "/admin/recipients"


@get(_LIST, roles=OPERATORS, include_in_schema=False)
async def recipients(request: AnyRequest, desk: Asker) -> Template:
    found, silences = await asyncio.gather(
        part(desk.get("notify", "/settings/recipients", limit=1_000)),
        part(desk.get("notify", "/settings/silences", limit=100)),
    )
    may = desk.who.role in SETTERS
    return page(
        request,
        "admin/recipients.html",
        "收件人与静默",
        found=found,
        silences=silences,
        may=may,
        urgencies=URGENCY_NAMES,
    )


@get(_LIST + "/{key:str}", roles=SETTERS, include_in_schema=False)
async def recipient(request: AnyRequest, desk: Asker, key: str) -> Template:
    found = await _recipient(desk, key)
    kept = {name: value for name, value in found.items() if name not in _ANSWERED}
    kept["endpoints"] = [{name: e[name] for name in ("provider", "at_least")} for e in found["endpoints"]]
    return page(request, "admin/recipient.html", f"收件人 {found['name']}", one=found, text=written.as_yaml(kept))


@post(_LIST + "/{key:str}", roles=SETTERS, include_in_schema=False)
async def save(request: AnyRequest, desk: Asker, key: str, data: Form) -> Response[Any]:
    try:
        body = written.from_yaml(data.get("text", "")) or {}
    except ValueError as error:
        raise Answered(400, str(error)) from None
    match = {"If-Match": f'"{data.get("version", "0")}"'}
    await desk.put("notify", _path(key), body, headers=match)
    return see_other(request, f"{_LIST}/{quote(key)}", "已保存")


@post(_LIST + "/{key:str}/remove", roles=SETTERS, include_in_schema=False)
async def remove(request: AnyRequest, desk: Asker, key: str) -> Response[Any]:
    await desk.delete("notify", _path(key))
    return see_other(request, _LIST, "已恢复默认设置")


@post("/admin/silences", roles=OPERATORS, include_in_schema=False)
async def silence(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    """Of alerts with a label that has one of some values."""
    try:
        times = {name: datetime.fromisoformat(data[name]).replace(tzinfo=BEIJING).isoformat() for name in _SPAN}
    except (KeyError, ValueError):
        raise Answered(400, "起止时间不完整: 请填写日期和时间") from None
    matchers: list[Json] = [{"label": data.get("label", ""), "values": words_of(data.get("values", ""))}]
    await desk.post("notify", "/settings/silences", {"matchers": matchers, "reason": data.get("reason", ""), **times})
    return see_other(request, _LIST, "已设静默: 期间只进收件箱, 不外发")


@post("/admin/silences/{key:str}/end", roles=OPERATORS, include_in_schema=False)
async def end(request: AnyRequest, desk: Asker, key: str) -> Response[Any]:
    await desk.delete("notify", f"/settings/silences/{key}")
    return see_other(request, _LIST, "静默已结束")


async def _recipient(desk: Asker, key: str) -> Json:
    found: Json = await desk.get("notify", _path(key))
    return found


def _path(key: str) -> str:
    return f"/settings/recipients/{quote(key, safe='')}"


_SPAN: Final = ("begins", "ends")
_ANSWERED: Final = ("key", "name", "reached_by", "note", "providers", "version", "saved_at", "saved_by")
ROUTES: Final[list[ControllerRouterHandler]] = [recipients, recipient, save, remove, silence, end]
