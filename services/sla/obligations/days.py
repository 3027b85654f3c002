"""Days of a duty: periods, the n-th day or working day of one, and where a deadline moves that is no working day."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from chassis.zone import BEIJING
from services.sla.clock import Hours

Every = Literal["month", "quarter", "year", "period"]
Shift = Literal["before", "after", "none"]

_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LONGEST_PERIOD = {"month": 32, "quarter": 93, "year": 367}  # days, and one: day -1 is the last of them
_LONGEST = 60  # no calendar is closed for longer
_WRITTEN = re.compile(r"(?:last (day|workday)|(day|workday) (-?[0-9]{1,3}))(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")


class Period(NamedTuple):
    """`key` is `2026-11`, `2026-Q4`, `2026`, or of a contract's whole term the day on which it began."""

    key: str
    first: date
    last: date


class Day(NamedTuple):
    """The `number`-th day of a period, from its end where negative; `after` is the time since midnight, if given."""

    working: bool
    number: int
    after: timedelta | None


def day_of(text: str) -> Day:
    """`day 11 18:00`, `workday 3`, `last workday`, `day -30`; 24:00 is the end of the day. Raises ValueError."""
    found = _WRITTEN.fullmatch(text)
    number = -1 if found is None or found[3] is None else int(found[3])
    after = None
    if found is not None and found[4]:
        after = timedelta(hours=int(found[4]), minutes=int(found[5]), seconds=int(found[6] or 0))
    if found is None or number == 0 or (after is not None and (int(found[5]) > 59 or after > _DAY)):
        raise ValueError(
            f"日子 {text!r} 不可用: 请写成 day 11 18:00, workday 3, last day, last workday 或 day -30 (倒数)"
        )
    return Day((found[1] or found[2]) == "workday", number, after)


def precedes(due: Day, opens: Day, every: Every) -> bool:
    """Whether it would be due before it opens; False where only a calendar can say."""
    if due.working != opens.working or (every == "period" and (due.number > 0) != (opens.number > 0)):
        return False
    if due.working and (due.number > 0) != (opens.number > 0):
        return False
    longest = _LONGEST_PERIOD.get(every, 0)
    ends, begins = (day.number + longest * (day.number < 0) for day in (due, opens))
    return (ends, _DAY if due.after is None else due.after) < (begins, opens.after or timedelta())


def time_of(text: str) -> timedelta:
    """`09:00`. Raises ValueError."""
    found = re.fullmatch(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?", text)
    after = timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3] or 0)) if found else _DAY
    if after >= _DAY or (found is not None and int(found[2]) > 59):
        raise ValueError(f"时间 {text!r} 不可用: 请写成 09:00")
    return after


def moment(day: date, after: timedelta) -> datetime:
    """So long after the midnight that begins the day in China."""
    return datetime.combine(day, time.min, BEIJING) + after


def period_of(every: Every, day: date) -> Period:
    """The month, quarter or year of a day."""
    months = _MONTHS[every]
    month = (day.month - 1) // months * months + 1
    first = date(day.year, month, 1)
    last = date(day.year + (month + months > 12), (month + months - 1) % 12 + 1, 1) - _DAY
    key = {"month": f"{first:%Y-%m}", "quarter": f"{first.year}-Q{(month + 2) // 3}", "year": f"{first.year}"}[every]
    return Period(key, first, last)


def periods(every: Every, since: date, until: date) -> Iterator[Period]:
    """Every month, quarter or year that has a day of these."""
    while since <= until:
        period = period_of(every, since)
        yield period
        since = period.last + _DAY


def works(hours: Hours, day: date) -> bool:
    """Whether the calendar is open at any time of the day. Raises OutOfRange."""
    midnight = moment(day, timedelta())
    return hours.between(midnight, midnight + _DAY) > timedelta()


def working_days(hours: Hours, since: date, until: date) -> int:
    """How many working days lie after `since` up to `until`; negative when `until` is the earlier one."""
    if until < since:
        return -working_days(hours, until, since)
    return sum(works(hours, since + _DAY * n) for n in range(1, (until - since).days + 1))


def step(hours: Hours, day: date, by: int) -> date:
    """`by` working days after the day, before it where negative; the day itself for none."""
    towards, left = (_DAY if by > 0 else -_DAY), abs(by)
    for _ in range(_LONGEST + 7 * left):
        if left == 0:
            return day
        day += towards
        left -= works(hours, day)
    raise ValueError(f"营业日历 {hours.name} 连续 {_LONGEST} 天以上没有工作日: 请检查日历")


def find(wanted: Day, period: Period, hours: Hours) -> date:
    """The day in the period; the last (or first) there is where the period has fewer."""
    days = (period.last - period.first).days + 1
    if not wanted.working:
        n = min(wanted.number, days) - 1 if wanted.number > 0 else max(days + wanted.number, 0)
        return period.first + _DAY * n
    found, left = None, abs(wanted.number)
    for n in range(days):
        day = period.first + _DAY * n if wanted.number > 0 else period.last - _DAY * n
        if works(hours, day):
            found, left = day, left - 1
            if left == 0:
                break
    return found or period.last


def shifted(day: date, shift: Shift, hours: Hours, opens: date) -> date:
    """A working day in its place. Nothing can be due before it begins: then it moves to the day after instead."""
    if shift == "none" or works(hours, day):
        return day
    before = step(hours, day, -1)
    return before if shift == "before" and before >= opens else step(hours, day, 1)
