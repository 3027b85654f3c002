"""Clocks as arithmetic: promises, pauses, cycles, thresholds."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.sla.clock import ClockState, Fact, FactType, clocks
from services.sla.policy import Policy, Promise
from tests.unit.sla.events import POLICY, at


def run(*facts: tuple[FactType, float], seen: float | None = None) -> dict[str, list[ClockState]]:
    """The cycles of each clock after these facts, seen until that minute."""
    made = [Fact(n, type_, at(minutes), "province") for n, (type_, minutes) in enumerate(facts, 1)]
    found: dict[str, list[ClockState]] = {"first_response": [], "resolution": []}
    for state in clocks(POLICY, made, None if seen is None else at(seen)):
        found[state.clock].append(state)
    return found


def test_a_case_starts_both_clocks_with_their_promises() -> None:
    [first], [resolution] = run(("opened", 0)).values()
    assert (first.warn_at, first.due_at, first.state, first.cycle) == (at(5), at(10), "running", 1)
    assert (resolution.warn_at, resolution.due_at) == (at(45), at(60))
    assert first.next_threshold == ("warn", at(5))


def test_a_policy_without_a_promise_has_no_clock() -> None:
    only = Policy("p", first_response=Promise(5, 0.6))
    [state] = clocks(only, [Fact(1, "opened", at(0))], None)
    assert (state.clock, state.warn_at, state.due_at) == (
        "first_response",
        at(0) + timedelta(seconds=3),
        at(0) + timedelta(seconds=5),
    )


def test_a_response_meets_the_first_promise_only_and_a_solution_the_second() -> None:
    [first], [resolution] = run(("opened", 0), ("responded", 3)).values()
    assert (first.state, first.ended_at, first.breached, resolution.state) == ("met", at(3), False, "running")
    [first], [resolution] = run(("opened", 0), ("resolved", 3)).values()
    assert (first.state, resolution.state) == ("running", "met")


def test_closing_stops_what_still_runs() -> None:
    [first], [resolution] = run(("opened", 0), ("responded", 3), ("closed", 20)).values()
    assert (first.state, resolution.state, resolution.ended_at) == ("met", "stopped", at(20))


def test_waiting_pauses_the_resolution_and_the_pause_is_added_to_its_deadline() -> None:
    [first], [resolution] = run(("opened", 0), ("waiting", 10)).values()
    assert (first.state, resolution.state, resolution.paused_at) == ("running", "paused", at(10))
    assert (resolution.reason, resolution.next_threshold) == ("province", None)
    [resolution] = run(("opened", 0), ("waiting", 10), ("message_added", 25))["resolution"]
    assert (resolution.state, resolution.warn_at, resolution.due_at) == ("running", at(60), at(75))


def test_a_step_that_takes_the_case_up_again_ends_the_pause() -> None:
    [resolution] = run(("opened", 0), ("escalated", 10), ("resumed", 25))["resolution"]
    assert (resolution.state, resolution.due_at) == ("running", at(75))


def test_a_pause_within_a_pause_is_one_and_pauses_add_up() -> None:
    facts: list[tuple[FactType, float]] = [("opened", 0), ("escalated", 10), ("waiting", 15), ("responded", 20)]
    [resolution] = run(*facts)["resolution"]
    assert resolution.due_at == at(70)
    [resolution] = run(*facts, ("waiting", 30), ("assigned", 35), ("resolved", 74))["resolution"]
    assert (resolution.due_at, resolution.state, resolution.breached) == (at(75), "met", False)


def test_a_solution_out_of_a_pause_counts_the_pause() -> None:
    [resolution] = run(("opened", 0), ("waiting", 10), ("resolved", 100))["resolution"]
    assert (resolution.state, resolution.due_at, resolution.breached) == ("met", at(150), False)


def test_a_pause_that_ends_before_it_began_is_no_gain() -> None:
    [resolution] = run(("opened", 0), ("waiting", 10), ("message_added", 8))["resolution"]
    assert resolution.due_at == at(60)


def test_thresholds_are_reached_when_somebody_has_looked() -> None:
    for seen, warned, breached in ((None, False, False), (4.9, False, False), (5, True, False), (10, True, True)):
        [first] = run(("opened", 0), seen=seen)["first_response"]
        assert (first.warned, first.breached) == (warned, breached)
    assert first.next_threshold is None
    [first] = run(("opened", 0), seen=7)["first_response"]
    assert first.next_threshold == ("breach", at(10))


def test_a_late_answer_is_breached_though_nobody_looked() -> None:
    [first] = run(("opened", 0), ("responded", 12))["first_response"]
    assert (first.state, first.warned, first.breached) == ("met", True, True)


def test_reopening_starts_another_cycle_of_every_clock_that_ended() -> None:
    cycles = run(("opened", 0), ("responded", 3), ("resolved", 20), ("reopened", 90))
    assert [(c.cycle, c.state) for c in cycles["first_response"]] == [(1, "met"), (2, "running")]
    assert [(c.cycle, c.due_at) for c in cycles["resolution"]] == [(1, at(60)), (2, at(150))]
    cycles = run(("opened", 0), ("resolved", 2), ("reopened", 4))
    assert [(c.cycle, c.due_at) for c in cycles["first_response"]] == [(1, at(10))], "still the first promise"


_FACTS = st.sampled_from(
    ["opened", "message_added", "assigned", "responded", "waiting", "escalated", "resolved", "closed", "reopened"]
)


@given(st.lists(st.tuples(_FACTS, st.integers(0, 200)), max_size=12), st.integers(0, 300))
def test_whatever_happens_a_clock_never_promises_less_and_at_most_its_last_cycle_is_open(
    facts: list[tuple[FactType, float]], seen: int
) -> None:
    for clock, cycles in run(*facts, seen=seen).items():
        promise = POLICY.promises[clock]  # type: ignore[index]
        assert [c.cycle for c in cycles] == list(range(1, len(cycles) + 1))
        assert all(c.ended_at is not None for c in cycles[:-1])
        for c in cycles:
            assert c.due_at - c.started_at >= promise.within
            assert c.due_at - c.warn_at == promise.within - promise.until_warning
            assert c.warned or not c.breached
