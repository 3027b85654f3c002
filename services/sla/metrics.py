"""What ops watch of clocks."""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from chassis.calendars.hours import ALWAYS
from contracts.envelope import Event
from contracts.sla import SlaBreached, SlaEscalated, SlaWarned
from services.sla.book import Book
from services.sla.store import Clocks

SAID = Counter("yibao_sla_events_total", "Events said about clocks", ["type"])
RUNNING = Gauge("yibao_sla_cases_running", "Cases with a clock that runs towards a threshold")
SWEPT = Counter("yibao_sla_sweep_catches_total", "Timers that did not fire and were caught by the sweep; should stay 0")
REBOUND = Counter("yibao_sla_cases_rebound_total", "Cases told that another edition of the promises holds")
KNOWN = Gauge(
    "yibao_sla_calendar_known_days", "Days from today for which a calendar's public holidays are official", ["calendar"]
)
CANARY = Gauge(
    "yibao_sla_canary_lateness_seconds", "From a threshold of the last canary to the event that says so", ["threshold"]
)
MISSED = Counter("yibao_sla_canaries_missed_total", "Canaries that did not breach before the next one; should stay 0")
DIFFERENCES = Gauge(
    "yibao_sla_audit_differences", "Cases whose stored clocks are not those of the stream, by the last audit; stays 0"
)
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
    elif isinstance(event, SlaEscalated):
        LATENESS.labels("escalate").observe(event.late_ms / 1000)


async def count(clocks: Clocks) -> None:
    """Set the gauge to what is stored now."""
    RUNNING.set(await clocks.waiting())


def holidays(book: Book, now: datetime) -> None:
    """How long the calendars that are in use can be trusted; there is an alert when that is a few weeks."""
    for name, hours in book.editions[-1].calendars.items():
        if name != ALWAYS.name:
            KNOWN.labels(name).set((hours.known_until - now.date()).days)
