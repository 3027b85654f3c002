"""When reports are due and which time each is about. Each begins where the one before it ended, so that nothing is
between two of them. Pure.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from chassis.zone import BEIJING

Kind = Literal["daily", "weekly"]
KINDS: tuple[Kind, ...] = ("daily", "weekly")
KIND_NAMES: dict[Kind, str] = {"daily": "日报", "weekly": "周报"}
RULES: dict[Kind, str] = {"daily": "daily_report", "weekly": "weekly_report"}
"""The rule that a report is posted by; who has subscribed to it wants the report."""
_LENGTHS: dict[Kind, timedelta] = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
GRACE, LATEST = timedelta(minutes=1), timedelta(days=1)
"""What happened just before the end is on its way for a moment; after a day nobody wants the report any more."""


class Times(NamedTuple):
    """In Beijing; `weekday` counts from 0, Monday. Raises ValueError through `of` where a text says no time."""

    daily: time = time(17, 30)
    weekly: time = time(17, 0)
    weekday: int = 4

    @classmethod
    def of(cls, daily: str, weekly: str, weekday: int = 4) -> "Times":
        """From texts such as `17:30`."""
        return cls(time.fromisoformat(daily), time.fromisoformat(weekly), weekday)


class Period(NamedTuple):
    """From `since` until just before `until`, when the report is due."""

    kind: Kind
    since: datetime
    until: datetime

    def moment(self, now: datetime) -> datetime:
        """The time that a report made now tells of: its end, or now while that is still to come."""
        return min(self.until, now)

    @property
    def key(self) -> str:
        """`daily-2026-11-20`: the same whenever and wherever the report is made."""
        return f"{self.kind}-{self.until.astimezone(BEIJING):%Y-%m-%d}"


def period(kind: Kind, day: date, times: Times = Times()) -> Period:
    """The one whose report is due on this day; of weekly ones in its week."""
    if kind == "weekly":
        day += timedelta(days=times.weekday - day.weekday())
    until = datetime.combine(day, times.daily if kind == "daily" else times.weekly, BEIJING)
    return Period(kind, until - _LENGTHS[kind], until)


def due(now: datetime, times: Times = Times()) -> Iterator[Period]:
    """What is due at `now`, or has been for less than a day."""
    today = now.astimezone(BEIJING).date()
    for kind in KINDS:
        found = {period(kind, today - timedelta(days=back), times) for back in (0, 1)}
        yield from sorted(p for p in found if p.until + GRACE <= now < p.until + LATEST)
