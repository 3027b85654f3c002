"""Months as people write them."""

from datetime import UTC, datetime

import pytest

from chassis.zone import month_in


def test_a_month_begins_and_ends_at_midnight_in_beijing() -> None:
    assert month_in("2026-12") == (datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert month_in("2000-01")[0].year == 2000 and month_in("2100-12")[1].year == 2101


@pytest.mark.parametrize("text", ["0001-01", "1999-12", "2101-01", "9999-12", "2026-13", "2026", ""])
def test_what_is_no_month_that_anybody_means_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError):
        month_in(text)
