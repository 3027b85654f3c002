"""Synonyms: words that a search takes for each other. The desk looks and tries, the lead changes."""

import asyncio
import re
from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, LEADS
from services.console.asking import Asker
from services.console.pages.names import names
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

_HERE: Final = "/knowledge/synonyms"
_BETWEEN: Final = re.compile(r"[,，、;；\n]+")


@get(_HERE, roles=DESK, include_in_schema=False)
async def synonyms(request: AnyRequest, desk: Asker, q: str = "") -> Template:
    """`q` is tried out: what it is searched for as well."""
    groups, tried, staff = await asyncio.gather(
        desk.get("knowledge", "/synonyms"), _tried(desk, q), names(desk, "staff")
    )  # fmt: skip
    return page(request, "knowledge/synonyms.html", "同义词", groups=groups, tried=tried, q=q, staff=staff)


@post(_HERE, roles=LEADS, include_in_schema=False, status_code=200)
async def add(request: AnyRequest, desk: Asker, data: Form) -> Response[Any]:
    await desk.post("knowledge", "/synonyms", {"words": _words(data)})
    return see_other(request, _HERE, "已新增同义词")


@post(f"{_HERE}/{{group:uuid}}", roles=LEADS, include_in_schema=False, status_code=200)
async def change(request: AnyRequest, desk: Asker, group: Any, data: Form) -> Response[Any]:
    """Without words the group is taken away."""
    seen, words = {"If-Match": f'"{data.get("version", "0")}"'}, _words(data)
    if data.get("then") == "remove":
        await desk.answer("DELETE", "knowledge", f"/synonyms/{group}", headers=seen)
        return see_other(request, _HERE, "已删除这一组同义词")
    await desk.put("knowledge", f"/synonyms/{group}", {"words": words}, headers=seen)
    return see_other(request, _HERE, "已修改同义词")


async def _tried(desk: Asker, q: str) -> Any:
    return await desk.get("knowledge", "/synonyms/expand", q=q[:200]) if q.strip() else None


def _words(data: dict[str, str]) -> list[str]:
    return [word.strip() for word in _BETWEEN.split(data.get("words", "")) if word.strip()]


ROUTES: Final[list[ControllerRouterHandler]] = [synonyms, add, change]
