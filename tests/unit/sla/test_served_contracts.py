"""Under which contract a case comes: the one in force when it was opened, as far as the directory had told by then."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import CaseOpened
from contracts.directory import CaseIdentified, DirectoryRemoved, DirectorySaved, ServiceContract
from contracts.envelope import SYSTEM, derive_id
from services.sla.contracts import Contracts
from services.sla.cycle import cycles
from services.sla.facts import learned
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from tests.chassis.folding import Folder
from tests.unit.sla.events import BEGINNING, CASE, FACTS, STANDARD, at, book, edition, event

HOSPITAL = "H62010200001"
FACTS[CaseIdentified] = {"contact": "zhang"}


def contract(id_: str = "ht-1", begins: str = "2026-01-01", ends: str = "2026-12-31", **more: Any) -> ServiceContract:
    facts = {"id": id_, "name": "合同", "institution_codes": (HOSPITAL,), "begins": begins, "ends": ends, **more}
    return ServiceContract.model_validate(facts)


def told(
    *contracts: ServiceContract, minutes: float = 0, version: int = 1, known: Contracts | None = None
) -> Contracts:
    """The directory has told of these at that minute."""
    known = known or Contracts()
    for one in contracts:
        id_ = derive_id("directory", one.id, version)
        known.hear(
            DirectorySaved(
                id=id_, cause_id=id_, correlation_id=id_, version=version, occurred_at=at(minutes), actor=SYSTEM,
                recorded_at=at(minutes), kind="contract", key=one.id, contract=one,
            )
        )  # fmt: skip
    return known


def of(known: Contracts, *events: Any) -> list[str | None]:
    """The contracts of a case's cycles."""
    case = CaseClocks(CASE)
    for one in events:
        case = learned(case, one, known)
    return [cycle.about.contract for cycle in cycles(case.facts)]


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        ({}, "合同的"),
        ({"ends": "2026-11-21"}, "测试"),
        ({"begins": "2026-11-23"}, "测试"),
        ({"institution_codes": ("H62010200002",)}, "测试"),
        ({"policy": "演练"}, "合同的"),
        ({"policy": "测试"}, "测试"),
    ],
)
def test_the_contract_in_force_decides_and_may_name_its_policy(facts: dict[str, Any], policy: str) -> None:
    own = {**STANDARD, "name": "合同的", "when": {"contracts": ["ht-1"]}}
    fold = SlaFold(book(edition(own, STANDARD, since=BEGINNING)), told(contract(**facts)))
    folder: Folder[CaseClocks] = Folder(fold, lambda _, message: message.body.case_id)  # type: ignore[attr-defined]
    folder.hear(event(CaseOpened, 1, 0, institution_code=HOSPITAL))
    assert folder.states[CASE].clocks[0].policy == policy


@given(st.integers(-60, 60), st.integers(-60, 60))
def test_what_the_directory_says_later_changes_nothing_however_late_sla_hears(said: int, opened: int) -> None:
    known = told(contract(), minutes=said)
    found = of(known, event(CaseOpened, 1, opened, institution_code=HOSPITAL))
    assert set(found) == {"ht-1" if said <= opened else None}
    told(contract(ends="2026-01-31"), minutes=90, version=2, known=known)
    assert of(known, event(CaseOpened, 1, opened, institution_code=HOSPITAL)) == found


def test_a_case_stays_under_the_contract_of_its_day_when_it_becomes_known_who_asked() -> None:
    today = at(0).date()
    known = told(
        contract("ht-old", ends=today.isoformat()),
        contract("ht-new", begins=(today + timedelta(days=1)).isoformat(), ends=date(2027, 12, 31).isoformat()),
        minutes=-60,
    )
    opened, identified = event(CaseOpened, 1, 0), event(CaseIdentified, 2, 24 * 60, institution_code=HOSPITAL)
    assert set(of(known, opened, identified)) == {"ht-old"}
    assert set(of(known, event(CaseOpened, 1, 24 * 60, institution_code=HOSPITAL))) == {"ht-new"}


def test_a_contract_that_was_removed_serves_nobody_from_then_on() -> None:
    known = told(contract(), minutes=-60)
    removed = {"kind": "contract", "key": "ht-1", "version": 2, "recorded_at": at(10), "occurred_at": at(10)}
    ids = dict.fromkeys(("id", "cause_id", "correlation_id"), derive_id("removed"))
    known.hear(DirectoryRemoved.model_validate({**ids, **removed, "actor": SYSTEM}))
    assert set(of(known, event(CaseOpened, 1, 5, institution_code=HOSPITAL))) == {"ht-1"}
    assert set(of(known, event(CaseOpened, 1, 11, institution_code=HOSPITAL))) == {None}
    assert known.all == ()
