"""What a link in a message opens: the alert, and a button to take it on. Nobody has to sign in for that.

Opening it changes nothing: mail scanners and previews of chats open links too. The page's own script says that it was
read, and only the button acknowledges.
"""

from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, NamedTuple
from uuid import uuid4

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from chassis.access import ANYBODY
from chassis.describing import answering
from chassis.http import now
from chassis.zone import BEIJING
from contracts.notify import URGENCY_NAMES, VIA_NAMES, AcknowledgeAlert, ReadAlert
from services.notify.inbox.queries import Inboxes
from services.notify.links.actor import actor_for
from services.notify.links.html import page_of
from services.notify.links.tokens import Forged, Links, Opened, opened
from services.notify.people.picture import People

_HERE = Path(__file__).parent
_PAGE: Final = answering("text/html", also=("4XX",))


class _Found(NamedTuple):
    token: Opened
    recipient: str
    alert: dict[str, Any]


class _Problem(Exception):
    def __init__(self, status: int, title: str, words: str) -> None:
        super().__init__(title)
        self.status, self.title, self.words = status, title, words


@get("/l/{token:str}", tags=["links"], roles=ANYBODY, summary="打开消息中的链接", operation_class=_PAGE)
async def open_link(state: State, token: str) -> Response[str]:
    """The alert that the message told of. Only looks: 403 where the link was not made here, 410 where it is too old."""
    try:
        return _shown(token, await _find(state, token), state.service.state["people"])
    except _Problem as problem:
        return _excuse(problem)


@post("/l/{token:str}/read", tags=["links"], roles=ANYBODY, status_code=202, summary="链接已读",
      operation_class=_PAGE)  # fmt: skip
async def read_link(state: State, token: str) -> Response[Any]:
    """The page's script says so once somebody sees it."""
    try:
        found = await _find(state, token)
    except _Problem as problem:
        return _excuse(problem)
    actor = actor_for(found.recipient)
    if actor.id not in found.alert.get("read_by", ()):
        await state.service.commands.send(
            ReadAlert(
                id=uuid4(), occurred_at=now(), actor=actor, alert_id=found.token.alert_id, via="link",
                recipient=found.recipient,
            )
        )  # fmt: skip
    return Response({"status": "accepted"}, status_code=202)


@post("/l/{token:str}/acknowledge", tags=["links"], roles=ANYBODY, status_code=303, summary="通过链接知悉",
      operation_class=_PAGE)  # fmt: skip
async def acknowledge_link(state: State, token: str) -> Response[Any]:
    """I take it on. Whoever comes second sees who was first; nothing changes."""
    try:
        found = await _find(state, token)
        if found.alert.get("acknowledged_by") is None:
            await _acknowledge(state, found)
    except _Problem as problem:
        return _excuse(problem)
    return Redirect(f"/l/{token}", status_code=303)


async def _acknowledge(state: State, found: _Found) -> None:
    wish = AcknowledgeAlert(
        id=uuid4(), occurred_at=now(), actor=actor_for(found.recipient), alert_id=found.token.alert_id, via="link",
        recipient=found.recipient,
    )  # fmt: skip
    reply = await state.service.commands.send(wish)
    if reply is None:
        raise _Problem(202, "已收到, 正在处理", "请稍后刷新本页, 查看是否已记录。")
    if not reply.ok:
        raise _Problem(409, "没有记录成功", reply.message)


async def _find(state: State, token: str) -> _Found:
    """The delivery that a token is for. Raises _Problem."""
    links: Links = state.service.state["links"]
    inboxes: Inboxes = state.service.state["inboxes"]
    try:
        said = opened(token)
        alert = await inboxes.one(said.alert_id) or {}
        deliveries = alert.get("deliveries", ())
        if said.delivery >= len(deliveries):
            raise Forged
        recipient = deliveries[said.delivery]["recipient"]
        links.check(said, recipient)
    except Forged:
        raise _Problem(403, "链接无效", "链接不完整或被改动过。请从原消息中打开, 或登录收件箱查看。") from None
    if said.expires_at < datetime.now(UTC):
        raise _Problem(410, "链接已过期", "为安全起见, 消息中的链接只在一段时间内有效。请登录收件箱查看此通知。")
    return _Found(said, recipient, alert)


def _shown(token: str, found: _Found, people: People) -> Response[str]:
    alert, nonce = found.alert, token_urlsafe(16)
    taken = alert.get("acknowledged_by")
    about = f"工单 {alert['number']}, 详情请登录服务台查看" if alert.get("number") else ""
    return page_of(
        (_HERE / "page.html").read_text(encoding="utf-8"), nonce,
        token=token, title=alert["title"], body=alert["body"], urgency=alert["urgency"],
        urgency_name=URGENCY_NAMES[alert["urgency"]], at=_time(alert["queued_at"]), about=about,
        count=f"共 {n} 次" if (n := alert.get("count", 1)) > 1 else "",
        open="" if taken is not None or alert.get("settled_at") else "open", outcome=_outcome(alert, people),
        until=_time(found.token.expires_at),
    )  # fmt: skip


def _outcome(alert: dict[str, Any], people: People) -> str:
    """What has become of it, where nothing is left to be done."""
    if (who := alert.get("acknowledged_by")) is not None:
        name = people.name(f"staff:{who}").removeprefix("staff:")
        at, via = alert.get("acknowledged_at"), VIA_NAMES[alert.get("acknowledged_via") or "inbox"]
        return f"{name} 已于 {_time(at) if at else ''} 知悉 (通过{via})"
    if alert.get("settled_at"):
        return f"已无需处理: {alert.get('settled_because') or '事项已办结'}"
    return ""


def _excuse(problem: _Problem) -> Response[str]:
    html = (_HERE / "problem.html").read_text(encoding="utf-8")
    return page_of(html, token_urlsafe(16), problem.status, title=problem.title, words=problem.words)


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


ROUTES: Final[list[ControllerRouterHandler]] = [open_link, read_link, acknowledge_link]
