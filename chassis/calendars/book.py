"""All calendars of an edition, by name."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from chassis.calendars.compiling import hours_of
from chassis.calendars.definition import Calendar, Definition
from chassis.calendars.faults import faults_of
from chassis.calendars.hours import ALWAYS, Hours
from chassis.errors import CannotStart

PACKAGED = Path(__file__).parent
_IN_CHINESE = (
    (r"Object contains unknown field `(.*)`", r"不认识字段 \1, 请改正拼写或删去"),
    (r"Object missing required field `(.*)`", r"缺少字段 \1, 请补上"),
    (r"Invalid enum value '(.*)'", r"不能写 \1, 可以写的值见 docs/calendars.md"),
    (r"Expected `date.*`, got .*", "日期应写作 2026-12-31, 不加引号"),
    (r"Expected `(.*)`, got `(.*)`", r"应为 \1, 写成了 \2"),
    (r".*(?:is out of range for month|must be in .*)", "有一个日期或时间不存在 (例如 2026-02-30), 请改正"),
)


class CalendarError(CannotStart):
    """A calendar file cannot be used; the message says which, where and what to do."""


class UnknownCalendar(LookupError):
    """There is no calendar of this name."""


class Ending(NamedTuple):
    """A calendar whose holidays are official only up to `known_until`, or that ends there."""

    name: str
    version: str
    known_until: date

    def __str__(self) -> str:
        return (
            f"营业日历 {self.name} 的放假安排只到 {self.known_until}: 请升级 chinesecalendar, "
            "或在文件的 exceptions 中写入国务院公布的放假与调休, 并改 known_until"
        )


class CalendarBook:
    """Calendars by name, compiled when they are first asked for; 24x7 is always there."""

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        self._definitions = {d.calendar.name: d for d in definitions}
        self._hours: dict[str, Hours] = {ALWAYS.name: ALWAYS}

    @classmethod
    def load(cls, where: Path | Iterable[Path] = PACKAGED) -> Self:
        """From the YAML files of a directory, or these files. Raises CalendarError."""
        files = sorted(where.glob("*.yaml")) if isinstance(where, Path) and where.is_dir() else where
        named: dict[str, Path] = {}
        definitions = []
        for path in [files] if isinstance(files, Path) else files:
            calendar = read(path)
            if other := named.get(calendar.name):
                raise CalendarError(f"营业日历文件 {path} 与 {other} 的 name 都是 {calendar.name}: 请改其中一个")
            named[calendar.name] = path
            definitions.append(Definition.resolve(calendar))
        return cls(definitions)

    @property
    def names(self) -> tuple[str, ...]:
        """Every calendar there is, 24x7 first."""
        return (ALWAYS.name, *self._definitions)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What the calendars are made of, to be stored for later; 24x7 needs none."""
        return tuple(self._definitions.values())

    def current(self, name: str) -> Hours:
        """Its open time. Raises UnknownCalendar."""
        if (hours := self._hours.get(name)) is None:
            if (definition := self._definitions.get(name)) is None:
                raise UnknownCalendar(f"没有营业日历 {name!r}: 现有 {', '.join(self.names)}")
            hours = self._hours[name] = hours_of(definition)
        return hours

    def missing_years(self, today: date, weeks_ahead: int = 8) -> list[Ending]:
        """The calendars that know official holidays for less than so many weeks from `today`, the soonest first."""
        until = today + timedelta(weeks=weeks_ahead)
        found = [Ending(d.calendar.name, d.version, d.known_until) for d in self.definitions]
        return sorted((e for e in found if e.known_until < until), key=lambda e: (e.known_until, e.name))


def read(path: Path) -> Calendar:
    """One calendar. Raises CalendarError."""
    try:
        calendar = msgspec.yaml.decode(path.read_bytes(), type=Calendar)
    except (OSError, ValueError) as error:  # YAML itself raises ValueError for a day like 2026-02-30
        raise CalendarError(f"营业日历文件 {path} 不可用: {_chinese(str(error))}") from None
    if faults := faults_of(calendar):
        raise CalendarError(f"营业日历文件 {path} 有误: {'; '.join(faults)}")
    return calendar


def _chinese(said: str) -> str:
    what, _, where = said.partition(" - at ")
    for pattern, chinese in _IN_CHINESE:
        what = re.sub(pattern, chinese, what)
    return f"{where.strip('`')}: {what}" if where else what
