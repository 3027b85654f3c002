"""Exemptions (免责): who asks that time be left out, and who else decides."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import CENTRE, LEADS, READERS, STAFF
from chassis.rows import sees_all
from services.console.asking import Answered, Asker
from services.console.pages.names import names
from services.console.pages.obligations import view
from services.console.web.page import AnyRequest, page, see_other

_DECIDE: Final = LEADS | CENTRE
_WHERE: Final = "/obligations/exemptions"
_WORDS: Final = {"approve": "已批准: 这段时间不再计入", "reject": "已驳回", "revoke": "已撤销: 这段时间重新计入"}


@get(_WHERE, roles=READERS, include_in_schema=False)
async def exemptions(request: AnyRequest, desk: Asker, standing: str = "") -> Template:
    """They are about contracts and the whole centre: who sees some districts only is given none, and told so."""
    role, whole = desk.who.role, sees_all(desk.who)
    standing = standing if standing in view.STANDINGS else ""
    found, staff = await asyncio.gather(desk.get("sla", "/exemptions", standing=standing), names(desk, "staff"))
    return page(
        request, "obligations/exemptions.html", "免责申请", found=found, standing=standing, colours=view.STANDINGS,
        grounds=view.GROUNDS, asks=role in STAFF and whole, decides=role in _DECIDE, whole=whole, staff=staff,
    )  # fmt: skip


@post(_WHERE, roles=STAFF, include_in_schema=False)
async def ask(request: AnyRequest, desk: Asker) -> Response[Any]:
    form = await request.form()
    try:
        wished = view.wish({name: str(value) for name, value in form.items()})
    except (KeyError, ValueError):
        raise Answered(400, "起止时间不完整: 请填写日期和时间") from None
    await desk.post("sla", "/exemptions", wished)
    return see_other(request, _WHERE, "已申请: 由另一人审批")


@post(_WHERE + "/{id_:uuid}/{what:str}", roles=_DECIDE, include_in_schema=False)
async def decide(request: AnyRequest, desk: Asker, id_: UUID, what: str) -> Response[Any]:
    if what not in _WORDS:
        raise Answered(404, "没有这个操作: 请刷新页面后重试")
    reason = str((await request.form()).get("reason", ""))
    await desk.post("sla", f"/exemptions/{id_}/{what}", {"reason": reason})
    return see_other(request, _WHERE, _WORDS[what])


ROUTES: Final[list[ControllerRouterHandler]] = [exemptions, ask, decide]
