"""What staff and hospitals do with one case: each form is one command of intake, and then the case's page again."""

from typing import Any, Final

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Answered, Asker, segment
from services.console.pages.ask.handing import hand_in
from services.console.pages.cases.acts import ACTS, STALE, Act, body_of, is_news, seen_of
from services.console.web.forms import Form
from services.console.web.menu import HOSPITAL
from services.console.web.page import AnyRequest, page, see_other


@post("/cases/{ref:str}/act/{act:str}", roles=DESK, include_in_schema=False)
async def act(request: AnyRequest, desk: Asker, ref: str, act: str, data: Form) -> Response[Any]:
    """`seen` is the version that was looked at: whoever was faster is not overruled unseen."""
    if (wanted := ACTS.get(act)) is None:
        raise NotFoundException
    seen = seen_of(wanted, data)
    try:
        await _done(desk, ref, wanted, data, seen)
    except Answered as error:
        if seen is None or not _stale(error):
            raise
        now = await desk.get("intake", f"/cases/{ref}")
        if is_news(now["timeline"], seen):
            raise Answered(error.status, STALE) from None
        await _done(desk, ref, wanted, data, now["version"])
    return see_other(request, f"/cases/{ref}", wanted.told)


async def _done(desk: Asker, ref: str, act: Act, form: dict[str, str], seen: int | None) -> None:
    headers = {} if seen is None else {"If-Match": str(seen)}
    await desk.post("intake", f"/cases/{ref}/{act.route}", body_of(act, form), headers=headers)


def _stale(error: Answered) -> bool:
    return isinstance(error.said, dict) and error.said.get("code") == "stale"


@post("/cases/{ref:str}/judge", roles=DESK, include_in_schema=False)
async def judge(request: AnyRequest, desk: Asker, ref: str, data: Form) -> Response[Any]:
    """A suggestion is taken over, or does not fit."""
    body = {"article": data.get("article", ""), "verdict": data.get("verdict", "")}
    await desk.post("knowledge", f"/suggestions/{ref}/judge", body)
    return Response(None, status_code=204)


@post("/cases/{ref:str}/reveal/{message:str}", roles=DESK, include_in_schema=False, status_code=200)
async def reveal(request: AnyRequest, desk: Asker, ref: str, message: str, data: Form) -> Template:
    """The original in place of the masked words, until the page is left; the reason stays on the timeline."""
    original = await desk.post("intake", f"/cases/{ref}/messages/{message}/reveal", {"reason": data.get("reason", "")})
    return page(request, "cases/original.html", "原文", original=original)


@post("/cases/{ref:str}/acknowledge/{clock:str}", roles=DESK, include_in_schema=False)
async def acknowledge(request: AnyRequest, desk: Asker, ref: str, clock: str) -> Response[Any]:
    """Nobody else is told about this clock."""
    await desk.post("sla", f"/clocks/{ref}/{clock}/acknowledge")
    return see_other(request, f"/cases/{ref}", "已知悉: 不再逐级提醒")


@post("/cases/{ref:str}/identify", roles=DESK, include_in_schema=False)
async def identify(request: AnyRequest, desk: Asker, ref: str, data: Form) -> Response[Any]:
    """Whose account it is, from now on and for all its open cases."""
    known = {name: data[name].strip() for name in ("contact", "name", "role", "institution_code") if data.get(name)}
    await desk.post("intake", f"/directory/unknown/{segment(data.get('requester', ''))}/assign", known)
    return see_other(request, f"/cases/{ref}", "已认出来询人")


@post("/cases/{ref:str}/say", roles=HOSPITAL, include_in_schema=False)
async def say(request: AnyRequest, desk: Asker, ref: str) -> Response[Any]:
    """A hospital goes on with its question."""
    await hand_in(request, desk, f"/cases/{ref}/messages", "text")
    return see_other(request, f"/cases/{ref}", "已发送, 稍后显示在对话中")


@post("/cases/{ref:str}/confirm", roles=HOSPITAL, include_in_schema=False)
async def confirm(request: AnyRequest, desk: Asker, ref: str) -> Response[Any]:
    """It is solved."""
    await desk.post("intake", f"/cases/{ref}/confirm")
    return see_other(request, f"/cases/{ref}", "已确认解决, 谢谢")


@post("/cases/{ref:str}/unsolved", roles=HOSPITAL, include_in_schema=False)
async def unsolved(request: AnyRequest, desk: Asker, ref: str, data: Form) -> Response[Any]:
    """It is not: the desk goes on."""
    await desk.post("intake", f"/cases/{ref}/unsolved", {"text": data.get("text", "")})
    return see_other(request, f"/cases/{ref}", "已告知服务台继续处理")


ROUTES: Final[list[ControllerRouterHandler]] = [act, judge, reveal, acknowledge, identify, say, confirm, unsolved]
