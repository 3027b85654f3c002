"""Staff correct category and priority: their word stands, and is recorded as theirs."""

from typing import Any

import pytest
from msgspec.structs import replace

from chassis.errors import Refused
from contracts.case import Category, DecidedBy, Priority
from contracts.casework import CaseCategorised, CategoriseCase
from services.intake.model import Case
from tests.chassis.folding import Folder
from tests.support.make import message
from tests.unit.intake.cases import desk, only, wish


def opened() -> Folder[Case]:
    cases = desk()
    cases.hear(message(text="月结申报被退回"))
    return cases


def categorise(cases: Folder[Case], n: int = 0, **facts: Any) -> list[CaseCategorised]:
    return [e for e in cases.hear(wish(cases, CategoriseCase, n, **facts)) if isinstance(e, CaseCategorised)]


def test_a_correction_says_what_it_was_before_and_who_decided() -> None:
    cases = opened()
    [said] = categorise(cases, category="对账清分", priority="high")
    assert (said.before, said.category, said.priority, said.by) == ("月结", "对账清分", "high", "staff")
    assert said.actor.id == "wang"
    case = only(cases)
    assert (case.category, case.category_by, case.priority, case.priority_by) == ("对账清分", "staff", "high", "staff")


@pytest.mark.parametrize(("category", "priority"), [("拨付", None), (None, "urgent")])
def test_one_may_be_corrected_without_the_other(category: Category | None, priority: Priority | None) -> None:
    cases = opened()
    before = only(cases)
    categorise(cases, category=category, priority=priority)
    case = only(cases)
    assert (case.category, case.category_by) == ((category, "staff") if category else (before.category, "rule"))
    assert (case.priority, case.priority_by) == ((priority, "staff") if priority else (before.priority, "rule"))


def test_confirming_a_guess_makes_it_the_word_of_staff_once() -> None:
    cases = opened()
    assert categorise(cases, category="月结")
    assert only(cases).category_by == "staff"
    with pytest.raises(Refused, match="无需再改"):
        categorise(cases, 1, category="月结")


def test_a_correction_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="至少填写一项"):
        categorise(opened())


@pytest.mark.parametrize("by", ["rule", "model"])
def test_neither_rules_nor_models_overrule_staff(by: DecidedBy) -> None:
    cases = opened()
    categorise(cases, category="拨付")
    with pytest.raises(Refused, match="工作人员"):
        categorise(cases, 1, category="月结", by=by)
    assert only(cases).category == "拨付"


def test_more_messages_do_not_undo_a_correction() -> None:
    cases = opened()
    categorise(cases, category="拨付", priority="low")
    cases.hear(message("m2", text="全院门诊结算失败"))
    case = only(cases)
    assert (case.category, case.priority, case.category_by) == ("拨付", "low", "staff")


def test_a_model_s_confidence_goes_when_staff_decide() -> None:
    cases = opened()
    [document] = cases.documents.values()
    document.state = replace(only(cases), category_by="model", confidence=0.7)
    categorise(cases, category="拨付")
    assert only(cases).confidence is None
