"""What ops watch of obligations."""

from prometheus_client import Counter, Gauge

from contracts.envelope import Event
from services.sla.obligations.store import Occurrences

SAID = Counter("yibao_obligation_events_total", "Events said about obligations", ["type"])
BY_STATE = Gauge(
    "yibao_obligations", "Occurrences of obligations by state; overdue ones are not among the open", ["state"]
)

UNPLANNED = Counter(
    "yibao_obligation_plans_failed_total",
    "Obligations of a contract that could not be planned when the planner looked; should stay 0",
    ["definition"],
)


def said(event: Event) -> None:
    SAID.labels(event.type).inc()


async def count(occurrences: Occurrences) -> None:
    """Set the gauge to what is stored now."""
    for state, n in (await occurrences.counts()).items():
        BY_STATE.labels(state).set(n)
