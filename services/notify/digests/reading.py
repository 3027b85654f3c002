"""Reads the figures of a period from the streams: no service's database is asked, so that they can be counted anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from nats.js import JetStreamContext

from chassis.replay import replay
from services.notify.digests.figures import Figures
from services.notify.digests.period import Period
from services.notify.digests.told import Told


class _Source(NamedTuple):
    """What is open at the end was begun at any time, so some streams are read from their first message."""

    stream: str
    subjects: Sequence[str]
    whole: bool


_SOURCES = (
    _Source(
        "CASE",
        ("case.opened", "case.resolved", "case.closed", "case.reopened", "case.identified", "case.categorised"),
        whole=True,
    ),
    _Source("SLA", ("sla.met", "sla.breached"), whole=False),
    _Source("OUTAGE", ("outage.suggested", "outage.confirmed", "outage.dismissed", "outage.resolved"), whole=True),
    _Source("OBLIGATION", (), whole=True),
    _Source(
        "NOTIFY",
        (
            "notify.queued", "notify.read", "notify.received", "notify.acknowledged", "notify.settled",
            "notify.undelivered",
        ),
        whole=False,
    ),
)  # fmt: skip


async def figures(js: JetStreamContext, of: Period) -> Figures:
    """Of this period; what is said meanwhile is later than it, or is in it and seen."""
    counted, decode = Figures(of), msgspec.json.Decoder(Told).decode
    for source in _SOURCES:
        since: datetime | None = None if source.whole else of.since
        async for stored in replay(js, source.stream, source.subjects, since):
            counted.hear(decode(stored.body))
    return counted
