"""A calendar as its YAML file says it (`Calendar`), and a version with the days of its holidays (`Definition`)."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal, Self

import msgspec

from chassis.calendars.holidays import statutory

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS: Final = (date(2020, 1, 1), date(2040, 12, 31))
_INTERVAL = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)

Interval = tuple[int, int]


class Special(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Days that differ: `date`, or `from` and `to` and all between; `closed`, `open` or `hours` says how.

    `open: true` is open as on the usual working day, `open: sat` as on that day of the week.
    """

    day: date | None = msgspec.field(default=None, name="date")
    first: date | None = msgspec.field(default=None, name="from")
    last: date | None = msgspec.field(default=None, name="to")
    closed: bool = False
    open: bool | str = False
    hours: tuple[str, ...] = ()
    note: str = ""

    @property
    def span(self) -> tuple[date, date] | None:
        """Its first and last day; None when it does not say both."""
        first, last = (self.day, self.day) if self.day else (self.first, self.last)
        return (first, last) if first and last else None

    def days(self) -> Iterator[date]:
        """Each of its days."""
        first, last = self.span or (date.max, date.min)
        yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Hours are local time of `zone`, as `09:00-12:00`; 24:00 is the end of a day. `workday` is the usual working day.

    `known_until` says that `exceptions` hold the announced holidays up to that day: forecasts before it do not count.
    """

    name: str
    weekly: Mapping[str, tuple[str, ...]]
    holidays: Literal["china", "none"]
    zone: str = "Asia/Shanghai"
    workday: str = "mon"
    known_until: date | None = None
    exceptions: tuple[Special, ...] = ()

    def weekday(self, name: str) -> tuple[Interval, ...]:
        """The hours of a day of the week, in minutes of the day."""
        return intervals(self.weekly.get(name, ()))

    def special(self, special: Special) -> tuple[Interval, ...]:
        """The hours of a day that differs, in minutes of the day."""
        if special.hours:
            return intervals(special.hours)
        if not special.open:
            return ()
        return self.weekday(special.open if isinstance(special.open, str) else self.workday)


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version: everything its hours follow from, so that they can be computed again at any time.

    `off`, `worked` and `forecast` are days of public holidays, official ones up to `known_until`.
    """

    calendar: Calendar
    first: date
    last: date
    known_until: date
    off: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    forecast: tuple[date, ...] = ()

    @classmethod
    def resolve(cls, calendar: Calendar, years: tuple[date, date] = YEARS) -> Self:
        """Add the holidays from the first to the last of these days. Raises UnknownYears."""
        first, last = years
        if calendar.holidays == "none":
            return cls(calendar, first, last, known_until=last)
        known = statutory(first, last)
        until = min(max(known.known_until, calendar.known_until or date.min), last)
        forecast = tuple(day for day in known.forecast if day > until)
        return cls(calendar, first, last, until, known.off, known.worked, forecast)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """What `to_dict` gave. Raises msgspec.ValidationError."""
        return msgspec.convert(stored, cls)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, words and numbers; days as 2026-12-31."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @property
    def version(self) -> str:
        """12 hex digits of a SHA-256 over all of it; a field that is left out does not count."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:12]


def minutes(text: str) -> Interval | None:
    """`09:00-12:00` as minutes of the day, whichever of them is earlier; None when it is not written so."""
    if (found := _INTERVAL.fullmatch(text)) is None:
        return None
    h, m, to_h, to_m = map(int, found.groups())
    start, end = h * 60 + m, to_h * 60 + to_m
    return (start, end) if max(start, end) <= 24 * 60 else None


def intervals(texts: tuple[str, ...]) -> tuple[Interval, ...]:
    """In order of the day; of a calendar without faults, where all of them can be read."""
    return tuple(sorted(found for text in texts if (found := minutes(text))))
