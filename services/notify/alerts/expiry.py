"""Looks for alerts whose time is over while something of them still waits, and wakes them: no timer is armed for that,
because hardly any alert comes to it.
"""

from datetime import UTC, datetime, timedelta

from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from contracts.notify import AlertDue
from services.notify.alerts.store import Alerts

EVERY_S = 60.0
GRACE = timedelta(minutes=2)
MOST = 1_000


async def expire(alerts: Alerts, outbox: NatsOutbox) -> int:
    """How many were woken."""
    now = datetime.now(UTC)
    found = await alerts.expired(now - GRACE, MOST)
    woken = [AlertDue(alert_id=id_, at=now).model_dump_json().encode() for id_ in found]
    await outbox.publish([Outgoing("due.notify", body) for body in woken])
    return len(woken)
