"""Shifts from a weekly pattern, and from a month's roster as a table."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

import msgspec

from chassis.zone import BEIJING
from contracts.duty import Shift
from services.intake.duty.fold import problem_of
from services.intake.duty.model import ShiftKind
from services.intake.text.csv_lines import UNREADABLE, CsvLine, lines_of

MAX_DAYS = 400
_KINDS: Final[dict[str, ShiftKind]] = {
    "": "duty", "值班": "duty", "duty": "duty", "班": "duty", "午间": "lunch_cover", "午间值守": "lunch_cover",
    "lunch_cover": "lunch_cover", "请假": "leave", "休": "leave", "休假": "leave", "leave": "leave",
}  # fmt: skip
_COLUMNS: Final = {
    "日期": "date", "工程师": "engineer", "人员": "engineer", "开始": "begins", "结束": "ends",
    "类型": "kind", "备注": "note",
}  # fmt: skip


class Pattern(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The same hours on certain days of the week (1 Monday to 7 Sunday) from a first to a last day, in Beijing.

    Hours are HH:MM; no end, or 24:00, is midnight.
    """

    engineer: str
    weekdays: tuple[int, ...]
    first: date
    last: date
    begins: str
    ends: str
    kind: ShiftKind = "duty"
    note: str = ""


class Line(NamedTuple):
    """`number` is its line in the file; either a shift or what is wrong."""

    number: int
    shift: Shift | None
    problem: str = ""


class BadPattern(Exception):
    """The pattern gives no shifts; the message says why."""


def expand(pattern: Pattern) -> list[Shift]:
    """One shift a day; hours that end before they begin end on the next day. Raises BadPattern."""
    days = (pattern.last - pattern.first).days + 1
    if not 0 < days <= MAX_DAYS:
        raise BadPattern(f"日期范围不对: 结束日期应不早于开始日期, 且不超过 {MAX_DAYS} 天")
    if not pattern.weekdays or not set(pattern.weekdays) <= set(range(1, 8)):
        raise BadPattern("weekdays 应为 1 到 7 (周一到周日), 至少一天")
    try:
        hours = time.fromisoformat(pattern.begins), _ends(pattern.ends)
    except ValueError:
        raise BadPattern("时间应写作 08:30") from None
    dates = (pattern.first + timedelta(days=n) for n in range(days))
    days_on = (day for day in dates if day.isoweekday() in pattern.weekdays)
    found = [_shift(day, pattern.engineer, pattern.kind, *hours, pattern.note) for day in days_on]
    if not found:
        raise BadPattern("这段日期里没有所选的星期: 请核对 weekdays 与起止日期")
    return found


def roster(text: str, id_of: Callable[[str], str] = str) -> Iterator[Line]:
    """A month's roster: columns date, engineer, begins, ends, kind, note (日期,工程师,开始,结束,类型,备注).

    `id_of` makes an id of what stands for the engineer, who may be named there.
    """
    lines = lines_of(text)
    first = next(lines, CsvLine(1, None)).cells or []
    heading = [_COLUMNS.get(name.strip(), name.strip()) for name in first]
    if not {"date", "engineer"} <= set(heading):
        raise BadPattern("第一行应为表头: 日期,工程师,开始,结束,类型,备注")
    for number, cells in lines:
        if cells is None:
            yield Line(number, None, UNREADABLE)
        elif any(cell.strip() for cell in cells):
            found = {n: c.strip() for n, c in zip(heading, cells, strict=False)}
            yield _line(number, {**found, "engineer": id_of(found.get("engineer", ""))})


def _line(number: int, cells: dict[str, str]) -> Line:
    if (kind := _KINDS.get(cells.get("kind", ""))) is None:
        return Line(number, None, "类型应为 值班、午间、请假 之一")
    if not cells.get("engineer"):
        return Line(number, None, "缺少工程师")
    try:
        day = date.fromisoformat(cells.get("date", "").replace("/", "-"))
        begins, ends = time.fromisoformat(cells.get("begins") or "00:00"), _ends(cells.get("ends", ""))
    except ValueError:
        return Line(number, None, "日期应写作 2026-12-01, 时间应写作 08:30")
    shift = _shift(day, cells["engineer"], kind, begins, ends, cells.get("note", ""))
    problem = problem_of(shift)
    return Line(number, None if problem else shift, problem)


def _ends(text: str) -> time:
    return time.min if text in ("", "24:00") else time.fromisoformat(text)


def _shift(day: date, engineer: str, kind: ShiftKind, begins: time, ends: time, note: str) -> Shift:
    """Its id follows from who, when and what: the same pattern again changes shifts and doubles none."""
    first = datetime.combine(day, begins, BEIJING)
    last = datetime.combine(day if ends > begins else day + timedelta(days=1), ends, BEIJING)
    id_ = f"{day.isoformat()}-{engineer}-{kind}-{begins:%H%M}"
    return Shift(id=id_, engineer=engineer, kind=kind, begins=first, ends=last, note=note)
