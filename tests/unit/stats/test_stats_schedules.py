"""When schedules are due, by cron and calendar, and which period they count then."""

from datetime import date, datetime, timedelta

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.book import CalendarBook
from chassis.errors import Refused
from chassis.store import Document
from chassis.zone import BEIJING
from contracts.envelope import derive_id
from contracts.schedule import Scheduled, Span, Timing
from services.stats.periods import period
from services.stats.schedules import timing
from services.stats.schedules.model import Schedule
from services.stats.schedules.planner import request, workdays
from services.stats.schedules.timing import check, counted, latest, occurrences, upcoming

BOOK = CalendarBook.load()
IS_WORKDAY = workdays(BOOK, "desk")
CRONS = ["* * * * *", "0 8 * * *", "30 7 31 * *", "0 9-17 * * 1-5", "0 8 1 1 *", "15 8 L * *"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def due(since: str, until: str, **timing: object) -> list[str]:
    found = occurrences(Timing.model_validate(timing), at(since), at(until), IS_WORKDAY)
    return [f"{o:%m-%d %H:%M}" for o in found]


def test_the_first_working_day_of_october_is_after_the_national_holiday() -> None:
    found = due("2026-09-30", "2026-11-30", cron="0 8 * * *", workday=1)
    assert found[0] == "10-08 08:00"
    assert found[1] == "11-02 08:00"


def test_the_last_working_day_and_working_days_only() -> None:
    assert due("2026-03-01", "2026-04-01", cron="0 17 * * *", workday=-1) == ["03-31 17:00"]
    days = due("2026-03-06", "2026-03-10 09:00", cron="0 8 * * *", workdays=True)
    assert days == ["03-06 08:00", "03-09 08:00", "03-10 08:00"]


def test_a_plain_cron_is_in_the_time_of_china() -> None:
    assert due("2026-03-01", "2026-03-12", cron="30 8 11 * *") == ["03-11 08:30"]


@pytest.mark.parametrize("cron", ["每天八点", "0 25 * * *", "0 8 31 2 *", "* * *", "* * * * * *"])
def test_a_cron_that_never_comes_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(Refused, match="五段"):
        check(Scheduled(name="月报", report="insured_persons", timing=Timing(cron=cron.ljust(9))))


@given(st.dates(date(2025, 1, 1), date(2026, 12, 1)), st.integers(-5, 20).filter(bool))
def test_a_working_day_of_the_month_comes_at_most_once_a_month(start: date, place: int) -> None:
    since = datetime(start.year, start.month, start.day, tzinfo=BEIJING)
    found = list(occurrences(Timing(cron="0 8 * * *", workday=place), since, since + timedelta(days=92), IS_WORKDAY))
    months = [(o.year, o.month) for o in found]
    assert len(months) == len(set(months))
    assert all(IS_WORKDAY(o.date()) for o in found)


@pytest.mark.parametrize(
    ("span", "expected"),
    [("none", ""), ("yesterday", "2026-01-31"), ("last_month", "2026-01"), ("this_month", "2026-02"),
     ("last_quarter", "2025-Q4"), ("last_year", "2025"), ("year_to_last_month", "2026-01")],
)  # fmt: skip
def test_the_period_follows_from_the_day_on_which_it_is_due(span: Span, expected: str) -> None:
    assert counted(span, date(2026, 2, 1)) == expected
    assert period(expected).text == expected


def test_the_next_times_are_told() -> None:
    found = upcoming(Timing(cron="0 8 * * *", workday=1), at("2026-09-30"), IS_WORKDAY, 2)
    assert [o.date() for o in found] == [date(2026, 10, 8), date(2026, 11, 2)]


@given(st.sampled_from(CRONS), st.integers(-3, 3), st.integers(0, 300 * 24 * 3600))
def test_the_latest_that_is_due_is_the_last_of_all_that_are(cron: str, place: int, seconds: int) -> None:
    wanted, end = Timing(cron=cron, workday=place), at("2026-01-01") + timedelta(seconds=seconds)
    since = end - timedelta(hours=40)
    assert latest(wanted, since, end, IS_WORKDAY) == next(
        iter([*occurrences(wanted, since, end, IS_WORKDAY)][::-1]), None
    )


def test_a_minute_that_fits_no_day_is_not_looked_for_minute_by_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Counted(CronSim):
        def __next__(self) -> datetime:
            made.append(1)
            found: datetime = super().__next__()
            return found

    monkeypatch.setattr(timing, "CronSim", Counted)
    assert upcoming(Timing(cron="* * * * *", workday=31), at("2026-01-01"), IS_WORKDAY) == []
    assert latest(Timing(cron="* * * * *", workday=31), at("2026-01-01"), at("2026-01-08"), IS_WORKDAY) is None
    assert len(made) < 5 * 366 + 20


def saved(**scheduled: object) -> Document[Schedule]:
    facts = {"name": "月报", "report": "insured_persons", "timing": {"cron": "0 8 3 * *"}, **scheduled}
    state = Schedule(Scheduled.model_validate(facts).model_dump(mode="json"), at("2026-02-10"), "zhao")
    return Document(derive_id("schedule", "one"), state, 3)


def test_what_is_due_asks_for_one_run_whenever_and_by_whomever_it_is_looked_at() -> None:
    assert request(saved(), at("2026-03-03 07:59"), BOOK) is None
    first, later = request(saved(), at("2026-03-03 08:00"), BOOK), request(saved(), at("2026-03-03 08:05"), BOOK)
    assert first is not None
    assert first == later
    assert (first.report, first.wanted.period, first.actor.id) == ("insured_persons", "2026-02", "zhao")
    assert first.schedule == derive_id("schedule", "one")
    assert request(saved(paused=True), at("2026-03-03 08:00"), BOOK) is None


def test_what_came_due_while_nobody_looked_is_made_up_for_once_and_not_for_ever() -> None:
    daily = saved(timing={"cron": "0 8 * * *"}, span="yesterday")
    made_up = request(daily, at("2026-03-20 07:00"), BOOK)
    assert made_up is not None
    assert made_up.wanted.period == "2026-03-18"
    assert request(saved(), at("2026-03-11 08:00"), BOOK) is None


def test_nothing_is_made_up_for_that_was_due_before_the_schedule_was_saved() -> None:
    assert request(saved(timing={"cron": "0 8 9 * *"}), at("2026-02-10 09:00"), BOOK) is None


def test_what_follows_counts_the_same_period_unless_it_names_its_own() -> None:
    then = [{"report": "a", "then": [{"report": "b"}]}, {"report": "c", "wanted": {"period": "2025"}}]
    wish = request(saved(then=then), at("2026-03-03 08:00"), BOOK)
    assert wish is not None
    assert [f.wanted.period for f in (wish.then[0], wish.then[0].then[0], wish.then[1])] == ["2026-02"] * 2 + ["2025"]
