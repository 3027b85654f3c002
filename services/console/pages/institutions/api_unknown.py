"""Accounts that wrote to the desk and that nobody has told apart yet: say once who that is."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Asker
from services.console.pages.cases.words import CHANNELS
from services.console.pages.names import names
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, page, see_other

_HERE: Final = "/institutions/unknown"
_FIELDS: Final = ("contact", "name", "role", "institution_code")


@get(_HERE, roles=DESK, include_in_schema=False)
async def unknown(request: AnyRequest, desk: Asker) -> Template:
    found, known = await asyncio.gather(desk.get("intake", "/directory/unknown", limit=50), names(desk, "institution"))
    return page(request, "institutions/unknown.html", "不认识的来信账号", found=found, known=known, channels=CHANNELS)


@post(f"{_HERE}/{{requester:uuid}}", roles=DESK, include_in_schema=False, status_code=200)
async def claim(request: AnyRequest, desk: Asker, requester: UUID, data: Form) -> Response[Any]:
    body = {name: text for name in _FIELDS if (text := data.get(name, "").strip())}
    await desk.post("intake", f"/directory/unknown/{requester}/assign", body)
    return see_other(request, _HERE, "已认领: 这个账号的未结工单都会写上来询人")


ROUTES: Final[list[ControllerRouterHandler]] = [unknown, claim]
