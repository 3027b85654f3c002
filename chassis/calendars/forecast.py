"""Writes `forecast.txt` from the `holidays` package: `python -m chassis.calendars.forecast`.

The package takes 9 MB of memory and gives twenty days a year, so services read its answer from a file.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from chassis.calendars.holidays import FORECAST

YEARS = range(2027, 2051)


def expected(years: Iterable[int] = YEARS) -> list[date]:
    """The days off of these years by law and moon, in order, with those that make up for a weekend."""
    from holidays import country_holidays  # a tool of development: it is not there where services run

    return sorted(country_holidays("CN", years=years))


def text() -> str:
    """The file: one year a line."""
    return "".join(" ".join(map(str, days)) + "\n" for _, days in groupby(expected(), key=lambda day: day.year))


if __name__ == "__main__":
    FORECAST.write_text(text())
