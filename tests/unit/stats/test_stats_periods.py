"""Periods of reports: how they are written, and what each is compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from services.stats.periods import EVERYTHING, Period, period

written = st.one_of(
    st.builds("{}-{:02}".format, st.integers(2000, 2099), st.integers(1, 12)),
    st.builds("{}-Q{}".format, st.integers(2000, 2099), st.integers(1, 4)),
    st.builds(str, st.integers(2000, 2099)),
    st.builds("{}-{:02}..12".format, st.integers(2000, 2099), st.integers(2, 11)),
    st.dates(date(2000, 1, 1), date(2099, 12, 30)).map(date.isoformat),
)


@given(written)
def test_what_is_written_is_what_is_shown(text: str) -> None:
    found = period(text)
    assert period(found.text) == found
    assert found.since < found.until
    assert found.name.startswith(f"{found.since.year}年")


@given(written)
def test_the_period_before_ends_where_this_one_begins_and_is_as_long(text: str) -> None:
    found = period(text)
    before = found.before()
    assert before.until == found.since
    assert abs((before.until - before.since) - (found.until - found.since)) <= timedelta(days=3)


@given(written)
def test_the_year_to_date_ends_with_the_month_and_last_year_is_a_year_before(text: str) -> None:
    found = period(text)
    assert found.year_to_date().since == date(found.since.year, 1, 1)
    assert found.year_to_date().until >= found.until
    assert found.year_ago().since.year == found.since.year - 1


@pytest.mark.parametrize(
    ("text", "since", "until", "name"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1), "2026年10月"),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), "2026年第4季度"),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "2026年"),
        ("2026-01..09", date(2026, 1, 1), date(2026, 10, 1), "2026年1至9月"),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1), "2024年2月29日"),
    ],
)
def test_periods_are_half_open(text: str, since: date, until: date, name: str) -> None:
    assert (period(text).since, period(text).until, period(text).name) == (since, until, name)


def test_the_leap_day_is_compared_with_the_last_of_february() -> None:
    assert period("2024-02-29").year_ago().since == date(2023, 2, 28)


def test_nothing_is_everything() -> None:
    assert period("") == EVERYTHING == Period("", date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "2026-09..01", "今年", "2026-02-30", "26-01", "2026-1"])
def test_what_is_no_period_is_refused_with_how_it_is_written(text: str) -> None:
    with pytest.raises(Refused, match="统计期写法"):
        period(text)


@pytest.mark.parametrize("text", ["0001", "0000", "1989-12", "2100", "9999", "0001-01-01"])
def test_a_year_that_no_data_are_of_is_refused_before_anything_is_counted(text: str) -> None:
    with pytest.raises(Refused, match="1990"):
        period(text)
