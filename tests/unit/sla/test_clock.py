"""Clocks measured: thresholds in open time, pauses, and nothing that depends on who looks when."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.clock import Bound, ClockState, elapsed, measure, moment, running
from services.sla.cycle import Cycle, Fact, FactType, cycles
from services.sla.policy import CLOCKS
from tests.unit.sla.events import at, book
from tests.unit.sla.test_cycle import FACTS

BOOK = book()


class Mornings:
    """Open from 9 to 10 o'clock UTC on every day; worked out by counting minutes."""

    name, version, known_until = "mornings", "1", date.max

    def is_open(self, at: datetime) -> bool:
        return at.astimezone(UTC).hour == 9

    def between(self, start: datetime, end: datetime) -> timedelta:
        n = sum(self.is_open(start + timedelta(minutes=i)) for i in range(int((end - start).total_seconds() // 60)))
        return timedelta(minutes=n)

    def openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        minutes = (start + timedelta(minutes=i) for i in range(int((end - start).total_seconds() // 60)))
        return ((minute, minute + timedelta(minutes=1)) for minute in minutes if self.is_open(minute))

    def after(self, at: datetime, span: timedelta) -> datetime:
        while span > timedelta():
            span -= timedelta(minutes=self.is_open(at))
            at += timedelta(minutes=1)
        return at


def measured(*steps: tuple[FactType, float], seen: float | None = None, noticed: bool = False) -> dict[str, ClockState]:
    """The latest cycle of each clock after these facts, seen until that minute."""
    facts = [Fact(n, type_, at(minutes), "province") for n, (type_, minutes) in enumerate(steps, 1)]
    found: dict[str, ClockState] = {}
    for cycle in cycles(facts):
        bound = BOOK.bound(BOOK.version, cycle.clock, cycle.about, at(0))
        assert bound is not None
        found[cycle.clock] = measure(cycle, bound, None if seen is None else at(seen), noticed)
    return found


def labels(clock: ClockState) -> list[str]:
    return [r.label for r in clock.reached]


@pytest.mark.parametrize(
    ("seen", "reached", "following"),
    [
        (None, [], ("50%", 5)),
        (4.99, [], ("50%", 5)),
        (5, ["50%"], ("100%", 10)),
        (10, ["50%", "100%"], ("+5m", 15)),
        (19, ["50%", "100%", "+5m"], ("+10m", 20)),
        (20, ["50%", "100%", "+5m", "+10m"], None),
    ],
)
def test_thresholds_are_reached_when_somebody_has_looked(
    seen: float | None, reached: list[str], following: tuple[str, float] | None
) -> None:
    clock = measured(("opened", 0), seen=seen)["first_response"]
    assert labels(clock) == reached
    assert (clock.warned, clock.breached) == ("50%" in reached, "100%" in reached)
    assert (clock.next_threshold, clock.next_at) == ((following[0], at(following[1])) if following else (None, None))
    assert [r.at for r in clock.reached] == [at(m) for m in (5, 10, 15, 20)][: len(reached)]


def test_who_has_taken_note_is_woken_only_for_the_deadline() -> None:
    clock = measured(("opened", 0), seen=3, noticed=True)["first_response"]
    assert (clock.next_threshold, clock.next_at) == ("100%", at(10))
    assert measured(("opened", 0), seen=11, noticed=True)["first_response"].next_at is None


def test_a_late_answer_is_breached_though_nobody_looked() -> None:
    clock = measured(("opened", 0), ("responded", 12))["first_response"]
    assert (clock.state, clock.breached, clock.next_at) == ("met", True, None)


@pytest.mark.parametrize(
    ("steps", "state", "due"),
    [
        ([], "running", 60),
        ([("waiting", 10)], "paused", 60),
        ([("waiting", 10), ("resumed", 25)], "running", 75),
        ([("escalated", 10), ("resumed", 25)], "running", 75),
        ([("escalated", 10), ("waiting", 15), ("resumed", 20), ("waiting", 30), ("responded", 35)], "running", 75),
        ([("waiting", 10), ("resolved", 100)], "met", 150),
        ([("waiting", 10), ("resumed", 8)], "running", 60),
        ([("resolved", 5), ("reopened", 90)], "running", 150),
    ],
)
def test_a_pause_does_not_count(steps: list[tuple[FactType, float]], state: str, due: float) -> None:
    clock = measured(("opened", 0), *steps)["resolution"]
    assert (clock.state, clock.due_at, clock.breached) == (state, at(due), False)


def test_only_open_time_counts() -> None:
    begun = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    facts = [Fact(1, "opened", begun), Fact(2, "waiting", begun.replace(hour=9, minute=40), "requester"),
             Fact(3, "resumed", begun.replace(day=23, hour=9, minute=50))]  # fmt: skip
    resolution = cycles(facts)[1]
    hours = Mornings()
    assert moment(running(resolution), timedelta(minutes=30), hours) == begun.replace(day=24, hour=9, minute=10)
    assert elapsed(running(resolution), begun.replace(day=24, hour=8), hours) == timedelta(minutes=20)
    steps = BOOK.bound(BOOK.version, "resolution", resolution.about, begun)
    assert steps is not None
    clock = measure(resolution, Bound("b", "p", timedelta(minutes=30), steps.steps, hours), None, False)
    assert (clock.calendar, clock.due_at) == ("mornings@1", begun.replace(day=24, hour=9, minute=10))


STEPS = st.lists(st.tuples(FACTS, st.integers(0, 200)), max_size=12)


@given(STEPS, st.integers(0, 300), st.integers(0, 300))
def test_looking_later_reaches_no_less_and_changes_no_moment(
    steps: list[tuple[FactType, float]], first: int, second: int
) -> None:
    early, late = (measured(("opened", 0), *steps, seen=m) for m in sorted((first, second)))
    for clock in CLOCKS:
        if clock in early:
            a, b = early[clock], late[clock]
            assert a.reached == b.reached[: len(a.reached)]
            assert (a.due_at, a.segments, a.state) == (b.due_at, b.segments, b.state)


@given(STEPS)
def test_what_was_counted_at_the_deadline_is_what_was_promised(steps: list[tuple[FactType, float]]) -> None:
    facts = [Fact(n, type_, at(minutes), "province") for n, (type_, minutes) in enumerate([("opened", 0), *steps], 1)]
    for cycle in cycles(facts):
        bound = BOOK.bound(BOOK.version, cycle.clock, cycle.about, at(0))
        assert bound is not None
        due = moment(running(cycle), bound.within, bound.hours)
        if cycle.segments[-1].running and (cycle.ended_at is None or due <= cycle.ended_at):
            assert _counted(cycle, due) == bound.within


def _counted(cycle: Cycle, until: datetime) -> timedelta:
    """Minute by minute, by asking each segment."""
    ends = [*(s.since for s in cycle.segments[1:]), datetime.max.replace(tzinfo=UTC)]
    return sum(
        (max(timedelta(), min(end, until) - s.since) for s, end in zip(cycle.segments, ends, strict=True) if s.running),
        timedelta(),
    )
