"""What is dealt with at its source needs nobody called any more: acknowledged elsewhere, answered, resolved, closed.

One event may concern several alerts, so this is no fold: it finds those that still call somebody and sends each a
command. It says the same again when the event comes again.
"""

from collections.abc import Callable
from typing import Any

from chassis.broker import NatsOutbox
from chassis.errors import Unacceptable
from chassis.http import now
from chassis.inbox import NatsInbox
from chassis.logging import logger
from chassis.message import Delivery, decode
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.notify import NotificationAcknowledged, SettleAlert
from services.notify.alerts.raising import subject_of
from services.notify.alerts.store import Alerts

REASONS: dict[str, Callable[[Any], str]] = {
    "case.responded": lambda e: f"工单 {e.number} 已答复",
    "case.resolved": lambda e: f"工单 {e.number} 已解决",
    "case.closed": lambda e: f"工单 {e.number} 已关闭",
    "case.merged": lambda e: f"工单 {e.number} 已并入其他工单",
    "sla.acknowledged": lambda e: f"{e.by} 已知悉工单 {e.number} 的时限",
    "obligation.acknowledged": lambda e: f"{e.actor.id} 已知悉该义务",
    "obligation.completed": lambda e: "该义务已全部完成",
    "outage.dismissed": lambda e: f"故障 {e.number} 已排除",
    "outage.resolved": lambda e: f"故障 {e.number} 已解决",
    "notify.acknowledged": lambda e: f"{e.actor.id} 已确认同一事项的通知",
}
_NOT_BY_AN_ANSWER = ("resolution", "chase")
"""Clocks that an answer to the requester does not stop."""
BATCH, WAIT_S = 100, 5.0

log = logger(__name__)


class Settling:
    """Hears one durable; the commands are in the log before an event counts as heard."""

    def __init__(self, alerts: Alerts, outbox: NatsOutbox) -> None:
        self._alerts, self._outbox = alerts, outbox

    async def run(self, inbox: NatsInbox) -> None:
        """Until cancelled. Trouble with a server is waited out."""
        while True:
            deliveries = []
            try:
                deliveries = await inbox.fetch(BATCH, WAIT_S)
                commands = [c for d in deliveries for c in await self.commands(d)]
                if commands:
                    await self._outbox.publish([from_command(c) for c in commands])
                await inbox.acknowledge(deliveries)
            except Exception as error:
                log.warning("settling waits", error=f"{type(error).__name__}: {error}"[:200])
                for delivery in deliveries:
                    await delivery.nak(1.0)

    async def commands(self, delivery: Delivery) -> list[SettleAlert]:
        """One for each alert that still calls somebody about what this event is about."""
        try:
            message = decode(delivery, now())
        except Unacceptable:
            return []  # the service that owns the stream has its own word on that
        event = message.body
        if not isinstance(event, Event) or (subject := subject_of(event)) is None:
            return []
        besides = event.alert_id if isinstance(event, NotificationAcknowledged) else None
        unanswered = _NOT_BY_AN_ANSWER if event.type == "case.responded" else ()
        reason = REASONS[event.type](event)
        return [
            SettleAlert(
                id=derive_id("settle", event.id, id_), cause_id=event.id, type="notify.command.settle",
                occurred_at=event.recorded_at, actor=SYSTEM, alert_id=id_, reason=reason,
            )
            for id_ in await self._alerts.live(subject, unanswered)
            if id_ != besides
        ]  # fmt: skip
