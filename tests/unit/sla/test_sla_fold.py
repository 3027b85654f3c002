"""The fold of sla: facts and hints in any order give the same clocks; each change is said once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseEvent,
    CaseMessageAdded,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseWaiting,
)
from contracts.casework import CaseCategorised, CaseChased, CaseResumed
from contracts.envelope import Contract
from contracts.sla import ClockEvent, SlaBreached, SlaMet, SlaStarted, SlaWarned
from services.sla.book import Edition
from services.sla.contracts import Contracts
from services.sla.fold import SlaFold, timers
from services.sla.model import CaseClocks
from tests.chassis.folding import Folder, shuffled, well_said
from tests.unit.sla.events import CASE, at, book, due, event, story


def clocks(*editions: Edition) -> Folder[CaseClocks]:
    return Folder(SlaFold(book(*editions), Contracts()), lambda _, message: message.body.case_id)  # type: ignore[attr-defined]


def said(folder: Folder[CaseClocks]) -> list[str]:
    return [f"{e.type} {e.clock} {e.cycle}" for e in folder.said if isinstance(e, ClockEvent)]


@st.composite
def lives(draw: st.DrawFn) -> list[CaseEvent]:
    """A case from its opening, whatever happens to it, in the order in which it happened."""
    steps: st.SearchStrategy[type[CaseEvent]] = st.sampled_from(
        [CaseMessageAdded, CaseAssigned, CaseResponded, CaseWaiting, CaseEscalated, CaseResolved, CaseClosed,
         CaseReopened, CaseResumed, CaseChased, CaseCategorised]
    )  # fmt: skip
    happened = draw(st.lists(st.tuples(steps, st.integers(0, 200)), max_size=8))
    return story(*sorted(happened, key=lambda step: step[1]))


@given(st.data())
def test_any_order_of_the_events_with_hints_between_ends_in_equal_clocks(data: st.DataObject) -> None:
    life = data.draw(lives())
    hints = [due(5), due(10), due(45, "resolution"), due(60, "resolution")]
    straight, crooked = clocks(), clocks()
    straight.hear(*life)
    dealt: list[Contract] = data.draw(shuffled([*life, *hints[: data.draw(st.integers(0, 4))]]))
    for body in dealt:
        crooked.hear(body, now=at(1))  # a hint brings its own time
    for folder in (straight, crooked):
        folder.hear(due(1000), due(1001, "resolution"), now=at(1000))
    [a], [b] = straight.states.values(), crooked.states.values()
    assert (a.clocks, a.facts, a.assignee, a.book, a.next_at) == (b.clocks, b.facts, b.assignee, b.book, b.next_at)
    for folder in (straight, crooked):
        well_said(folder.said, lambda e: CASE, gaps=True)


def test_a_case_s_life_is_said_step_by_step() -> None:
    folder = clocks()
    folder.hear(*story((CaseResponded, 3), (CaseWaiting, 10), (CaseMessageAdded, 20), (CaseResolved, 30)))
    folder.hear(event(CaseReopened, 6, 40), event(CaseClosed, 7, 41))
    assert said(folder) == [
        "sla.started first_response 1", "sla.started resolution 1", "sla.met first_response 1",
        "sla.paused resolution 1", "sla.started next_response 1", "sla.resumed resolution 1",
        "sla.stopped next_response 1", "sla.met resolution 1",
        "sla.started next_response 2", "sla.started resolution 2",
        "sla.stopped next_response 2", "sla.stopped resolution 2",
    ]  # fmt: skip


def test_a_late_response_is_breached_and_met_but_not_in_time() -> None:
    folder = clocks()
    folder.hear(*story((CaseResponded, 12)), now=at(12))
    assert said(folder)[2:] == ["sla.breached first_response 1", "sla.met first_response 1"]
    [breached] = [e for e in folder.said if isinstance(e, SlaBreached)]
    [met] = [e for e in folder.said if isinstance(e, SlaMet)]
    assert (breached.late_ms, met.in_time) == (120_000, False)


def test_hints_warn_and_breach_once_each_and_tell_the_assignee() -> None:
    folder = clocks()
    folder.hear(*story((CaseAssigned, 1)))
    for minutes in (5.0, 5.0, 10.0, 11.0):
        folder.hear(due(minutes), now=at(minutes + 0.01))
    assert said(folder)[2:] == ["sla.warned first_response 1", "sla.breached first_response 1"]
    warned = folder.said[2]
    assert isinstance(warned, SlaWarned)
    assert (warned.assignee, warned.late_ms, warned.due_at) == ("wang", 600, at(10))


@pytest.mark.parametrize("minutes", [0.0, 4.99])
def test_a_hint_that_comes_too_early_is_ignored_and_may_come_again(minutes: float) -> None:
    folder = clocks()
    folder.hear(*story())
    before = folder.states[CASE]
    assert folder.hear(due(minutes), now=at(minutes)) == []
    assert folder.states[CASE] is before
    assert len(folder.hear(due(minutes), now=at(5))) == 1


@pytest.mark.parametrize("over", [CaseResponded, CaseClosed])
def test_a_hint_for_a_clock_that_has_ended_says_nothing(over: type[CaseEvent]) -> None:
    folder = clocks()
    folder.hear(*story((over, 2)))
    assert folder.hear(due(5), now=at(6)) == []


def test_hints_and_events_of_an_unknown_case_wait_for_its_opening() -> None:
    folder = clocks()
    opened, responded = story((CaseResponded, 3))
    assert folder.hear(due(5), responded, now=at(6)) == []
    folder.hear(opened, now=at(6))
    assert said(folder) == ["sla.started first_response 1", "sla.met first_response 1", "sla.started resolution 1"]


def test_an_institution_s_own_policy_comes_first() -> None:
    folder = clocks()
    folder.hear(*[event(type(e), e.version, 0, institution_code="P62019900001") for e in story()])
    [started] = folder.said
    assert isinstance(started, SlaStarted)
    assert (started.policy, started.clock, started.due_at, started.institution_code) == (
        "演练", "first_response", at(1), "P62019900001",
    )  # fmt: skip


def test_there_is_one_timer_per_running_clock_for_its_next_threshold() -> None:
    folder = clocks()
    folder.hear(*story())
    armed = [(t.service, t.key, t.at) for t in timers(folder.states[CASE])]
    assert armed == [("sla", f"{CASE}.first_response.1.50%", at(5)), ("sla", f"{CASE}.resolution.1.75%", at(45))]
    folder.hear(due(5), event(CaseWaiting, 2, 6), now=at(6))
    assert [(t.key, t.at) for t in timers(folder.states[CASE])] == [(f"{CASE}.first_response.1.100%", at(10))]
    assert folder.states[CASE].next_at == at(10)
