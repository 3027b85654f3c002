"""Obligations in attainment: an item for each institution, in the month in which it is due, as of a moment."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.sla.attainment.asked import Filters, asked
from services.sla.attainment.duties import duties
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
    return found["ht-1", "settlement_list"].tally if found else None


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
    assert counted(both, 90, institution="H2") == Tally(late=1)
    assert counted(both, 90, month="2026-12") is None
    assert counted(occurred(item(), due_at=at(0) + timedelta(days=30)), 90, month="2026-12") == Tally(open=1)
    assert counted(replace(both, state="dropped"), 90) is None
