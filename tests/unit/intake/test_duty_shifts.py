"""Shifts and handovers: the fold, weekly patterns, a month's roster as a table."""

from datetime import date, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.message import Message
from contracts.case import AssignCase
from contracts.duty import HandOver, HandoverItem, RemoveShift, SaveShift, Shift
from contracts.envelope import Actor, Command, derive_id
from services.intake.duty.fold import fold, problem_of
from services.intake.duty.model import Record, id_of
from services.intake.duty.pattern import BadPattern, Pattern, expand, roster
from tests.chassis.folding import Folder
from tests.support.make import NOON

C = TypeVar("C", bound=Command)


def _locate(records: Folder[Record], message: Message) -> UUID:
    return message.body.id if isinstance(message.body, AssignCase) else id_of(message.body)


def _fold(record: Record | None, moment: Any) -> Any:
    return (Record(), []) if isinstance(moment.message.body, AssignCase) else fold(record, moment)


def duty() -> Folder[Record]:
    return Folder(_fold, _locate)


def wish(model: type[C], n: int = 0, **facts: Any) -> C:
    return model(id=derive_id("wish", model.__name__, n), occurred_at=NOON, actor=Actor(kind="staff", id="w"), **facts)


def shift(hours: float = 8, **more: Any) -> Shift:
    facts = {"id": "s1", "engineer": "li", "begins": NOON, "ends": NOON + timedelta(hours=hours), **more}
    return Shift.model_validate(facts)


@pytest.mark.parametrize(("hours", "kind", "fits"), [(8, "duty", True), (0, "duty", False), (-1, "duty", False),
                                                     (25, "duty", False), (240, "leave", True)])  # fmt: skip
def test_a_shift_has_to_end_after_it_begins_and_within_a_day(hours: float, kind: str, fits: bool) -> None:
    if fits:
        [said] = duty().hear(wish(SaveShift, shift=shift(hours, kind=kind)))
        assert said.type == "duty.saved"
    else:
        with pytest.raises(Refused):
            duty().hear(wish(SaveShift, shift=shift(hours, kind=kind)))


def test_a_removed_shift_cannot_be_removed_again() -> None:
    records = duty()
    records.hear(wish(SaveShift, shift=shift()))
    [said] = records.hear(wish(RemoveShift, 1, shift_id="s1"))
    assert (said.type, said.version) == ("duty.removed", 2)
    with pytest.raises(NotFound):
        records.hear(wish(RemoveShift, 2, shift_id="s1"))


def test_a_handover_gives_every_case_to_the_next_engineer_in_the_same_fold() -> None:
    items = tuple(HandoverItem(case_id=derive_id(n), number=f"YB-{n}", title="结算", note="等回复" * n) for n in (0, 1))
    records = duty()
    command = wish(HandOver, from_engineer="li", to_engineer="wang", note="夜班", items=items)
    records.hear(command)
    document = records.documents[id_of(command)]
    assigned = [words for words, _ in document.said if isinstance(words, AssignCase)]
    assert [(a.case_id, a.assignee) for a in assigned] == [(i.case_id, "wang") for i in items]
    assert [a.reason for a in assigned] == ["交接班 (由 li 交出): 夜班", "交接班 (由 li 交出): 等回复"]
    assert document.state is not None and document.state.handover is not None
    assert len(document.state.handover.items) == 2


def test_nobody_hands_over_to_themselves() -> None:
    with pytest.raises(Refused, match="请选择另一位"):
        duty().hear(wish(HandOver, from_engineer="li", to_engineer="li", note="无", items=()))


def pattern(**more: Any) -> Pattern:
    facts = {"engineer": "li", "weekdays": (1, 3), "first": date(2026, 12, 1), "last": date(2026, 12, 31)}
    return Pattern(**{**facts, "begins": "08:30", "ends": "17:30", **more})


def test_a_weekly_pattern_gives_a_shift_on_each_of_its_days_in_beijing() -> None:
    shifts = expand(pattern())
    assert [s.begins.isoformat() for s in shifts[:2]] == ["2026-12-02T08:30:00+08:00", "2026-12-07T08:30:00+08:00"]
    assert len(shifts) == 9
    assert len({s.id for s in shifts}) == 9 and expand(pattern()) == shifts


@given(st.times(), st.times(), st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 60))
def test_whatever_the_hours_every_shift_can_be_saved(begins: time, ends: time, first: date, days: int) -> None:
    hours = {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
    span = {"first": first, "last": first + timedelta(days=days), "weekdays": tuple(range(1, 8))}
    shifts = expand(pattern(**span, **hours))
    assert len(shifts) == days + 1
    assert all(problem_of(s) == "" for s in shifts)


WRONG: list[dict[str, Any]] = [
    {"weekdays": (0,)},
    {"weekdays": ()},
    {"last": date(2026, 11, 1)},
    {"begins": "8点半"},
    {"weekdays": (7,), "last": date(2026, 12, 2)},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_pattern_that_gives_nothing_says_why(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadPattern):
        expand(pattern(**wrong))


def test_a_month_comes_as_a_table_and_a_bad_line_holds_up_no_other() -> None:
    text = (
        "日期,工程师,开始,结束,类型,备注\n"
        "2026/12/01,li,08:30,17:30,值班,\n"
        "2026-12-01,wang,12:00,13:30,午间,\n"
        "2026-12-02,li,,,请假,年假\n"
        "2026-12-03,li,22:00,06:00,,夜班\n"
        "12月4日,li,08:30,17:30,值班,\n"
        "2026-12-05,li,08:30,17:30,出差,\n"
    )
    lines = list(roster(text))
    shifts = [line.shift for line in lines if line.shift]
    assert [s.kind for s in shifts] == ["duty", "lunch_cover", "leave", "duty"]
    assert shifts[2].ends - shifts[2].begins == timedelta(days=1)
    assert shifts[3].ends.isoformat() == "2026-12-04T06:00:00+08:00"
    assert [(line.number, bool(line.problem)) for line in lines if line.shift is None] == [(6, True), (7, True)]


def test_a_short_line_and_one_that_cannot_be_read_are_reported() -> None:
    first, second, third = roster(f"工程师,日期\nli\n{'x' * 200_000},2026-12-01\nli,2026-12-01\n")
    assert "日期应写作" in first.problem and "读不出来" in second.problem
    assert (second.number, third.shift is not None) == (3, True)
