"""When an occurrence opens, is due, and somebody is told: moments, from a definition, a period and a calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chassis.zone import BEIJING
from contracts.obligation import ObligationStep
from services.sla.clock import Hours
from services.sla.obligations.days import Period, day_of, find, moment, shifted, step, time_of, working_days, works
from services.sla.obligations.definition import DUE, Definition, Step
from services.sla.threshold import duration

DAILY = "daily"
_DAY = timedelta(days=1)
_END = _DAY - timedelta(seconds=1)  # people read midnight as the day that it begins


class Schedule(NamedTuple):
    opens_at: datetime
    due_at: datetime
    steps: tuple[ObligationStep, ...]


def schedule(
    definition: Definition, window: Period, hours: Hours, since: date = date.min, until: date = date.max
) -> Schedule:
    """`window` is the period in which it is done, of which only these days count. Raises ValueError outside the years
    of the calendar.
    """
    opens, due = day_of(definition.opens), day_of(definition.due)
    first = find(opens, window, hours)
    last = shifted(find(due, window, hours), definition.shift, hours, first)
    if last > until:
        last = shifted(until, "none" if definition.shift == "none" else "before", hours, since)
    due_at = moment(last, _END if due.after is None else min(due.after, _END)).astimezone(UTC)
    opening = moment(first, opens.after or timedelta()) if first >= since else moment(since, timedelta())
    opens_at = min(opening.astimezone(UTC), due_at)
    steps = sorted(_steps(definition, opens_at, due_at, last, hours), key=lambda s: (s.at, s.label == DAILY))
    return Schedule(opens_at, due_at, tuple(steps))


def _steps(
    definition: Definition, opens_at: datetime, due_at: datetime, due_day: date, hours: Hours
) -> Iterator[ObligationStep]:
    def told(label: str, at: datetime, step: Step) -> ObligationStep:
        left = working_days(hours, at.astimezone(BEIJING).date(), due_day)
        at = at.astimezone(UTC).replace(microsecond=0)  # the store keeps milliseconds
        return ObligationStep(label=label, at=at, tell=step.tell, least=step.least, left=left)

    for label, one in definition.steps.items():
        at = _moment(label, definition, opens_at, due_at, due_day, hours)
        if at >= opens_at:
            yield told(label, at, one)
        elif (later := _first(definition, opens_at, due_day, hours)) < due_at:
            yield told(label, later, one)
    if definition.daily is None:
        return
    day, after = opens_at.astimezone(BEIJING).date(), time_of(definition.daily.at)
    while day <= due_day:
        at = moment(day, after)
        if opens_at <= at < due_at and (definition.daily.days == "every" or works(hours, day)):
            yield told(DAILY, at, Step(definition.daily.tell))
        day += _DAY


def _moment(
    label: str, definition: Definition, opens_at: datetime, due_at: datetime, due_day: date, hours: Hours
) -> datetime:
    if label == DUE:
        return due_at
    if label.endswith("%"):
        return opens_at + (due_at - opens_at) * int(label[:-1]) / 100
    if label.endswith("d"):
        return moment(step(hours, due_day, int(label[:-1])), time_of(definition.remind_at))
    beyond = duration(label[1:])
    return due_at + beyond if label[0] == "+" else due_at - beyond


def _first(definition: Definition, opens_at: datetime, due_day: date, hours: Hours) -> datetime:
    """When people begin to work on it: of a reminder that lies before the opening (nobody reads at midnight)."""
    day, at = opens_at.astimezone(BEIJING).date(), time_of(definition.remind_at)
    while day <= due_day and (moment(day, at) < opens_at or not works(hours, day)):
        day += _DAY
    return moment(day, at)
