"""How every second of a clock was counted: the account that `yibao sla explain` prints and the API serves."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from contracts.sla import Clock
from services.sla.book import Book
from services.sla.clock import ClockState
from services.sla.cycle import lasting
from services.sla.model import CaseClocks


class Span(msgspec.Struct, frozen=True):
    """A segment: `wall_s` seconds passed; the clock counted `counted_s` of them, the open time of `openings`."""

    since: datetime
    until: datetime
    running: bool
    owes: str
    reason: str
    wall_s: float
    counted_s: float
    openings: tuple[tuple[datetime, datetime], ...]


class _Event(msgspec.Struct):
    """What is read of an event about a clock."""

    type: str
    clock: Clock
    cycle: int
    recorded_at: datetime
    due_at: datetime
    threshold: str = ""
    due_before: datetime | None = None


_event = msgspec.json.Decoder(_Event)


class Said(msgspec.Struct, frozen=True):
    """What was said about a clock, and when; `due_before` where another promise came to hold."""

    type: str
    at: datetime
    due_at: datetime
    threshold: str = ""
    due_before: datetime | None = None


class Account(msgspec.Struct, frozen=True):
    """One cycle. The spans' wall time is the cycle's; what they counted is what the promise is measured by.

    `said` stays as it was said: a breach is still there when a later promise would have been kept.
    """

    clock: ClockState
    spans: tuple[Span, ...]
    wall_s: float
    counted_s: float
    left_s: float
    said: tuple[Said, ...] = ()


def accounts(case: CaseClocks, book: Book, now: datetime, history: Sequence[str] = ()) -> Iterator[Account]:
    """An account of each clock, until its end or `now`; `history` are the events that the case's clocks said."""
    said = [_event.decode(text) for text in history]
    for clock in case.clocks:
        spans = tuple(_spans(clock, book, clock.ended_at or max(now, clock.segments[-1].since)))
        counted = sum(span.counted_s for span in spans)
        wall = sum(span.wall_s for span in spans)
        about = tuple(
            Said(e.type, e.recorded_at, e.due_at, e.threshold, e.due_before)
            for e in said
            if (e.clock, e.cycle) == (clock.clock, clock.cycle)
        )
        yield Account(clock, spans, wall, counted, clock.within_s - counted, about)


def _spans(clock: ClockState, book: Book, end: datetime) -> Iterator[Span]:
    name, _, version = clock.calendar.rpartition("@")
    hours = book.hours(name, version)
    for segment, until in lasting(clock.segments, end):
        openings = tuple(hours.openings(segment.since, until)) if segment.running else ()
        counted = sum((closes - opens for opens, closes in openings), timedelta())
        yield Span(
            segment.since, until, segment.running, segment.owes, segment.reason,
            (until - segment.since).total_seconds(), counted.total_seconds(),
            openings,
        )  # fmt: skip
