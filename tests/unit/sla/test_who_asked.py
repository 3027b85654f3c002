"""sla keeps who asked a case beside whom it is about: in any order of events, and changed only by who knows better."""

from itertools import permutations

import pytest

from chassis.rows import sees_case
from chassis.token import Principal
from contracts.case import CaseOpened
from contracts.directory import CaseIdentified
from services.sla.contracts import Contracts
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from tests.chassis.folding import Folder
from tests.unit.sla.events import FACTS, book, event

A, B = "H62010000001", "H62020000002"
FACTS[CaseIdentified] = {"contact": "zhang"}


@pytest.mark.parametrize("first", [None, B])
def test_the_last_that_was_identified_asked_it_in_any_order(first: str | None) -> None:
    opened = event(CaseOpened, 1, 0, institution_code=B, asked_from=first)
    named = event(CaseIdentified, 2, 1, institution_code=B, asked_from=A)
    unnamed = event(CaseIdentified, 3, 2, institution_code=B)
    for told in permutations((opened, named, unnamed)):
        folder: Folder[CaseClocks] = Folder(SlaFold(book(), Contracts()), lambda _, m: m.body.case_id)  # type: ignore[attr-defined]
        folder.hear(*told)
        [case] = folder.states.values()
        assert (case.asked_from, case.institution) == (A, B)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (Principal("a", "hospital", institutions=(A,)), True), (Principal("b", "hospital", institutions=(B,)), False),
        (Principal("c", "officer", districts=("6201",)), True), (Principal("d", "officer", districts=("6202",)), True),
        (Principal("e", "officer", districts=("6203",)), False), (Principal("f", "officer"), True),
        (Principal("g", "engineer"), True), (Principal("h", "hospital"), False),
    ],
)  # fmt: skip
def test_a_case_about_another_is_seen_by_who_asked_it_and_by_the_officers_of_both(who: Principal, seen: bool) -> None:
    assert sees_case(who, A, B) is seen
    assert not sees_case(Principal("x", "hospital", institutions=(A,)), None, A)
