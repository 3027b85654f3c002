"""The promises: policies and calendars as they hold, in words; changed as YAML, each change a new edition."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import READERS, SETTERS
from services.console.asking import Answered, Asker
from services.console.pages.admin import view, written
from services.console.web.menu import RUNNERS
from services.console.web.page import AnyRequest, page, see_other

_WHERE: Final = "/admin/promises"


@get(_WHERE, roles=SETTERS | (READERS & RUNNERS), include_in_schema=False)
async def promises(request: AnyRequest, desk: Asker) -> Template:
    told = await desk.get("sla", "/promises")
    return page(
        request, "admin/promises.html", "时限政策与营业日历", told=told, may=desk.who.role in SETTERS,
        policies=view.policies(told["policies"]), text=written.as_yaml(written.of_policies(told["policies"])),
        calendars=[(one["name"], written.as_yaml(one["definition"])) for one in told["calendars"] if one["definition"]],
    )  # fmt: skip


@post(_WHERE + "/policies", roles=SETTERS, include_in_schema=False)
async def policies(request: AnyRequest, desk: Asker) -> Response[Any]:
    await desk.put("sla", "/promises/policies", await _body(request))
    return see_other(request, _WHERE, "新政策已生效: 正在走的时限已按新政策重算")


@post(_WHERE + "/calendars", roles=SETTERS, include_in_schema=False)
async def calendar(request: AnyRequest, desk: Asker) -> Response[Any]:
    body = await _body(request)
    name = body.get("name", "") if isinstance(body, dict) else ""
    if not name:
        raise Answered(400, "营业日历应写明 name: 请对照现有日历填写")
    await desk.put("sla", f"/promises/calendars/{name}", body)
    return see_other(request, _WHERE, f"营业日历 {name} 已生效: 正在走的时限已重算")


async def _body(request: AnyRequest) -> Any:
    try:
        return written.from_yaml(str((await request.form()).get("text", "")))
    except ValueError as error:
        raise Answered(400, str(error)) from None


ROUTES: Final[list[ControllerRouterHandler]] = [promises, policies, calendar]
