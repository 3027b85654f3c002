"""Days of duties: month ends, leap years, holidays with their make-up days, and where a deadline moves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.book import CalendarBook
from chassis.zone import BEIJING
from services.sla.obligations.days import (
    Shift,
    day_of,
    find,
    period_of,
    periods,
    shifted,
    step,
    working_days,
    works,
)
from services.sla.obligations.definition import Definition, parse
from services.sla.obligations.schedule import schedule

BOOK = CalendarBook.load()
DESK, ALWAYS = BOOK.current("desk"), BOOK.current("24x7")
DAYS = st.dates(date(2021, 1, 1), date(2030, 12, 31))
LISTS = {"name": "lists", "title": "清单", "todo": "t", "each": "institution", "every": "month", "about": "last",
         "due": "day 11 18:00",
         "thresholds": {"-3d": ["resident"], "-1d": ["lead"], "due": ["lead"], "+1d": ["contact"]}}  # fmt: skip


def definition(**more: object) -> Definition:
    return parse([{**LISTS, **more}])[0]


def due(month: str, **more: object) -> str:
    """The deadline in Beijing, of what is done in this month."""
    day = date.fromisoformat(f"{month}-01")
    at = schedule(definition(**more), period_of("month", day), DESK).due_at
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("month", "more", "expected"),
    [
        ("2026-10", {}, "10-10 18:00"),  # the 11th is a Sunday; Saturday the 10th is worked for the National Day
        ("2026-10", {"shift": "after"}, "10-12 18:00"),
        ("2026-10", {"shift": "none"}, "10-11 18:00"),
        ("2026-10", {"due": "workday 3 18:00"}, "10-10 18:00"),  # 8, 9 and the Saturday that is worked
        ("2026-10", {"due": "day 3 18:00"}, "10-08 18:00"),  # not before it begins: October has no working day before
        ("2026-02", {"due": "last workday 18:00"}, "02-28 18:00"),  # a Saturday that is worked for the Spring Festival
        ("2026-01", {"due": "day 4 12:00"}, "01-04 12:00"),  # a Sunday that is worked for the New Year
        ("2026-02", {"due": "day 31", "shift": "none"}, "02-28 23:59"),
        ("2028-02", {"due": "last day 09:00", "shift": "none"}, "02-29 09:00"),
        ("2026-11", {"due": "day -2 24:00", "shift": "none"}, "11-29 23:59"),
        ("2026-11", {"due": "workday 99"}, "11-30 23:59"),
    ],
)
def test_a_deadline_lies_on_the_day_that_people_expect(month: str, more: dict[str, object], expected: str) -> None:
    assert due(month, **more) == expected


@given(DAYS, st.sampled_from(["before", "after", "none"]))
def test_a_shifted_day_is_the_nearest_working_day_on_its_side(day: date, shift: Shift) -> None:
    to = shifted(day, shift, DESK, date.min)
    if shift == "none" or works(DESK, day):
        assert to == day
        return
    assert works(DESK, to) and (to < day) == (shift == "before")
    between = abs((to - day).days) - 1
    towards = 1 if to > day else -1
    assert not any(works(DESK, day + timedelta(days=towards * n)) for n in range(1, between + 1))


@given(DAYS, st.integers(1, 20))
def test_so_many_working_days_on_and_back_again(day: date, n: int) -> None:
    there = step(DESK, day, n)
    assert working_days(DESK, day, there) == n
    assert step(DESK, there, -n) <= day if works(DESK, day) else step(DESK, there, -n) < there
    assert working_days(DESK, there, day) == -n


@given(DAYS, st.sampled_from(["month", "quarter", "year"]))
def test_periods_follow_each_other_without_a_gap(day: date, every: str) -> None:
    period = period_of(every, day)  # type: ignore[arg-type]
    assert period.first <= day <= period.last
    one, two = list(periods(every, period.first, period.last + timedelta(days=1)))  # type: ignore[arg-type]
    assert one == period and two.first == one.last + timedelta(days=1) and two.key != one.key


@given(DAYS, st.integers(1, 31), st.booleans())
def test_the_nth_day_is_in_its_period_however_short_that_is(day: date, n: int, working: bool) -> None:
    month = period_of("month", day)
    for number in (n, -n):
        found = find(day_of(f"{'workday' if working else 'day'} {number}"), month, DESK)
        assert month.first <= found <= month.last


@given(DAYS, st.sampled_from(["before", "after", "none"]), st.integers(1, 28), st.booleans())
def test_steps_come_in_order_and_none_before_it_opens(day: date, shift: str, n: int, daily: bool) -> None:
    more: dict[str, object] = {"daily": {"tell": ["resident"]}} if daily else {}
    duty = definition(shift=shift, due=f"day {n} 18:00", **more)
    opens_at, due_at, steps = schedule(duty, period_of("month", day), DESK)
    moments = [s.at for s in steps]
    assert opens_at <= due_at and moments == sorted(moments) and min(moments) >= opens_at
    assert [s.at for s in steps if s.label == "due"] == [due_at]
    assert all(s.left <= 0 for s in steps if s.at > due_at)
    assert all(opens_at <= s.at < due_at for s in steps if s.label == "daily")
    before = [s for s in steps if s.label[0] == "-"]
    assert all(works(DESK, s.at.astimezone(BEIJING).date()) and s.at.astimezone(BEIJING).hour == 9 for s in before)


def test_the_day_s_notice_comes_every_day_also_with_a_reminder() -> None:
    duty = definition(daily={"tell": ["resident"], "days": "every"})
    steps = schedule(duty, period_of("month", date(2026, 11, 1)), DESK).steps
    days = [(s.label, f"{s.at.astimezone(BEIJING):%d %H}") for s in steps]
    assert days == [
        ("daily", "01 09"), ("daily", "02 09"), ("daily", "03 09"), ("daily", "04 09"), ("daily", "05 09"),
        ("-3d", "06 09"), ("daily", "06 09"), ("daily", "07 09"), ("daily", "08 09"), ("daily", "09 09"),
        ("-1d", "10 09"), ("daily", "10 09"), ("daily", "11 09"), ("due", "11 18"), ("+1d", "12 09"),
    ]  # fmt: skip


def test_a_reminder_before_the_opening_comes_on_the_first_working_day_not_at_midnight() -> None:
    october = period_of("month", date(2026, 10, 1))  # 1 to 7 October are off, the Saturday is worked for them

    def told(due: str, **more: object) -> list[str]:
        duty = definition(due=due, thresholds={"-3d": ["lead"], "-1d": [], "due": []}, **more)
        return [f"{s.label} {s.at.astimezone(BEIJING):%d %H:%M}" for s in schedule(duty, october, DESK).steps]

    assert told("day 10 18:00") == ["-3d 08 09:00", "-1d 09 09:00", "due 10 18:00"]
    assert told("day 3 18:00") == ["-3d 08 09:00", "-1d 08 09:00", "due 08 18:00"]
    assert told("day 3 08:00") == ["due 08 08:00"]


def test_a_share_of_the_window_and_hours_around_the_deadline_are_plain_time() -> None:
    told: dict[str, object] = {"50%": ["lead"], "-2h": ["lead"], "due": [], "+30m": ["contact"]}
    steps = schedule(definition(thresholds=told), period_of("month", date(2026, 11, 1)), ALWAYS).steps
    assert [(s.label, s.at) for s in steps] == [
        ("50%", datetime(2026, 11, 6, 1, tzinfo=UTC)), ("-2h", datetime(2026, 11, 11, 8, tzinfo=UTC)),
        ("due", datetime(2026, 11, 11, 10, tzinfo=UTC)), ("+30m", datetime(2026, 11, 11, 10, 30, tzinfo=UTC)),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["11", "day 0", "day", "last", "day 3 25:00", "day 3 12:60", "day 3 24:01"])
def test_a_day_that_is_not_written_as_one_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match="不可用"):
        day_of(text)
