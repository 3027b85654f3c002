"""What is wrong with a calendar, in Chinese: which entry, and what to do about it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.calendars.definition import WEEKDAYS, YEARS, Calendar, Special, minutes
from chassis.calendars.hours import ALWAYS

_NAMES = ", ".join(WEEKDAYS)
_LONGEST_DAYS = 400


def faults_of(calendar: Calendar, years: tuple[date, date] = YEARS) -> list[str]:
    """Every fault; empty when the calendar can be used. `years` are the first and the last day it will cover."""
    return [*_head(calendar), *_weekly(calendar), *_exceptions(calendar, years)]


def _head(calendar: Calendar) -> Iterator[str]:
    if not calendar.name.strip() or calendar.name == ALWAYS.name:
        yield f"name {calendar.name!r} 不能用: {ALWAYS.name} 是内置的全天候日历, 请另取一个不为空的名称"
    try:
        ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"zone {calendar.zone!r} 不是时区: 请写 IANA 名称, 例如 Asia/Shanghai"
    if calendar.known_until and calendar.holidays == "none":
        yield "known_until 只用于 holidays: china, 请删去"


def _weekly(calendar: Calendar) -> Iterator[str]:
    for name, texts in calendar.weekly.items():
        if name not in WEEKDAYS:
            yield f"weekly.{name}: 没有这一天, 请改为 {_NAMES} 之一"
        yield from _hours(f"weekly.{name}", texts)
    if not any(calendar.weekly.values()):
        yield 'weekly: 一周没有任何营业时间, 至少写一天, 例如 mon: ["09:00-12:00"]'
    elif _needs_workday(calendar) and not calendar.weekly.get(calendar.workday):
        yield f"workday {calendar.workday!r} 没有营业时间: 请用 workday 指定 weekly 中有营业时间的一天"


def _needs_workday(calendar: Calendar) -> bool:
    return calendar.holidays == "china" or any(special.open is True for special in calendar.exceptions)


def _exceptions(calendar: Calendar, years: tuple[date, date]) -> Iterator[str]:
    taken: dict[date, int] = {}
    for n, special in enumerate(calendar.exceptions, 1):
        where = f"exceptions 第 {n} 条{f' ({special.note})' if special.note else ''}"
        faults = [*_when(where, special, years), *_how(where, special, calendar)]
        yield from faults
        twice = next((day for day in special.days() if day in taken), None) if not faults else None
        if twice:
            yield f"{where}: {twice} 已在第 {taken[twice]} 条中写过, 请合并为一条"
        elif not faults:
            taken |= dict.fromkeys(special.days(), n)


def _when(where: str, special: Special, years: tuple[date, date]) -> Iterator[str]:
    if (special.span is None) or (special.day and (special.first or special.last)):
        yield f"{where}: 请写 date (一天), 或同时写 from 与 to (一段), 二者取一"
        return
    first, last = special.span
    if last < first:
        yield f"{where}: to {last} 早于 from {first}, 请对调"
    elif (last - first).days >= _LONGEST_DAYS:
        yield f"{where}: {first} 至 {last} 超过 {_LONGEST_DAYS} 天, 请核对年份"
    elif first < years[0] or last > years[1]:
        yield f"{where}: {first} 不在日历覆盖的 {years[0]} 至 {years[1]} 之内, 请核对年份或删去"


def _how(where: str, special: Special, calendar: Calendar) -> Iterator[str]:
    if (special.closed, bool(special.open), bool(special.hours)).count(True) != 1:
        yield f"{where}: closed: true, open: true, hours: [...] 请写且只写一样"
    elif isinstance(special.open, str) and special.open not in WEEKDAYS:
        yield f"{where}: open {special.open!r} 不是星期, 请写 true 或 {_NAMES} 之一"
    elif isinstance(special.open, str) and not calendar.weekly.get(special.open):
        yield f"{where}: weekly 中 {special.open} 没有营业时间, 请改用 hours: [...]"
    yield from _hours(where, special.hours)


def _hours(where: str, texts: tuple[str, ...]) -> Iterator[str]:
    read = []
    for text in texts:
        if (found := minutes(text)) is None:
            yield f'{where}: 时间 {text!r} 应写作 "09:00-12:00", 结束可写 24:00'
        elif found[1] <= found[0]:
            yield f"{where}: {text} 的结束不晚于开始; 跨零点的请拆开, 前一天到 24:00, 后一天从 00:00"
        else:
            read.append((found, text))
    for (before, one), (after, other) in pairwise(sorted(read)):
        if after[0] < before[1]:
            yield f"{where}: {one} 与 {other} 重叠, 请改为不重叠的时段或合并"
