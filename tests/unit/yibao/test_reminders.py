"""How the doctor's reminders are worded, and that they are not faults."""

from datetime import date

import pytest

from yibao.commands.doctor import Found
from yibao.reminders import ending

ENDING = "营业日历 desk 的放假安排只到 2026-12-31"
PROMISES = {
    "calendars": [{"name": "24x7", "known_until": "2040-12-31"}, {"name": "desk", "known_until": "2026-12-31"}],
    "endings": [ENDING],
}


@pytest.mark.parametrize(
    ("today", "says"),
    [(date(2026, 11, 22), "还有 39 天"), (date(2026, 12, 31), "还有 0 天"), (date(2027, 1, 1), "已经过期")],
)
def test_the_days_until_the_announced_holidays_end_are_counted(today: date, says: str) -> None:
    assert ending(PROMISES, today) == f"{says}; {ENDING}"


def test_calendars_that_know_their_holidays_are_no_reminder() -> None:
    assert ending({**PROMISES, "endings": []}, date(2026, 11, 22)) is None


def test_a_reminder_is_neither_in_order_nor_wrong() -> None:
    words = [Found("x", None, wrong=False).result, Found("x", "y", wrong=False).result, Found("x", "y").result]
    assert [word for word in words if "提醒" in word] == words[1:2] and "有问题" in words[2]
