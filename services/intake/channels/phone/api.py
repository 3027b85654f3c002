"""The ways in for the telephone: the switch reports calls, agents note what was said."""

import hmac
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.params import Parameter

from chassis.access import ANYBODY, DESK, actor_of, principal_of
from chassis.http import now
from chassis.token import bearer
from services.intake.channels.config import Guarded
from services.intake.channels.hub import Hub, hub_of
from services.intake.channels.naming import coded
from services.intake.channels.phone.calls import shown
from services.intake.channels.phone.messages import parse_call, parse_note
from services.intake.channels.reading import Json, json_of

LARGEST = 256 * 1024
Any_ = Request[Any, Any, Any]


class PhoneController(Controller):
    """电话."""

    path = "/phone/calls"
    tags = ("channels",)

    @post("", roles=ANYBODY, status_code=200, request_max_body_size=LARGEST, summary="电话: 话务系统报来电")
    async def report(self, state: State, request: Any_) -> Json:
        """`ring`, `answer` or `hangup` of a call, as often and in whatever order they come."""
        hub = _phone(state)
        guard("phone", hub.phone, request)
        return shown(await hub.calls.hear(parse_call(json_of(await request.body())), now()))

    @get("", roles=DESK, summary="电话: 尚未记录的来电")
    async def open_calls(self, state: State, limit: Annotated[int, Parameter(ge=1, le=500)] = 100) -> list[Json]:
        """Calls that wait for a note, the latest first."""
        return [shown(call) for call in await _phone(state).calls.open(limit)]

    @post(
        "/{call_id:str}/note", roles=DESK, status_code=202, request_max_body_size=LARGEST, summary="电话: 记录通话内容"
    )
    async def note(self, state: State, request: Any_, call_id: str) -> Json:
        """What was said, once per call. With `rang_at` and `caller` also for a call that no switch has reported."""
        hub, actor = _phone(state), actor_of(request)
        note, heard = parse_note(call_id, coded(state, json_of(await request.body())))
        if heard.rang_at or heard.number:
            await hub.calls.hear(heard, now())
        message = await hub.calls.note(call_id, note, actor.id, now())
        await hub.ports.publish(message)
        await hub.calls.noted(call_id)
        return {"message_id": message.message_id, "url": f"/messages/phone/{message.message_id}"}


def guard(name: str, settings: Guarded | None, request: Any_) -> None:
    """Raises HTTPException when the caller shows neither the channel's secret nor the token of somebody of the desk."""
    secret = settings.secret.get_secret_value() if settings else ""
    if secret and hmac.compare_digest(bearer(request.headers.get("Authorization", "")).encode(), secret.encode()):
        return
    try:
        who = principal_of(request)
    except NotAuthorizedException:
        told = f"密钥不符: 请在 Authorization: Bearer 中带上 channels.yaml 中的 {name}.secret"
        raise NotAuthorizedException(told) from None
    if who.role not in DESK:
        raise PermissionDeniedException("只有话务系统、网站等渠道和工程师可以提交: 请到服务台页面提问")


def _phone(state: State) -> Hub:
    hub = hub_of(state)
    if hub.phone is None:
        raise HTTPException(status_code=404, detail="电话渠道未启用: 请在 channels.yaml 中打开 phone")
    return hub
