"""Clocks (时限): a cycle measured by a promise, in the open time of a calendar.

A threshold is reached when enough open time has been counted, whoever looks when: `seen_at` is only until when
somebody has looked at a clock that still runs. A timer makes us look.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

import msgspec

from contracts.sla import Clock, Target
from services.sla.cycle import Cycle, Segment
from services.sla.threshold import DUE, Threshold

_NONE = timedelta()
_Span = tuple[datetime, datetime | None]


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
    def is_open(self, at: datetime) -> bool: ...


class Bound(NamedTuple):
    """The promise that holds for a cycle: `book` is the version of all policies and calendars, `due` the index of the
    step that is the deadline."""

    book: str
    policy: str
    within: timedelta
    steps: tuple[Threshold, ...]
    hours: Hours

    @property
    def due(self) -> int:
        return next(i for i, step in enumerate(self.steps) if step.label == DUE)


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
    hours, running = bound.hours, _running(cycle)
    moments = [_moment(running, step.after(bound.within), hours) for step in bound.steps]
    counted = _elapsed(running, seen_at, hours)
    passed = sum(counted >= step.after(bound.within) for step in bound.steps)
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
        f"{hours.name}@{hours.version}",
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


def elapsed(cycle: Cycle, until: datetime, hours: Hours) -> timedelta:
    """The open time that the cycle has counted by `until`; pauses and what came before them are known without it."""
    return _elapsed(_running(cycle), until, hours)


def moment(cycle: Cycle, target: timedelta, hours: Hours) -> datetime:
    """When the cycle has counted, or will have if nothing else happens, `target` of open time."""
    return _moment(_running(cycle), target, hours)


def _elapsed(running: Sequence[_Span], until: datetime | None, hours: Hours) -> timedelta:
    counted = _NONE
    for since, end in running:
        if (last := end or until) is not None:
            counted += hours.between(since, last)
    return counted


def _moment(running: Sequence[_Span], target: timedelta, hours: Hours) -> datetime:
    *ended, (since, _) = running
    for begun, end in ended:
        assert end is not None
        counted = hours.between(begun, end)
        if counted >= target:
            return hours.after(begun, target)
        target -= counted
    return hours.after(since, target)


def _running(cycle: Cycle) -> list[_Span]:
    """The segments that count, each with its end; None where it still runs."""
    ends = (*(segment.since for segment in cycle.segments[1:]), cycle.ended_at)
    return [(s.since, end) for s, end in zip(cycle.segments, ends, strict=True) if s.running]
