"""All HTTP of the inbox: live and at rest, and what readers do with an alert. Whose it is, the token says."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Stream

from chassis.access import EVERYBODY, Roles, actor_of, principal_of, while_good
from chassis.asking import AnyRequest
from chassis.errors import NotFound
from chassis.http import carry_out, now
from chassis.outgoing import from_command
from contracts.envelope import derive_id
from contracts.notify import AcknowledgeAlert, AlertCommand, ReadAlert, Urgency
from services.notify.inbox.frame import Wish
from services.notify.inbox.live import Hub
from services.notify.inbox.queries import Inboxes, Wanted
from services.notify.inbox.whose import chosen, may_open

Json = dict[str, Any]
Audience = Annotated[list[str] | None, Parameter(description="只看其中的 desk, lead 或 staff:<工号>; 可重复")]
ACTING: Final[Roles] = EVERYBODY - {"auditor"}
READ_AT_ONCE = 500
MOST_DIGITS = 20  # more has no number of a stream: cut off it is still one of another stream
_LIVE = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class InboxController(Controller):
    """Inbox (收件箱): what is for whoever asks; leads and auditors may look into others'."""

    path = "/inbox"
    tags = ("inbox",)

    @get(roles=EVERYBODY, summary="收件箱")
    async def inbox(
        self, state: State, request: AnyRequest, audience: Audience = None,
        unread: Annotated[bool, Parameter(description="只看本人未读且无人知悉的")] = False,
        urgency: Urgency | None = None, rule: str = "", case: UUID | None = None,
        status: Annotated[
            Literal["queued", "read", "acknowledged", "open"] | None,
            Parameter(query="state", description="未读, 已读, 已知悉, 或无人知悉且未办结 (open)"),
        ] = None,
        before: Annotated[UUID | None, Parameter(description="上一页最后一条的 alert_id")] = None,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    ) -> Response[list[Json]]:  # fmt: skip
        """The latest alerts first. A full page has a `Link` header that names the next one's `before`."""
        who = principal_of(request)
        wanted = Wanted(
            audiences=chosen(who, audience), unread_by=who.account if unread else "", urgency=urgency or "",
            rule=rule, case=case, state=status or "", before=before,
        )  # fmt: skip
        found = await _inboxes(state).page(wanted, limit)
        more = {"Link": f'<?before={found[-1]["alert_id"]}>; rel="next"'} if len(found) == limit else {}
        return Response(found, headers=more)

    @get("/counts", roles=EVERYBODY, summary="通知计数")
    async def counts(self, state: State, request: AnyRequest, audience: Audience = None) -> Json:
        """How many alerts, how many acknowledged, how many by rule."""
        return await _inboxes(state).counts(chosen(principal_of(request), audience))

    @get("/unread", roles=EVERYBODY, summary="未读数")
    async def unread(self, state: State, request: AnyRequest, audience: Audience = None) -> Json:
        """How many of the last 30 days I have not read yet, and how many of them are urgent; up to 1,000."""
        who = principal_of(request)
        return await _inboxes(state).unread(chosen(who, audience), who.account, datetime.now(UTC))

    @post("/read-all", status_code=202, roles=ACTING, summary="全部标为已读")
    async def read_all(self, state: State, request: AnyRequest, audience: Audience = None) -> Json:
        """I have seen all of these: the latest 500 that are unread. The live inbox says when it is done."""
        who = actor_of(request)
        ids = await _inboxes(state).unread_ids(chosen(principal_of(request), audience), who.id, READ_AT_ONCE)
        wishes = [
            ReadAlert(id=derive_id("read all", id_, who.id), occurred_at=now(), actor=who, alert_id=id_) for id_ in ids
        ]
        if wishes:
            await state.service.outbox.publish([from_command(wish) for wish in wishes])
        return {"status": "accepted", "count": len(wishes), "url": "/inbox/unread"}

    @get("/stream", roles=EVERYBODY, summary="实时接收通知", media_type="text/event-stream")
    async def stream(
        self, state: State, request: AnyRequest, audience: Audience = None,
        after: Annotated[int | None, Parameter(ge=0, description="从这个编号之后开始; 同 Last-Event-ID")] = None,
    ) -> Stream:  # fmt: skip
        """Alerts as they come (SSE). Send `Last-Event-ID` to go on where you stopped.

        Besides `alert` there are `grew`, `read`, `acknowledged`, `settled` and `counts`. After `reset` the inbox has to
        be looked at again: what came between is not there any more.
        """
        last = request.headers.get("Last-Event-ID", "")
        begins = int(last[:MOST_DIGITS]) if last.isascii() and last.isdigit() else after
        who = principal_of(request)
        hub: Hub = state.service.state["live"]
        wish = Wish(frozenset(chosen(who, audience)), who.account)
        return Stream(while_good(who, hub.stream(wish, begins)), media_type="text/event-stream", headers=_LIVE)


@post("/alerts/{alert_id:uuid}/read", tags=["inbox"], status_code=200, roles=ACTING, summary="标为已读")
async def read(state: State, request: AnyRequest, alert_id: UUID) -> Response[Json]:
    """I have seen it."""
    return await _command(state, request, alert_id, ReadAlert)


@post("/alerts/{alert_id:uuid}/acknowledge", tags=["inbox"], status_code=200, roles=ACTING, summary="确认通知")
async def acknowledge(state: State, request: AnyRequest, alert_id: UUID) -> Response[Json]:
    """I take it on."""
    return await _command(state, request, alert_id, AcknowledgeAlert)


async def _command(state: State, request: AnyRequest, alert_id: UUID, command: type[AlertCommand]) -> Response[Json]:
    found = await _inboxes(state).one(alert_id)
    if found is None or not may_open(principal_of(request), found.get("audiences", ())):
        raise NotFound("not_found", f"没有通知 {alert_id}: 请刷新收件箱")
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
