"""What is dealt with at its source needs nobody called any more: acknowledged elsewhere, answered, resolved, closed.

One event may concern several alerts, so this is no fold: it finds those that are still open and sends each a command.
Which alerts there will be is not known, because events of several streams come in any order: so it is noted too, and
an alert that begins later about something that happened before begins settled.
"""

from collections.abc import Callable, Sequence
from typing import Any

from chassis.broker import NatsOutbox
from chassis.errors import Unacceptable
from chassis.hearing import hear
from chassis.http import now
from chassis.inbox import NatsDelivery, NatsInbox
from chassis.message import decode
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.knowledge import ArticleEvent
from contracts.notify import NotificationAcknowledged, SettleAlert
from services.notify.alerts.raising import subject_of
from services.notify.alerts.settled import Settled
from services.notify.alerts.store import Alerts

ENDS: dict[str, Callable[[Any], str]] = {
    "case.resolved": lambda e: f"工单 {e.number} 已解决",
    "case.closed": lambda e: f"工单 {e.number} 已关闭",
    "obligation.completed": lambda e: "该义务已全部完成",
    "outage.dismissed": lambda e: f"故障 {e.number} 已排除",
    "outage.resolved": lambda e: f"故障 {e.number} 已解决",
    "knowledge.published": lambda e: f"知识 {e.number} 已发布",
    "knowledge.confirmed": lambda e: f"知识 {e.number} 已复核",
    "knowledge.retired": lambda e: f"知识 {e.number} 已停用",
    "knowledge.merged": lambda e: f"知识 {e.number} 已合并",
}
"""Nothing is left to be done: every alert about it is settled."""
TAKEN_ON: dict[str, Callable[[Any], str]] = {
    "case.responded": lambda e: f"工单 {e.number} 已答复",
    "sla.acknowledged": lambda e: f"{e.by} 已知悉工单 {e.number} 的时限",
    "obligation.acknowledged": lambda e: f"{e.actor.id} 已知悉该义务",
    "notify.acknowledged": lambda e: f"{e.actor.id} 已确认同一事项的通知",
}
"""Somebody is at it: nobody else is called, what is in inboxes stays to be read."""


class Settling:
    """The commands are in the log before an event counts as heard; the same event again says the same."""

    def __init__(self, alerts: Alerts, settled: Settled, outbox: NatsOutbox) -> None:
        self._alerts, self._settled, self._outbox = alerts, settled, outbox

    async def run(self, inbox: NatsInbox) -> None:
        """Until cancelled."""
        await hear(inbox, self._handle)

    async def _handle(self, deliveries: Sequence[NatsDelivery]) -> None:
        commands = [command for delivery in deliveries for command in await self.commands(delivery)]
        if commands:
            await self._outbox.publish([from_command(command) for command in commands])

    async def commands(self, delivery: NatsDelivery) -> list[SettleAlert]:
        """One for each open alert about what this event is about."""
        try:
            event = decode(delivery, now()).body
        except Unacceptable:
            return []  # the service that owns the stream has its own word on that
        words = {**ENDS, **TAKEN_ON}
        if not isinstance(event, Event) or event.type not in words or (subject := subject_of(event)) is None:
            return []
        reason, ends = words[event.type](event), event.type in ENDS
        answered = event.type == "case.responded"
        await self._settled.note(subject, answered, event.occurred_at, reason)
        besides = event.alert_id if isinstance(event, NotificationAcknowledged) else None
        alone = isinstance(event, ArticleEvent)  # an alert about many articles is not over with the first of them
        return [
            SettleAlert(
                id=derive_id("settle", event.id, id_), cause_id=event.id, type="notify.command.settle",
                occurred_at=event.recorded_at, actor=SYSTEM, alert_id=id_, reason=reason, at=event.occurred_at,
            )
            for id_ in await self._alerts.open(subject, ends, answered, alone)
            if id_ != besides
        ]  # fmt: skip
