"""What ops watch of cases."""

import asyncio

from prometheus_client import Counter, Gauge

from contracts.envelope import Event
from services.intake.store import Cases

SAID = Counter("yibao_case_events_total", "Events said about cases", ["type"])
CASES = Gauge("yibao_cases", "Cases by state and category", ["status", "category"])


def said(event: Event) -> None:
    SAID.labels(event.type if event.type.startswith("case.") else "channel.out").inc()


async def watch(cases: Cases, every_s: float = 30.0) -> None:
    """Keep the gauge true, for ever."""
    while True:
        for (status, category), n in (await cases.by_status_and_category()).items():
            CASES.labels(status, category).set(n)
        await asyncio.sleep(every_s)
