"""Dates, times and months from the ways in which people and spreadsheets write them, Excel's serial numbers too."""

import re
from datetime import date, datetime, timedelta

from services.stats.sources.ingest.cell import Cell, Refusal, narrowed

WRITTEN, SERIAL, TIME_CUT = "日期写法", "Excel 日期数字", "去掉时刻"
_DAY = r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)|年(\d{1,2})月(\d{1,2})日?)"
_TIME = r"(?:[ T]{0,2}(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})0*)?)?|[ T]?(\d\d)(\d\d)(\d\d)?)"
_FORM = re.compile(f"{_DAY}{_TIME}?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.]?(\d\d)|[-/.](\d)|年(\d{1,2})月?)", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of Excel's calendar; local like all times of an export
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 73_415  # 1927-05-18 to 2100-12-31; smaller numbers are no dates but amounts
_FOREVER = date(9999, 12, 31)  # how the national model writes "until further notice"


def moment(cell: str) -> Cell:
    """Of a column of times. Raises Refusal."""
    value, repairs = _moment(cell)
    if not repairs and cell not in (value.isoformat(" "), _canonical(value)):
        repairs = (WRITTEN,)
    return Cell(value, repairs)


def day(cell: str) -> Cell:
    """Of a column of dates; a time of day is cut off, and counted. Raises Refusal."""
    value, repairs = _moment(cell)
    if value.time() != value.time().min:
        repairs = (*repairs, TIME_CUT)
    elif not repairs and cell != value.date().isoformat():
        repairs = (WRITTEN,)
    return Cell(value.date(), repairs)


def month(cell: str) -> Cell:
    """Of a column of months: text `2026-10`. The first day of a month stands for it. Raises Refusal."""
    half, repairs = narrowed(cell)
    found = _MONTH.fullmatch(half)
    if found is None:
        value, repairs = _first_of_month(half)
    else:
        value = _date(found[1], found[2] or found[3] or found[4], "1")
    text = f"{value:%Y-%m}" if value.year > 999 else ""
    return Cell(text, repairs or ((WRITTEN,) if text != cell else ()))


def _first_of_month(cell: str) -> tuple[date, tuple[str, ...]]:
    try:
        value, repairs = _moment(cell)
    except Refusal:
        raise Refusal("不是年月") from None
    if value.day != 1 or value.time() != value.time().min:
        raise Refusal("不是年月")
    return value.date(), repairs or (WRITTEN,)


def _moment(cell: str) -> tuple[datetime, tuple[str, ...]]:
    half, repairs = narrowed(cell)
    if _SERIAL.fullmatch(half) and _FIRST_SERIAL <= float(half) < _LAST_SERIAL:
        # A serial number holds its seconds only to within a rounding error.
        return _ZERO + timedelta(seconds=round(float(half) * 86_400)), (*repairs, SERIAL)
    found = _FORM.fullmatch(half)
    if found is None:
        raise Refusal("不是日期")
    on = _date(found[1], *_first_pair(found[3], found[4], found[5], found[6], found[7], found[8]))
    clock = found[9] or found[13], found[10] or found[14], found[11] or found[15]
    hour, minute, second = (int(n or 0) for n in clock)
    fraction = int(f"{found[12] or '0':0<6}")
    try:
        at = datetime(on.year, on.month, on.day, hour, minute, second, fraction)  # noqa: DTZ001 - local
    except ValueError:
        raise Refusal("不是有效的日期") from None
    return at, repairs


def _first_pair(*parts: str | None) -> tuple[str, str]:
    return next((m, d) for m, d in zip(parts[::2], parts[1::2], strict=True) if m and d)


def _date(year: str, month: str | None, day: str) -> date:
    try:
        value = date(int(year), int(month or 0), int(day))
    except ValueError:
        raise Refusal("不是有效的日期") from None
    if not 1900 <= value.year <= 2100 and value != _FOREVER:
        raise Refusal("年份超出范围")
    return value


def _canonical(value: datetime) -> str:
    return value.isoformat(" ").rstrip("0") if value.microsecond else value.isoformat(" ")
