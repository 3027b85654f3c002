"""The roster's tables: every shift is on every day that it touches, and nowhere else."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.holidays import statutory
from chassis.zone import BEIJING
from services.console.pages.duty.view import days_of, mark, month, piece, shift_of, span, week
from services.console.pages.months import beside, day_in, grid, monday_of, month_in

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda n: datetime(2026, 11, 1, tzinfo=BEIJING) + timedelta(minutes=n))
HOLIDAYS = statutory(date(2026, 1, 1), date(2026, 12, 31))


def shift(begins: datetime, ends: datetime, engineer: str = "wang", **more: Any) -> dict[str, Any]:
    return {"id": "s", "engineer": engineer, "begins": begins.isoformat(), "ends": ends.isoformat(), **more}


@given(DAYS)
def test_a_grid_has_whole_weeks_and_each_day_of_the_month_once(day: date) -> None:
    first = day.replace(day=1)
    weeks = grid(first)
    days = [d for some in weeks for d in some]
    assert all(len(some) == 7 and some[0].weekday() == 0 for some in weeks) and 4 <= len(weeks) <= 6
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    last = date.fromisoformat(f"{beside(first)[1]}-01") - timedelta(days=1)
    assert first in weeks[0] and last in weeks[-1]
    assert monday_of(day) in days


def test_days_and_months_are_read_or_left() -> None:
    today = date(2026, 11, 23)
    assert (day_in("2026-11-01", today), day_in("soon", today)) == (date(2026, 11, 1), today)
    assert (month_in("2026-02", today), month_in("", today)) == (date(2026, 2, 1), date(2026, 11, 1))


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=5)))
def test_a_shift_is_on_each_day_that_it_touches(begins: datetime, length: timedelta) -> None:
    ends = begins + length
    days = days_of(shift(begins, ends))
    assert days[0] == begins.date()
    assert all(datetime.combine(day, datetime.min.time(), BEIJING) < ends for day in days)
    pieces = [piece(shift(begins, ends), day) for day in days]
    assert [one["begun"] for one in pieces] == [True] + [False] * (len(days) - 1)


def test_a_night_shift_goes_on_in_the_morning() -> None:
    begins = datetime(2026, 11, 23, 17, 30, tzinfo=BEIJING)
    night = shift(begins, begins + timedelta(hours=9))
    [row] = week(date(2026, 11, 23), [night], {"wang": "王芳"})
    hours = [[s["hours"] for s in cell] for cell in row["days"]]
    assert hours[:3] == [["17:30–24:00"], ["00:00–02:30"], []]
    assert row["days"][0][0]["kind_name"] == "值班", "what is stored leaves out the usual kind"


def test_everybody_of_the_directory_has_a_row_and_strangers_too() -> None:
    begins = datetime(2026, 11, 24, 8, tzinfo=BEIJING)
    rows = week(date(2026, 11, 23), [shift(begins, begins + timedelta(hours=8), "temp")], {"wang": "王芳"})
    assert [row["name"] for row in rows] == ["王芳", "temp"]


def test_holidays_are_marked() -> None:
    assert (mark(date(2026, 10, 1), HOLIDAYS), mark(date(2026, 10, 10), HOLIDAYS)) == ("休", "班")
    assert mark(date(2026, 11, 23), HOLIDAYS) == ""
    october = month(date(2026, 10, 1), [], {}, HOLIDAYS)
    assert [d["mark"] for some in october for d in some if not d["outside"]].count("休") >= 7


def test_a_form_becomes_a_shift_over_midnight_where_it_has_to() -> None:
    form = {"day": "2026-11-23", "begins": "17:30", "ends": "08:30", "engineer": "wang", "kind": "duty"}
    told = shift_of(form)
    assert (told["begins"], told["ends"]) == ("2026-11-23T17:30:00+08:00", "2026-11-24T08:30:00+08:00")
    assert shift_of({**form, "ends": "18:30"})["ends"] == "2026-11-23T18:30:00+08:00"


def test_the_query_is_in_beijing() -> None:
    assert span(date(2026, 11, 23), 7)["from"] == "2026-11-23T00:00:00+08:00"
