"""All HTTP of the inbox: live and at rest, and what readers do with an alert."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Stream

from chassis.http import actor_of, carry_out, now
from chassis.outgoing import from_command
from contracts.envelope import derive_id
from contracts.notify import AcknowledgeAlert, AlertCommand, ReadAlert, Urgency
from services.notify.inbox.frame import Wish
from services.notify.inbox.live import Hub
from services.notify.inbox.queries import Inboxes, Wanted

Json = dict[str, Any]
Audience = Annotated[list[str] | None, Parameter(description="desk, lead 或 staff:<工号>; 可重复, 不填为 desk")]
Reader = Annotated[str, Parameter(max_length=200, description="谁在看 (工号); 也可用请求头 X-Yibao-Staff")]
READ_AT_ONCE = 500
MOST_DIGITS = 20  # more has no number of a stream: cut off it is still one of another stream
_LIVE = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class InboxController(Controller):
    """Inbox (收件箱): the alerts of one or more audiences."""

    path = "/inbox"
    tags = ("inbox",)

    @get(summary="收件箱")
    async def inbox(
        self, state: State, audience: Audience = None,
        unread_by: Annotated[str, Parameter(description="只看此人未读且无人知悉的")] = "",
        urgency: Urgency | None = None, rule: str = "", case: UUID | None = None,
        status: Annotated[
            Literal["queued", "read", "acknowledged", "open"] | None,
            Parameter(query="state", description="未读, 已读, 已知悉, 或无人知悉且未办结 (open)"),
        ] = None,
        before: Annotated[UUID | None, Parameter(description="上一页最后一条的 alert_id")] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> Response[list[Json]]:  # fmt: skip
        """The latest alerts first. A full page has a `Link` header that names the next one's `before`."""
        wanted = Wanted(
            audiences=audience or ["desk"], unread_by=unread_by, urgency=urgency or "", rule=rule, case=case,
            state=status or "", before=before,
        )  # fmt: skip
        found = await _inboxes(state).page(wanted, limit)
        more = {"Link": f'<?before={found[-1]["alert_id"]}>; rel="next"'} if len(found) == limit else {}
        return Response(found, headers=more)

    @get("/counts", summary="通知计数")
    async def counts(self, state: State, audience: Audience = None) -> Json:
        """How many alerts, how many acknowledged, how many by rule."""
        return await _inboxes(state).counts(audience or ["desk"])

    @get("/unread", summary="未读数")
    async def unread(
        self, state: State, request: Request[Any, Any, Any], audience: Audience = None, reader: Reader = ""
    ) -> Json:
        """How many of the last 30 days somebody has not read yet, and how many of them are urgent; up to 1,000."""
        who = reader or actor_of(request).id
        return await _inboxes(state).unread(audience or ["desk"], who, datetime.now(UTC))

    @post("/read-all", status_code=202, summary="全部标为已读")
    async def read_all(self, state: State, request: Request[Any, Any, Any], audience: Audience = None) -> Json:
        """I have seen all of these: the latest 500 that are unread. The live inbox says when it is done."""
        who = actor_of(request)
        ids = await _inboxes(state).unread_ids(audience or ["desk"], who.id, READ_AT_ONCE)
        wishes = [
            ReadAlert(id=derive_id("read all", id_, who.id), occurred_at=now(), actor=who, alert_id=id_) for id_ in ids
        ]
        if wishes:
            await state.service.outbox.publish([from_command(wish) for wish in wishes])
        return {"status": "accepted", "count": len(wishes), "url": "/inbox/unread"}

    @get("/stream", summary="实时接收通知")
    async def stream(
        self, state: State, request: Request[Any, Any, Any], audience: Audience = None, reader: Reader = "",
        after: Annotated[int | None, Parameter(ge=0, description="从这个编号之后开始; 同 Last-Event-ID")] = None,
    ) -> Stream:  # fmt: skip
        """Alerts as they come (SSE). Send `Last-Event-ID` to go on where you stopped.

        Who says who reads (`reader`) also hears `grew`, `read`, `acknowledged`, `settled` and `counts`; others hear
        of new alerts only. After `reset` the inbox has to be looked at again: what came between is not there any more.
        """
        last = request.headers.get("Last-Event-ID", "")
        begins = int(last[:MOST_DIGITS]) if last.isascii() and last.isdigit() else after
        who = reader or (actor_of(request).id if request.headers.get("X-Yibao-Staff") else "")
        hub: Hub = state.service.state["live"]
        wish = Wish(frozenset(audience or ["desk"]), who)
        return Stream(hub.stream(wish, begins), media_type="text/event-stream; charset=utf-8", headers=_LIVE)


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


def _inboxes(state: State) -> Inboxes:
    found: Inboxes = state.service.state["inboxes"]
    return found
