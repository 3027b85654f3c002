"""All HTTP of notify: the inbox, live and at rest, and what readers do with an alert."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import ServerSentEvent

from chassis.http import actor_of, carry_out, now
from contracts.notify import AcknowledgeAlert, AlertCommand, ReadAlert
from services.notify.live import follow
from services.notify.store import Alerts

Json = dict[str, Any]
Audience = Annotated[list[str] | None, Parameter(description="desk, lead 或 staff:<工号>; 可重复")]


class InboxController(Controller):
    """Inbox (收件箱): the alerts of one or more audiences."""

    path = "/inbox"
    tags = ("inbox",)

    @get(summary="收件箱")
    async def inbox(
        self, state: State, audience: Audience = None, unread_by: str | None = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> list[Json]:  # fmt: skip
        """The latest alerts first."""
        found = await Alerts(state.service.db).inbox(audience or ["desk"], unread_by, limit)
        return [
            {"alert_id": str(d.id), "state": d.state.state, **msgspec.to_builtins(d.state)} for d in found if d.state
        ]

    @get("/counts", summary="通知计数")
    async def counts(self, state: State, audience: Audience = None) -> Json:
        """How many alerts, how many acknowledged, how many by rule."""
        return await Alerts(state.service.db).counts(audience or ["desk"])

    @get("/stream", summary="实时接收通知")
    async def stream(self, state: State, request: Request[Any, Any, Any], audience: Audience = None) -> ServerSentEvent:
        """Alerts as they come (SSE). Send `Last-Event-ID` to go on where you stopped."""
        last = request.headers.get("Last-Event-ID", "")
        after = int(last) if last.isdigit() else None
        return ServerSentEvent(follow(state.service.js, set(audience or ["desk"]), after))


@post("/alerts/{alert_id:uuid}/read", tags=["inbox"], status_code=200, summary="标为已读")
async def read(state: State, request: Request[Any, Any, Any], alert_id: UUID) -> Response[Json]:
    """I have seen it."""
    return await _command(state, request, alert_id, ReadAlert)


@post("/alerts/{alert_id:uuid}/acknowledge", tags=["inbox"], status_code=200, summary="确认通知")
async def acknowledge(state: State, request: Request[Any, Any, Any], alert_id: UUID) -> Response[Json]:
    """I take it on."""
    return await _command(state, request, alert_id, AcknowledgeAlert)


async def _command(
    state: State, request: Request[Any, Any, Any], alert_id: UUID, command: type[AlertCommand]
) -> Response[Json]:
    wish = command(
        id=uuid4(),
        type=command.model_fields["type"].default,
        occurred_at=now(),
        actor=actor_of(request),
        alert_id=alert_id,
    )
    return await carry_out(state.service, wish, "/inbox")
