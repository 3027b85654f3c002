"""Clocks (时限): a cycle measured by a promise, in the open time of a calendar.

A threshold is reached when enough open time has been counted, whoever looks when: `seen_at` is only until when
somebody has looked at a clock that still runs. A timer makes us look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, Protocol

import msgspec

from contracts.sla import Clock, Target
from services.sla.cycle import Cycle, Segment, lasting
from services.sla.threshold import DUE, Threshold

_NONE = timedelta()
Span = tuple[datetime, datetime | None]
"""Since when and until when; None where it still runs."""


class Hours(Protocol):
    """The open time of one version of a calendar."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def known_until(self) -> date: ...
    def after(self, at: datetime, span: timedelta) -> datetime: ...
    def between(self, start: datetime, end: datetime) -> timedelta: ...
    def openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]: ...
    def is_open(self, at: datetime) -> bool: ...


@dataclass(frozen=True)
class Bound:
    """The promise that holds for a cycle: `book` is the version of all policies and calendars."""

    book: str
    policy: str
    within: timedelta
    steps: tuple[Threshold, ...]
    hours: Hours

    @cached_property
    def due(self) -> int:
        """The index of the step that is the deadline."""
        return next(i for i, step in enumerate(self.steps) if step.label == DUE)

    @cached_property
    def spans(self) -> tuple[timedelta, ...]:
        """The open time until each step."""
        return tuple(step.after(self.within) for step in self.steps)

    @cached_property
    def calendar(self) -> str:
        return f"{self.hours.name}@{self.hours.version}"


class Reached(msgspec.Struct, frozen=True, omit_defaults=True):
    """A threshold that was reached, and when."""

    label: str
    at: datetime
    tell: tuple[Target, ...] = ()


class ClockState(msgspec.Struct, frozen=True):
    """One cycle of one clock. `state` is what it does; `reached` are the thresholds that it has passed.

    `warn_at` is its first threshold, `next_at` the next one that somebody has to be woken for. `due_at` of a clock that
    is paused is what it would be without the pause.
    """

    clock: Clock
    cycle: int
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    policy: str
    book: str
    calendar: str
    within_s: float
    segments: tuple[Segment, ...]
    state: Literal["running", "paused", "met", "stopped"] = "running"
    ended_at: datetime | None = None
    reached: tuple[Reached, ...] = ()
    warned: bool = False
    breached: bool = False
    acknowledged: bool = False
    next_threshold: str | None = None
    next_at: datetime | None = None


def measure(cycle: Cycle, bound: Bound, seen_at: datetime | None, acknowledged: bool) -> ClockState:
    """The cycle by its promise. Who has acknowledged it is woken no more, except that the deadline has passed."""
    counting = running(cycle)
    moments = [moment(counting, span, bound.hours) for span in bound.spans]
    counted = elapsed(counting, seen_at, bound.hours)
    passed = sum(counted >= span for span in bound.spans)
    goes_on = cycle.ended_at is None and cycle.segments[-1].running
    following = _next(bound.steps, passed, acknowledged) if goes_on else None
    return ClockState(
        cycle.clock,
        cycle.number,
        cycle.started_at,
        moments[0],
        moments[bound.due],
        bound.policy,
        bound.book,
        bound.calendar,
        bound.within.total_seconds(),
        cycle.segments,
        _state(cycle),
        cycle.ended_at,
        tuple(Reached(step.label, at, step.tell) for step, at in zip(bound.steps[:passed], moments, strict=False)),
        passed > 0,
        passed > bound.due,
        acknowledged,
        None if following is None else bound.steps[following].label,
        None if following is None else moments[following],
    )


def _state(cycle: Cycle) -> Literal["running", "paused", "met", "stopped"]:
    if cycle.ended_at is not None:
        return "met" if cycle.met else "stopped"
    return "running" if cycle.segments[-1].running else "paused"


def _next(steps: Sequence[Threshold], passed: int, acknowledged: bool) -> int | None:
    left = range(passed, len(steps))
    return next((i for i in left if not acknowledged or steps[i].label == DUE), None)


def running(cycle: Cycle) -> list[Span]:
    """The segments that count."""
    return [(s.since, end) for s, end in lasting(cycle.segments, cycle.ended_at) if s.running]


def elapsed(spans: Sequence[Span], until: datetime | None, hours: Hours) -> timedelta:
    """The open time that has been counted by `until`; of spans that have ended all, whatever `until` says."""
    counted = _NONE
    for since, end in spans:
        if (last := end or until) is not None:
            counted += hours.between(since, last)
    return counted


def moment(spans: Sequence[Span], target: timedelta, hours: Hours) -> datetime:
    """When `target` of open time has been counted, or will have been if nothing else happens."""
    *ended, (since, _) = spans
    for begun, end in ended:
        assert end is not None
        counted = hours.between(begun, end)
        if counted >= target:
            return hours.after(begun, target)
        target -= counted
    return hours.after(since, target)
