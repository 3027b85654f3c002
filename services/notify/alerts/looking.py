"""Looks now and then for deliveries that wait too long in a provider's queue, or until they are of no use, and wakes
their alerts. Hardly any alert comes to it, so a timer for each would be thousands of messages that say nothing.
"""

from datetime import UTC, datetime

from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from contracts.notify import AlertDue
from services.notify.alerts.store import Alerts

EVERY_S = 5.0
MOST = 1_000


async def look(alerts: Alerts, outbox: NatsOutbox) -> int:
    """How many were woken; it goes through the log like a timer."""
    now = datetime.now(UTC)
    woken = [AlertDue(alert_id=id_, at=now).model_dump_json().encode() for id_ in await alerts.waiting(now, MOST)]
    await outbox.publish([Outgoing("due.notify", body) for body in woken])
    return len(woken)
