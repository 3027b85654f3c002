"""Obligations in attainment: an item for each institution, in the month in which it is due, as of a moment."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.sla.attainment.asked import Filters, asked
from services.sla.attainment.duties import duties
from services.sla.attainment.report import tallied
from services.sla.attainment.tally import Tally
from services.sla.obligations.model import Decision, Item, Occurrence, Plan, Point
from tests.unit.sla.events import at

DUE = 60
PLAN = Plan(
    "settlement_list", "结算清单上传", "上传", "institution", "ht-1", "市一院合同", "2026-10",
    at(-600), at(DUE), (), (),
    "desk@1", "1", by_progress=True,
)  # fmt: skip


def occurred(*items: Item, **more: Any) -> Occurrence:
    return Occurrence(UUID(int=1), replace(PLAN, **more), at(-600), at(-600), items)


def item(key: str = "H1", *decisions: tuple[float, str], points: tuple[Point, ...] = ()) -> Item:
    decided = tuple(Decision(at(minute), state, "wang") for minute, state in decisions)  # type: ignore[arg-type]
    return Item(key, planned=True, decisions=decided, points=points)


def counted(occurrence: Occurrence, minute: float, month: str = "2026-11", **filters: str) -> Tally | None:
    found = duties([occurrence], asked(month, None, at(minute), Filters(**filters)))
    return tallied(found) if found else None


@pytest.mark.parametrize(
    ("one", "minute", "outcome"),
    [
        (item(), 59, "open"),
        (item(), 60, "late"),
        (item("H1", (60, "done")), 90, "kept"),
        (item("H1", (61, "done")), 90, "late"),
        (item("H1", (61, "done")), 50, "open"),
        (item("H1", (30, "done"), (40, "open")), 90, "late"),
        (item("H1", (30, "done"), (40, "open")), 35, "kept"),
        (item("H1", (80, "waived")), 90, "exempted"),
        (item("H1", (80, "waived")), 70, "late"),
        (item(points=(Point(at(10), 3, 9), Point(at(50), 9, 9))), 90, "kept"),
        (item(points=(Point(at(10), 3, 9), Point(at(70), 9, 9))), 90, "late"),
    ],
)
def test_what_becomes_of_an_item(one: Item, minute: float, outcome: str) -> None:
    tally = Tally()
    tally.count(outcome)  # type: ignore[arg-type]
    assert counted(occurred(one), minute) == tally


def test_items_count_each_in_the_month_in_which_they_are_due() -> None:
    both = occurred(item("H1", (10, "done")), item("H2"), replace(item("H3"), planned=False))
    assert counted(both, 90) == Tally(kept=1, late=1)
    assert counted(both, 90, contract="ht-1") == Tally(kept=1, late=1)
    assert counted(both, 90, contract="ht-2") is None
    assert counted(both, 90, month="2026-12") is None
    assert counted(occurred(item(), due_at=at(0) + timedelta(days=30)), 90, month="2026-12") == Tally(open=1)
    assert counted(replace(both, state="dropped"), 90) is None


@pytest.mark.parametrize("name", ["institution", "clock", "outcome", "engineer"])
def test_a_part_of_what_a_contract_is_about_tells_nothing_of_its_obligations(name: str) -> None:
    value = {"clock": "chase", "outcome": "kept"}.get(name, "H1")
    assert counted(occurred(item("H1", (10, "done")), item("H2")), 90, **{name: value}) is None


words = st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["done", "waived", "open"])), max_size=6)


@given(st.lists(words, min_size=1, max_size=3), st.integers(0, 120), words)
def test_what_is_said_of_an_obligation_later_changes_nothing_as_of_then(
    said: list[list[tuple[int, str]]], minute: int, later: list[tuple[int, str]]
) -> None:
    def occurrence(*more: tuple[float, str]) -> Occurrence:
        items = [item(f"H{n}", *sorted([*decided, *more])) for n, decided in enumerate(said)]
        return occurred(*items, by_progress=False)

    then = [(at_ + minute + 1, state) for at_, state in later]
    wish = asked("2026-11", None, at(minute))
    assert duties([occurrence(*then)], wish) == duties([occurrence()], wish)
