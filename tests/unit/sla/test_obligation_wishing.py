"""What the planner wishes when contracts, days and calendars are extreme, change, or come and go."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chassis.zone import BEIJING
from contracts.directory import ServiceContract
from contracts.obligation import ObligationPlan, OpenObligation
from services.sla.obligations.definition import load, parse
from services.sla.obligations.fold import fold, plan_of
from services.sla.obligations.model import Occurrence
from services.sla.obligations.plan import Parties, plans
from services.sla.obligations.wishing import continued, frozen, wishes
from services.sla.settings import SlaSettings
from tests.chassis.folding import Folder
from tests.unit.sla.duties import A, B, C, wish
from tests.unit.sla.test_obligation_days import LISTS
from tests.unit.sla.test_obligation_definitions import CALENDARS, NOV, contract

ALL = load(SlaSettings().sla_obligations)
TERM: dict[str, Any] = {"each": "contract", "every": "period", "about": "this", "due": "last workday 18:00"}
Plans = dict[UUID, ObligationPlan]


def of(*contracts: ServiceContract, days: float = 60, failed: Any = None, **more: Any) -> Plans:
    """What is due from a month ago."""
    tell = failed or (lambda *_: pytest.fail("not planned"))
    definitions, since = parse([{**LISTS, **more}]), NOV - timedelta(days=40)
    return dict(plans(definitions, Parties(contracts, {}), CALENDARS, since, NOV + timedelta(days=days), tell))


def stored(planned: Plans, **more: Any) -> dict[UUID, Occurrence]:
    return {
        id_: replace(Occurrence(id_, plan_of(plan), planned_at=NOV, seen_at=NOV), **more)
        for id_, plan in planned.items()
    }


def only(planned: Plans, period: str) -> Plans:
    return {id_: plan for id_, plan in planned.items() if plan.period == period}


@settings(deadline=None, max_examples=40)
@given(st.dates(), st.dates(), st.integers(0, 20))
def test_whatever_days_a_contract_has_all_delivered_obligations_of_the_others_are_planned(
    begins: date, ends: date, trainings: int
) -> None:
    odd = contract(str(min(begins, ends)), str(max(begins, ends)), "odd").model_copy(update={"trainings": trainings})
    parties, until = Parties((odd, contract()), {}), NOV + timedelta(days=36_500)
    definitions = [d for d in ALL if d.every == "period"]
    found = list(plans(definitions, parties, CALENDARS, NOV, until, lambda *_: pytest.fail("not planned")))
    assert [p.definition for _, p in found if p.holder == "main"] == ["trainings", "period_summary"]
    for _, plan in found:
        assert plan.opens_at <= plan.due_at and all(step.least <= plan.least for step in plan.steps)
    month = [d for d in ALL if d.every == "month"]
    near = plans(month, parties, CALENDARS, NOV, NOV + timedelta(days=30), lambda *_: pytest.fail("not planned"))
    assert {p.definition for _, p in near if p.holder == "main"} == {d.name for d in month}


def test_what_cannot_be_planned_is_told_and_the_rest_is_planned_and_nothing_of_it_is_dropped() -> None:
    large = contract(id_="large").model_copy(update={"institution_codes": tuple(f"H{n:011d}" for n in range(5_001))})
    failures: set[tuple[str, str]] = set()
    wanted = of(large, contract(), failed=lambda name, holder, _: failures.add((name, holder)))
    assert {plan.holder for plan in wanted.values()} == {"main"} and failures == {("lists", "large")}
    known = stored(only(of(contract(id_="large")), "2026-10"))
    assert wishes(wanted, known, NOV, {}, failures)[-1][0] not in known
    assert wishes(wanted, known, NOV, {})[-1][0] in known
    for begins, ends in (("2026-02-30", "2026-12-31"), ("2027-01-01", "2026-01-01")):
        failures.clear()
        of(contract(begins, ends), failed=lambda name, holder, _: failures.add((name, holder)))
        assert failures == {("lists", "main")}


def test_a_contract_without_an_end_has_its_thresholds_within_the_years_of_the_calendar() -> None:
    endless = contract(ends="2099-12-31")
    terms, until = [d for d in ALL if d.every == "period"], NOV + timedelta(days=36_500)
    found = {p.definition: p for _, p in plans(terms, Parties((endless,), {}), CALENDARS, NOV, until)}
    labels = [step.label for step in found["trainings"].steps]
    assert labels == ["50%", "80%", "-10d", "due", "+1d"]


def test_after_the_deadline_a_plan_stands_still_but_for_names() -> None:
    due = only(of(contract(), due="day 5 18:00"), "2026-10")
    [(id_, plan)] = due.items()
    known = stored(due)
    assert frozen(known[id_], NOV)
    moved = only(of(contract(), due="day 20 18:00"), "2026-10")
    more = only(of(contract().model_copy(update={"institution_codes": (A, C)}), due="day 5 18:00"), "2026-10")
    for wanted in (moved, more, {}):
        assert wishes(wanted, known, NOV) == []
        assert wishes(wanted, stored(due, state="completed"), NOV) == []
    [(same, renamed)] = wishes({}, known, NOV, {B: "市四院"})
    assert (same, [item.name for item in renamed.items]) == (id_, [A, "市四院"])
    assert renamed.due_at == plan.due_at and renamed.since == plan.since


def test_a_contract_that_is_restored_is_wished_again() -> None:
    due = only(of(contract()), "2026-10")
    [(id_, dropped)] = wishes({}, stored(due), NOV)
    gone = stored({id_: dropped}, state="dropped")
    [(same, restored)] = wishes(due, gone, NOV)
    assert (same, restored.items, restored.since) == (id_, due[id_].items, NOV)
    late = NOV + timedelta(days=9)
    assert wishes(due, gone, late) == []  # not made up: its deadline has passed


def test_a_first_day_that_is_corrected_keeps_the_term_and_what_was_heard_in_it() -> None:
    [(id_, plan)] = of(contract(), days=90, **TERM).items()
    known = stored({id_: plan})
    corrected = of(contract("2026-01-15"), days=90, **TERM)
    assert id_ not in corrected
    assert wishes(corrected, known, NOV) and {i for i, _ in wishes(corrected, known, NOV)} == {id_}
    [(_, changed)] = wishes(corrected, known, NOV)
    assert (changed.period, changed.opens_at > plan.opens_at) == ("2026-01-01", True)
    assert wishes(corrected, stored({id_: changed}), NOV + timedelta(days=1)) == []
    assert list(continued(corrected, known)) == [id_]
    renewed = of(contract("2027-01-01", "2027-12-31"), days=420, **TERM)
    assert list(continued(renewed, known)) == list(renewed)


def test_what_is_wished_again_at_another_time_is_the_same_until_something_else_has_changed() -> None:
    due = only(of(contract()), "2026-10")
    first = dict(wishes(due, {}, NOV))
    [id_] = first
    later = NOV + timedelta(hours=5)
    assert wishes(due, stored(first), later) == []
    named = {id_: due[id_].model_copy(update={"holder_name": "新名"})}
    assert dict(wishes(named, stored(first), later))[id_].since == NOV
    other = {id_: due[id_].model_copy(update={"most": 3})}
    assert dict(wishes(other, stored(first), later))[id_].since == later


def test_a_contract_shortened_into_the_past_alarms_nobody_and_can_be_corrected() -> None:
    [(id_, plan)] = of(contract(), days=90, **TERM).items()
    known = stored({id_: plan})
    [(_, short)] = wishes(of(contract(ends="2026-10-20"), days=90, **TERM), known, NOV)
    folder = Folder(fold, lambda _, message: message.body.obligation_id)  # type: ignore[attr-defined]
    for n, one in enumerate((plan, short)):
        folder.hear(wish(OpenObligation, n, plan=one).model_copy(update={"obligation_id": id_}), now=NOV)
    assert [e.type for e in folder.said] == ["obligation.opened", "obligation.rescheduled"]
    late = folder.states[id_]
    assert late.plan.belated and not frozen(late, NOV)
    [(_, back)] = wishes({id_: plan}, {id_: late}, NOV)
    assert back.due_at == plan.due_at


def test_a_window_lies_within_the_term_and_what_is_about_the_last_month_may_come_after_it() -> None:
    short = contract("2026-11-25", "2026-12-04")
    now = of(short, about="this", opens="day 1", due="last day", daily={"tell": ["resident"], "days": "every"})
    spans = [tuple(f"{at.astimezone(BEIJING):%m-%d}" for at in (p.opens_at, p.due_at)) for p in now.values()]
    assert spans == [("11-25", "11-30"), ("12-01", "12-04")]
    assert all(p.opens_at <= step.at for p in now.values() for step in p.steps)
    assert [f"{p.due_at:%m-%d}" for p in of(short, days=90).values()] == ["12-11", "01-11"]


@pytest.mark.parametrize(("stated", "leasts"), [(0, [3, 5]), (4, [3, 4]), (2, [2, 2])])
def test_fewer_trainings_agreed_are_not_asked_for_more_on_the_way(stated: int, leasts: list[int]) -> None:
    agreed = contract().model_copy(update={"trainings": stated})
    found = {p.definition: p for _, p in plans(ALL, Parties((agreed,), {}), CALENDARS, NOV, NOV + timedelta(days=90))}
    assert [step.least for step in found["trainings"].steps if step.label.endswith("%")] == leasts
    assert not any(character.isdigit() for character in found["trainings"].todo)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"opens": "day 20", "due": "day 5"}, "之前"),
        ({"opens": "day -5", "due": "day 5"}, "之前"),
        ({"opens": "workday 5", "due": "workday 3"}, "之前"),
        ({"opens": "day 5 18:00", "due": "day 5 09:00"}, "之前"),
        ({"count": {"least": 3}, "by_progress": False, "thresholds": {"due": [], "50%": {"least": 4}}}, "不大于"),
        ({"count": {"least": 3}, "by_progress": False, "thresholds": {"due": [], "50%": {"least": -1}}}, "不小于"),
    ],
)
def test_days_and_counts_that_cannot_be_meant_are_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse([{**LISTS, **change}])
    parse(
        [
            {**LISTS, "opens": "day 5 09:00", "due": "last day"},
            {**LISTS, "name": "b", "opens": "day -5"} | {"due": "last day"},
            {**LISTS, "name": "c", "every": "quarter", "opens": "day -30", "due": "last workday"},
        ]
    )
