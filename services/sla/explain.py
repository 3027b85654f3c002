"""How every second of a clock was counted: the account that `yibao sla explain` prints and the API serves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from services.sla.book import Book
from services.sla.clock import ClockState
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


class Account(msgspec.Struct, frozen=True):
    """One cycle. The spans' wall time is the cycle's; what they counted is what the promise is measured by."""

    clock: ClockState
    spans: tuple[Span, ...]
    wall_s: float
    counted_s: float
    left_s: float


def accounts(case: CaseClocks, book: Book, now: datetime) -> Iterator[Account]:
    """An account of each clock, until its end or `now`."""
    for clock in case.clocks:
        spans = tuple(_spans(clock, book, clock.ended_at or max(now, clock.segments[-1].since)))
        counted = sum(span.counted_s for span in spans)
        wall = sum(span.wall_s for span in spans)
        yield Account(clock, spans, wall, counted, clock.within_s - counted)


def _spans(clock: ClockState, book: Book, end: datetime) -> Iterator[Span]:
    name, _, version = clock.calendar.rpartition("@")
    hours = book.hours(name, version)
    ends = (*(segment.since for segment in clock.segments[1:]), end)
    for segment, until in zip(clock.segments, ends, strict=True):
        openings = tuple(hours.openings(segment.since, until)) if segment.running else ()
        counted = sum((closes - opens for opens, closes in openings), timedelta())
        yield Span(
            segment.since, until, segment.running, segment.owes, segment.reason,
            (until - segment.since).total_seconds(), counted.total_seconds(),
            openings,
        )  # fmt: skip
