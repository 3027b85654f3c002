"""Promises that change: another policy, another calendar, another view of the case; and people who take note."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts.case import CaseResponded, CaseWaiting
from contracts.casework import CaseCategorised
from contracts.envelope import Actor, derive_id
from contracts.sla import AcknowledgeClock, RebindClocks, SlaBreached, SlaRebound
from services.sla.book import Book, Edition
from services.sla.contracts import Contracts
from services.sla.fold import Behind, SlaFold
from services.sla.model import CaseClocks
from tests.chassis.folding import Folder
from tests.unit.sla.events import CASE, STANDARD, TOLD, at, book, due, edition, event, story

WANG = Actor(kind="staff", id="wang")
FASTER: dict[str, Any] = {**STANDARD, "first_response": {"within": "4m", "thresholds": TOLD}}
URGENT: dict[str, Any] = {
    "name": "紧急", "when": {"priorities": ["urgent"]}, "first_response": {"within": "2m", "thresholds": TOLD},
}  # fmt: skip


def desk(book_: Book, contracts: Contracts | None = None) -> Folder[CaseClocks]:
    return Folder(SlaFold(book_, contracts or Contracts()), lambda _, message: message.body.case_id)  # type: ignore[attr-defined]


def rebound(version: str, n: int = 0) -> RebindClocks:
    return RebindClocks(id=derive_id("rebind", n), occurred_at=at(0), actor=WANG, case_id=CASE, book=version)


def noticed(clock: str = "first_response", n: int = 0) -> AcknowledgeClock:
    return AcknowledgeClock(id=derive_id("ack", n), occurred_at=at(0), actor=WANG, case_id=CASE, clock=clock)


def changed(folder: Folder[CaseClocks], *editions: Edition) -> Folder[CaseClocks]:
    """The same cases under a book that has these editions."""
    after = desk(book(*editions))
    after.documents = folder.documents
    return after


def test_another_edition_holds_for_what_runs_and_not_for_what_has_ended() -> None:
    before, after = edition(STANDARD), edition(FASTER, since=at(6))
    folder = desk(book(before))
    folder.hear(*story())
    folder = changed(folder, before, after)
    [said] = folder.hear(rebound(after.version), now=at(6))[:1]
    assert isinstance(said, SlaRebound)
    assert (said.clock, said.due_before, said.due_at, said.book) == ("first_response", at(10), at(4), after.version)
    folder.hear(event(CaseResponded, 2, 7), now=at(7))
    assert folder.states[CASE].clocks[0].breached

    folder = desk(book(before))
    folder.hear(*story((CaseResponded, 5)), now=at(5))
    folder = changed(folder, before, after)
    assert folder.hear(rebound(after.version), now=at(6)) == []
    assert not folder.states[CASE].clocks[0].breached


def test_a_case_that_becomes_urgent_has_the_promise_of_urgent_cases() -> None:
    folder = desk(book(edition(URGENT, STANDARD)))
    folder.hear(*story(), now=at(0))
    said = folder.hear(event(CaseCategorised, 2, 1), now=at(1))
    assert [e.type for e in said] == ["sla.rebound", "sla.stopped"]
    [clock] = folder.states[CASE].clocks
    assert (clock.policy, clock.due_at) == ("紧急", at(2))


def test_a_clock_whose_promise_is_taken_back_is_stopped_and_one_that_is_given_starts() -> None:
    only = {k: v for k, v in STANDARD.items() if k in ("name", "resolution")}
    before, after = edition(STANDARD), edition(only, since=at(1))
    folder = desk(book(before))
    folder.hear(*story())
    folder = changed(folder, before, after)
    assert [(e.type, e.clock) for e in folder.hear(rebound(after.version), now=at(1))] == [  # type: ignore[attr-defined]
        ("sla.stopped", "first_response")
    ]
    again = edition(STANDARD, since=at(2))
    folder = changed(folder, before, after, again)
    assert [(e.type, e.clock) for e in folder.hear(rebound(again.version, 1), now=at(2))] == [  # type: ignore[attr-defined]
        ("sla.started", "first_response")
    ]


def test_nobody_s_clocks_are_bound_where_no_case_is_known() -> None:
    folder = desk(book())
    assert folder.hear(rebound("x")) == []
    assert not folder.states or not folder.states[CASE].facts


@given(st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_whenever_the_policy_changes_the_clocks_are_those_of_a_replay(minute: int, answer: int, told: bool) -> None:
    before, after = edition(STANDARD), edition(FASTER, since=at(minute))
    story_ = story((CaseResponded, answer), (CaseWaiting, answer))
    folder = desk(book(before))
    folder.hear(*(e for e in story_ if e.occurred_at <= at(minute)), now=at(minute))
    folder = changed(folder, before, after)
    if told:
        folder.hear(rebound(after.version), now=at(minute))
    folder.hear(*(e for e in story_ if e.occurred_at > at(minute)), due(100), now=at(100))
    folder.hear(rebound(after.version, 1), now=at(100))
    replayed = desk(book(before, after))
    replayed.hear(*story_, due(100), now=at(100))
    [a], [b] = folder.states.values(), replayed.states.values()
    assert [(c.clock, c.due_at, c.reached, c.state) for c in a.clocks] == [
        (c.clock, c.due_at, c.reached, c.state) for c in b.clocks
    ]
    assert SlaFold(book(before, after), Contracts()).told(a) == a


def test_the_chain_of_alarms_tells_more_people_until_somebody_takes_note() -> None:
    folder = desk(book())
    folder.hear(*story(), now=at(0))
    said = [e for minute in (5, 10, 15) for e in folder.hear(due(minute), now=at(minute))]
    assert [(e.type, e.threshold, e.targets) for e in said] == [  # type: ignore[attr-defined]
        ("sla.warned", "50%", ("assignee",)),
        ("sla.breached", "100%", ("assignee", "lead")),
        ("sla.escalated", "+5m", ("remote",)),
    ]
    [taken] = folder.hear(noticed(), now=at(16))
    assert (taken.type, taken.by) == ("sla.acknowledged", "wang")  # type: ignore[attr-defined]
    assert folder.hear(due(20), noticed(n=1), now=at(20)) == []


def test_another_promise_is_no_reason_to_say_that_nobody_took_note() -> None:
    before = edition(STANDARD)
    renamed = {**STANDARD["first_response"], "thresholds": {"80%": ["assignee"], "100%": ["lead"], "+10m": ["contact"]}}
    after = edition({**STANDARD, "first_response": renamed}, since=at(12))
    folder = desk(book(before))
    folder.hear(*story(), due(11), now=at(11))
    folder = changed(folder, before, after)
    assert folder.hear(rebound(after.version), now=at(12)) == []
    [said] = folder.hear(due(20), now=at(20))
    assert (said.type, said.threshold) == ("sla.escalated", "+10m")  # type: ignore[attr-defined]


def test_an_edition_that_is_not_known_yet_is_waited_for() -> None:
    newer = edition(FASTER)
    folder = desk(book(newer))
    folder.hear(*story())
    folder = changed(folder, edition(STANDARD))
    with pytest.raises(Behind):
        folder.hear(event(CaseResponded, 2, 1))
    folder = changed(folder, edition(STANDARD), newer)
    assert folder.hear(event(CaseResponded, 2, 1))


def test_who_took_note_is_not_told_but_the_deadline_is_recorded() -> None:
    folder = desk(book())
    folder.hear(*story(), noticed(), now=at(0))
    [breached] = folder.hear(due(10), now=at(10))
    assert isinstance(breached, SlaBreached) and breached.targets == ()


def test_what_is_not_there_or_over_cannot_be_taken_note_of() -> None:
    folder = desk(book())
    folder.hear(*story((CaseResponded, 1)))
    with pytest.raises(Refused):
        folder.hear(noticed())
    with pytest.raises(NotFound):
        folder.hear(noticed("chase", 1))


def test_of_what_was_missed_only_the_last_is_said_and_the_deadline_always() -> None:
    folder = desk(book())
    folder.hear(*story(), now=at(0))
    assert [(e.type, e.threshold) for e in folder.hear(due(17), now=at(17))] == [  # type: ignore[attr-defined]
        ("sla.breached", "100%"), ("sla.escalated", "+5m"),
    ]  # fmt: skip


def test_a_promise_may_hold_only_while_the_desk_is_open() -> None:
    class Shut:
        name, version, known_until = "shut", "1", date.max

        def is_open(self, at: object) -> bool:
            return False

        def after(self, at: Any, span: timedelta) -> Any:
            return at + span + timedelta(days=1)

        def between(self, start: Any, end: Any) -> timedelta:
            return timedelta()

        def openings(self, start: Any, end: Any) -> Iterator[tuple[Any, Any]]:
            return iter(())

    night = {
        "name": "夜间",
        "when": {"hours": "closed"},
        "calendar": "shut",
        "first_response": {"within": "2h", "calendar": "24x7"},
    }
    folder = desk(book(edition(night, STANDARD, shut=Shut())))
    folder.hear(*story())
    assert (folder.states[CASE].clocks[0].policy, folder.states[CASE].clocks[0].due_at) == ("夜间", at(120))
