"""Looks for outages every few seconds, and puts what it finds on the log."""

import asyncio
from datetime import UTC, datetime

from chassis.aggregate import Folded
from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.service import Service
from services.intake.outage.detect import detect
from services.intake.outage.fold import fold
from services.intake.outage.store import Outages

EVERY_S = 10.0

log = logger(__name__)


async def look(outages: Outages, outbox: NatsOutbox) -> None:
    """One look; the same finding has the same id, so that looking twice says it once."""
    now = datetime.now(UTC)
    seen = await outages.recent(now)
    wishes = await asyncio.to_thread(detect, seen, await outages.known(now), now)
    if wishes:
        log.info("outages observed", suggested=len(wishes), cases=len(seen))
        await outbox.publish(list(map(from_command, wishes)))


def start_outages(service: Service) -> None:
    """Hear commands about outages, and look for new ones."""
    outages = service.state["outages"] = Outages(service.db)
    service.listen(Folded(fold), outages, part="outage")
    service.every(EVERY_S, "outage detection", lambda: look(outages, service.outbox))
