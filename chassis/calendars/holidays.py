"""The days of China's public holidays (法定节假日) and the weekend days worked for them (调休上班日).

Official is what the State Council has announced, as `chinesecalendar` carries it. For later years there is a forecast,
`forecast.txt`: the holidays as law and moon give them, without the days worked in exchange, which nobody can know yet.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

FORECAST = Path(__file__).with_name("forecast.txt")


class Statutory(NamedTuple):
    """`off` and `worked` are official, up to and with `known_until`; `forecast` are days off expected after it."""

    off: tuple[date, ...]
    worked: tuple[date, ...]
    forecast: tuple[date, ...]
    known_until: date


class UnknownYears(ValueError):
    """There is neither an announcement nor a forecast for some of the years; the message says which there are."""


def statutory(first: date, last: date) -> Statutory:
    """The days from `first` to `last`. Raises UnknownYears."""
    from chinese_calendar import constants  # not before it is needed: not every process computes holidays

    earliest, known_until = announced()
    expected = forecast()
    if first < earliest or last.year > expected[-1].year:
        raise UnknownYears(f"法定节假日只有 {earliest.year} 至 {expected[-1].year} 年的: 查不到 {first} 至 {last}")
    return Statutory(
        tuple(sorted(day for day in constants.holidays if first <= day <= last)),
        tuple(sorted(day for day in constants.workdays if first <= day <= last)),
        tuple(day for day in expected if known_until < day and first <= day <= last),
        min(known_until, last),
    )


def announced() -> tuple[date, date]:
    """The first and the last day of the years whose holidays are official."""
    from chinese_calendar import constants

    # A notice is for a year, though that of the next may still touch the last days of December.
    return date(min(constants.holidays).year, 1, 1), date(max(constants.holidays).year, 12, 31)


@cache
def forecast() -> tuple[date, ...]:
    """The days off expected in the years that `forecast.txt` has, in order."""
    return tuple(date.fromisoformat(word) for word in FORECAST.read_text().split())
