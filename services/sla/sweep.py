"""The safety sweep: timers are messages and do fire; this looks for any that did not, fires and counts them."""

from datetime import UTC, datetime, timedelta

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import Outgoing
from services.sla import metrics
from services.sla.fold import timers
from services.sla.store import Clocks

log = logger(__name__)


async def sweep(clocks: Clocks, outbox: NatsOutbox, grace_s: float) -> int:
    """Fire what is over `grace_s` late and still waits; returns how many. It goes through the log like a timer."""
    before = datetime.now(UTC) - timedelta(seconds=grace_s)
    late = [t for d in await clocks.overdue(before) if d.state for t in timers(d.state) if t.at < before]
    await outbox.publish([Outgoing("due.sla", timer.body.model_dump_json().encode()) for timer in late])
    metrics.SWEPT.inc(len(late))
    if late:
        log.warning("the sweep caught timers that did not fire", timers=len(late))
    return len(late)
