"""What ops watch of clocks."""

from prometheus_client import Counter, Gauge, Histogram

from contracts.envelope import Event
from contracts.sla import SlaBreached, SlaWarned
from services.sla.store import Clocks

SAID = Counter("yibao_sla_events_total", "Events said about clocks", ["type"])
RUNNING = Gauge("yibao_sla_cases_running", "Cases with a clock that runs towards a threshold")
SWEPT = Counter("yibao_sla_sweep_catches_total", "Timers that did not fire and were caught by the sweep; should stay 0")
LATENESS = Histogram(
    "yibao_sla_lateness_seconds",
    "From a clock's threshold to the event that says so",
    ["threshold"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)


def said(event: Event) -> None:
    SAID.labels(event.type).inc()
    if isinstance(event, SlaWarned):
        LATENESS.labels("warn").observe(event.late_ms / 1000)
    elif isinstance(event, SlaBreached):
        LATENESS.labels("breach").observe(event.late_ms / 1000)


async def count(clocks: Clocks) -> None:
    """Set the gauge to what is stored now."""
    RUNNING.set(await clocks.waiting())
