"""The safety sweep: timers are messages and do fire; this looks for any that did not, fires and counts them."""

import asyncio
from datetime import UTC, datetime, timedelta

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import Outgoing
from services.sla import metrics
from services.sla.fold import timers
from services.sla.store import Clocks

log = logger(__name__)


async def sweep_once(clocks: Clocks, outbox: NatsOutbox, before: datetime) -> int:
    """Fire what was due before `before` and still waits; returns how many. It goes through the log like a timer."""
    late = [timer for d in await clocks.overdue(before) if d.state for timer in timers(d.state) if timer.at < before]
    await outbox.publish([Outgoing("due.sla", timer.body.model_dump_json().encode()) for timer in late])
    metrics.SWEPT.inc(len(late))
    if late:
        log.warning("the sweep caught timers that did not fire", timers=len(late))
    return len(late)


async def sweep(clocks: Clocks, outbox: NatsOutbox, every_s: float, grace_s: float) -> None:
    """For ever; an outage only delays it."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await sweep_once(clocks, outbox, datetime.now(UTC) - timedelta(seconds=grace_s))
        except Exception as error:
            log.warning("sweep waits", error=f"{type(error).__name__}: {error}"[:300])
