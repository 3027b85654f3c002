"""From a definition to its open intervals: day by day, exceptions before holidays before the week."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.calendars.definition import WEEKDAYS, Definition, Interval
from chassis.calendars.hours import Hours, microseconds


def hours_of(definition: Definition) -> Hours:
    """Takes some 50 ms for twenty years; a calendar that has faults gives wrong hours."""
    calendar, zone = definition.calendar, ZoneInfo(definition.calendar.zone)
    limits = _instant(definition.first, 0, zone), _instant(definition.last, 24 * 60, zone)
    covers = definition.first, definition.last
    return Hours(calendar.name, definition.version, definition.known_until, covers, limits, _open(definition, zone))


def _open(definition: Definition, zone: ZoneInfo) -> Iterator[Interval]:
    """Open intervals in microseconds since 1970 UTC, in order."""
    calendar = definition.calendar
    week = [calendar.weekday(name) for name in WEEKDAYS]
    differs: dict[date, tuple[Interval, ...]] = dict.fromkeys((*definition.off, *definition.forecast), ())
    differs |= dict.fromkeys(definition.worked, calendar.weekday(calendar.workday))
    differs |= {day: calendar.special(special) for special in calendar.exceptions for day in special.days()}
    for n in range((definition.last - definition.first).days + 1):
        day = definition.first + timedelta(days=n)
        for start, end in differs.get(day, week[day.weekday()]):
            yield _instant(day, start, zone), _instant(day, end, zone)


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """When local clocks first show this minute; where they jump over it, the moment of the jump."""
    wall = datetime.combine(day, time.min, zone) + timedelta(minutes=minute)
    at = wall.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return microseconds(at)
    # Read with the offset after the jump it lies before the jump, and the other way round.
    early, after = wall.replace(fold=1).astimezone(UTC), wall.replace(fold=1).utcoffset()
    seconds = range(int((at - early).total_seconds()) + 1)
    jump = bisect_left(
        seconds, True, key=lambda s: (early + timedelta(seconds=s)).astimezone(zone).utcoffset() == after
    )
    return microseconds(early + timedelta(seconds=jump))
