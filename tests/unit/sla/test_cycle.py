"""Cycles as bookkeeping: what starts a clock, what ends it, what pauses it, and where every second goes."""

import itertools
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sla import Clock
from services.sla.cycle import Cycle, Fact, FactType, cycles
from services.sla.policy import CLOCKS, About
from tests.unit.sla.events import at

Step = tuple[FactType, float]


def run(*facts: Step) -> dict[Clock, list[Cycle]]:
    """The cycles of each clock after these facts, each at its minute."""
    made = [Fact(n, type_, at(minutes), "province", "等回复") for n, (type_, minutes) in enumerate(facts, 1)]
    found: dict[Clock, list[Cycle]] = {clock: [] for clock in CLOCKS}
    for cycle in cycles(made):
        found[cycle.clock].append(cycle)
    return found


def ends(found: list[Cycle]) -> list[str]:
    return ["open" if c.ended_at is None else "met" if c.met else "stopped" for c in found]


@pytest.mark.parametrize(
    ("clock", "steps", "ended"),
    [
        ("first_response", ["responded"], ["met"]),
        ("first_response", ["assigned", "waiting", "escalated", "categorised"], ["open"]),
        ("first_response", ["resolved"], ["open"]),
        ("first_response", ["resolved", "closed"], ["stopped"]),
        ("first_response", ["responded", "reopened"], ["met"]),
        ("next_response", ["message_added"], []),
        ("next_response", ["responded", "message_added"], ["open"]),
        ("next_response", ["responded", "message_added", "message_added"], ["open"]),
        ("next_response", ["responded", "message_added", "responded", "message_added"], ["met", "open"]),
        ("next_response", ["responded", "message_added", "resolved"], ["stopped"]),
        ("next_response", ["responded", "resolved", "reopened", "responded"], ["met"]),
        ("chase", ["escalated"], ["open"]),
        ("chase", ["escalated", "chased", "chased"], ["met", "met", "open"]),
        ("chase", ["escalated", "resumed"], ["stopped"]),
        ("chase", ["escalated", "responded", "message_added"], ["open"]),
        ("chase", ["escalated", "closed"], ["stopped"]),
        ("resolution", ["responded", "resolved"], ["met"]),
        ("resolution", ["closed"], ["stopped"]),
        ("resolution", ["resolved", "reopened"], ["met", "open"]),
    ],
)
def test_what_starts_and_ends_a_clock(clock: Clock, steps: list[FactType], ended: list[str]) -> None:
    found = run(("opened", 0), *((step, minute) for minute, step in enumerate(steps, 1)))
    assert ends(found[clock]) == ended


def test_waiting_pauses_the_resolution_and_says_who_owes_the_next_step_and_why() -> None:
    [resolution] = run(("opened", 0), ("waiting", 10), ("responded", 25))["resolution"]
    assert [(s.since, s.running, s.owes, s.reason) for s in resolution.segments] == [
        (at(0), True, "desk", ""), (at(10), False, "province", "等回复"), (at(25), True, "desk", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pause", "owes", "then", "runs"),
    [
        ("waiting", "requester", "message_added", True),
        ("waiting", "requester", "responded", True),
        ("waiting", "requester", "assigned", False),
        ("waiting", "province", "message_added", False),
        ("waiting", "province", "responded", True),
        ("waiting", "vendor", "resumed", True),
        ("escalated", "province", "message_added", False),
        ("escalated", "province", "responded", False),
        ("escalated", "province", "assigned", False),
        ("escalated", "province", "chased", False),
        ("escalated", "province", "resumed", True),
        ("escalated", "vendor", "reopened", True),
    ],
)
def test_only_what_takes_the_case_up_again_ends_a_pause(pause: FactType, owes: str, then: FactType, runs: bool) -> None:
    facts = [Fact(1, "opened", at(0)), Fact(2, pause, at(5), owes), Fact(3, then, at(7), "wang")]
    [resolution] = [cycle for cycle in cycles(facts) if cycle.clock == "resolution"]
    assert resolution.segments[-1].running is runs


@pytest.mark.parametrize("clock", ["first_response", "next_response", "chase"])
def test_no_status_pauses_the_clock_of_an_answer(clock: Clock) -> None:
    found = run(("opened", 0), ("responded", 1), ("message_added", 2), ("escalated", 3), ("waiting", 4))
    assert all(len(cycle.segments) == 1 for cycle in found[clock])


def test_a_pause_within_a_pause_for_the_same_is_one() -> None:
    [resolution] = run(("opened", 0), ("escalated", 10), ("waiting", 15), ("resumed", 20))["resolution"]
    assert [s.since for s in resolution.segments] == [at(0), at(10), at(20)]


def test_a_cycle_knows_what_was_known_of_the_case_until_it_ended() -> None:
    facts = [
        Fact(1, "opened", at(0), about=About(category="业务咨询", priority="normal", channel="qq")),
        Fact(2, "categorised", at(1), about=About(priority="urgent")),
        Fact(3, "responded", at(2)),
        Fact(4, "categorised", at(3), about=About(priority="low")),
    ]
    first, resolution = cycles(facts)
    assert first.about == About(category="业务咨询", priority="urgent", channel="qq")
    assert resolution.about == About(category="业务咨询", priority="low", channel="qq")


FACTS: st.SearchStrategy[FactType] = st.sampled_from(get_args(FactType))


@given(st.lists(st.tuples(FACTS, st.integers(0, 200)), max_size=14))
def test_segments_are_the_wall_time_of_their_cycle_and_only_the_last_cycle_is_open(facts: list[Step]) -> None:
    for found in run(*facts).values():
        assert [c.number for c in found] == list(range(1, len(found) + 1))
        assert all(c.ended_at is not None for c in found[:-1])
        for c in found:
            until = c.ended_at or c.segments[-1].since
            times = [*(s.since for s in c.segments), until]
            spans = [b - a for a, b in itertools.pairwise(times)]
            assert all(span >= timedelta() for span in spans)
            assert sum(spans, timedelta()) == until - c.started_at
            assert c.segments[0].running
            assert all(
                a.running != b.running or a.owes != b.owes for a, b in zip(c.segments, c.segments[1:], strict=False)
            )
