"""Public holidays are closed, the weekend days worked for them are open; what is not announced yet is a forecast."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.calendars import holidays
from chassis.calendars.book import CalendarBook, Ending
from chassis.calendars.compiling import hours_of
from chassis.calendars.definition import Calendar, Definition, Special
from chassis.calendars.forecast import YEARS, expected
from chassis.calendars.holidays import UnknownYears, announced, forecast, statutory
from chassis.calendars.hours import Hours

BEIJING = ZoneInfo("Asia/Shanghai")
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "14:00-18:00"))
DESK = CalendarBook.load().current("desk")


def open_on(hours: Hours, day: str) -> timedelta:
    start = datetime.combine(date.fromisoformat(day), time.min, BEIJING)
    return hours.between(start, start + timedelta(days=1))


@pytest.mark.parametrize(
    "day",
    ["2024-02-04", "2024-02-18", "2024-09-29", "2025-01-26", "2025-02-08", "2025-09-28", "2026-01-04", "2026-02-14",
     "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
)  # fmt: skip
def test_a_weekend_day_that_is_worked_has_the_hours_of_a_working_day(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert open_on(DESK, day) == timedelta(hours=7)
    assert DESK.is_open(datetime.fromisoformat(f"{day}T09:00+08:00"))


@pytest.mark.parametrize(
    "day",
    ["2020-01-31", "2024-02-12", "2024-04-04", "2024-10-01", "2025-01-28", "2025-05-05", "2025-10-08", "2026-01-02",
     "2026-02-23", "2026-06-19", "2026-10-01", "2026-10-05", "2026-10-07"],
)  # fmt: skip
def test_a_public_holiday_on_a_weekday_is_closed(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert open_on(DESK, day) == timedelta(0)


def test_an_ordinary_day_and_an_ordinary_weekend_stay_as_the_week_has_them() -> None:
    assert open_on(DESK, "2026-10-09") == timedelta(hours=7)
    assert open_on(DESK, "2026-11-21") == open_on(DESK, "2026-11-22") == timedelta(0)


def test_a_promise_of_before_national_day_ends_after_it() -> None:
    asked = datetime(2026, 9, 30, 17, 50, tzinfo=BEIJING)
    assert DESK.after(asked, timedelta(minutes=30)) == datetime(2026, 10, 8, 9, 20, tzinfo=BEIJING)
    assert DESK.opens_next(datetime(2026, 10, 1, tzinfo=UTC)) == datetime(2026, 10, 8, 1, tzinfo=UTC)
    spring = datetime(2026, 2, 13, 17, 0, tzinfo=BEIJING)  # the Saturday after it is worked, then nine days are off
    assert DESK.after(spring, timedelta(hours=8)) == datetime(2026, 2, 14, 18, 0, tzinfo=BEIJING)
    assert DESK.after(spring, timedelta(hours=9)) == datetime(2026, 2, 24, 10, 0, tzinfo=BEIJING)


def test_working_days_a_year_are_those_of_the_announcements() -> None:
    """The law gives 11 holidays, since 2025 13; of 104 or more weekend days none is lost."""
    for year, days in ((2023, 249), (2024, 251), (2025, 248), (2026, 248)):
        start, end = (datetime(y, 1, 1, tzinfo=BEIJING) for y in (year, year + 1))
        assert DESK.between(start, end) == days * timedelta(hours=7)


def test_a_calendar_without_holidays_works_on_national_day() -> None:
    plain = hours_of(Definition.resolve(Calendar("p", WEEK, "none")))
    assert open_on(plain, "2026-10-01") == timedelta(hours=7) and open_on(plain, "2026-10-10") == timedelta(0)
    assert plain.known_until == plain.covers[1]


def test_worked_weekend_days_have_the_hours_of_the_day_that_is_usual() -> None:
    weekly = {**WEEK, "wed": ("08:00-12:00",), "sat": ("10:00-11:00",)}
    found = hours_of(Definition.resolve(Calendar("w", weekly, "china", workday="wed")))
    assert open_on(found, "2026-10-10") == timedelta(hours=4)  # worked
    assert open_on(found, "2026-10-17") == timedelta(hours=1)  # an ordinary Saturday
    assert open_on(found, "2026-10-03") == timedelta(0)  # a Saturday of the holidays


def test_exceptions_outweigh_holidays_and_worked_days_and_the_week() -> None:
    specials = (
        Special(day=date(2026, 10, 1), open=True, note="国庆值守"),
        Special(day=date(2026, 10, 10), closed=True),
        Special(first=date(2026, 12, 30), last=date(2026, 12, 31), hours=("09:00-10:30",)),
        Special(day=date(2026, 11, 21), open="fri"),
        Special(day=date(2027, 10, 1), hours=("10:00-11:00",)),
    )
    weekly = {**WEEK, "fri": ("09:00-11:00",)}
    found = hours_of(Definition.resolve(Calendar("e", weekly, "china", exceptions=specials)))
    hours = {"2026-10-01": 7, "2026-10-10": 0, "2026-12-30": 1.5, "2026-12-31": 1.5, "2026-11-21": 2, "2027-10-01": 1}
    assert {day: open_on(found, day) / timedelta(hours=1) for day in hours} == hours
    assert open_on(found, "2026-10-02") == timedelta(0)


def test_years_that_are_not_announced_are_a_forecast_and_say_so() -> None:
    known = statutory(date(2026, 1, 1), date(2030, 12, 31))
    assert known.known_until == announced()[1] == DESK.known_until
    assert known.forecast and min(known.forecast) > known.known_until > max(*known.off, *known.worked)
    year = known.known_until.year + 1
    assert {date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)} <= set(known.forecast)
    assert open_on(DESK, "2040-10-01") == timedelta(0)


def test_a_year_that_has_been_announced_is_no_forecast_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    year = YEARS[0]
    monkeypatch.setattr(holidays, "announced", lambda: (date(2004, 1, 1), date(year, 12, 31)))
    known = statutory(date(2024, 1, 1), date(year + 3, 12, 31))
    assert {day.year for day in known.forecast} == {year + 1, year + 2, year + 3}
    assert known.known_until == date(year, 12, 31)
    assert statutory(date(2024, 1, 1), date(2025, 6, 30)).known_until == date(2025, 6, 30)


def test_the_forecast_is_what_the_holidays_package_says() -> None:
    assert list(forecast()) == expected()
    assert {day.year for day in forecast()} == set(YEARS)


def test_years_nobody_knows_are_refused() -> None:
    for first, last in ((date(2003, 12, 31), date(2005, 1, 1)), (date(2020, 1, 1), date(2051, 1, 1))):
        with pytest.raises(UnknownYears, match="2004 至 2050"):
            statutory(first, last)


def test_a_year_that_is_missing_is_reported_weeks_ahead() -> None:
    plain = Definition.resolve(Calendar("plain", WEEK, "none"))
    book = CalendarBook([Definition.resolve(Calendar("desk", WEEK, "china")), plain])
    ends = announced()[1]
    assert book.missing_years(ends - timedelta(weeks=8)) == []
    version = book.current("desk").version
    assert book.missing_years(ends - timedelta(weeks=8, days=-1)) == [Ending("desk", version, ends)]
    assert book.missing_years(ends - timedelta(weeks=3), weeks_ahead=3) == []
    assert [e.name for e in book.missing_years(ends + timedelta(days=400))] == ["desk"]
    assert [e.name for e in book.missing_years(plain.last)] == ["desk", "plain"]
    said = str(book.missing_years(ends)[0])
    assert str(ends) in said and "desk" in said and "chinesecalendar" in said


def test_an_announcement_written_into_the_file_replaces_the_forecast() -> None:
    ends = announced()[1]
    year = ends.year + 1
    labour = Special(first=date(year, 5, 1), last=date(year, 5, 5), closed=True, note="国务院通知")
    until = date(year, 12, 31)
    definition = Definition.resolve(Calendar("a", WEEK, "china", known_until=until, exceptions=(labour,)))
    assert definition.known_until == until and min(definition.forecast) > until
    assert CalendarBook([definition]).missing_years(ends) == []
    assert open_on(hours_of(definition), f"{year}-05-05") == timedelta(0)
