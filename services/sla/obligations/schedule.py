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


def schedule(definition: Definition, window: Period, hours: Hours) -> Schedule:
    """`window` is the period in which it is done. Raises ValueError outside the years of the calendar."""
    opens, due = day_of(definition.opens), day_of(definition.due)
    first = find(opens, window, hours)
    last = shifted(find(due, window, hours), definition.shift, hours, first)
    due_at = moment(last, _END if due.after is None else min(due.after, _END)).astimezone(UTC)
    opens_at = min(moment(first, opens.after or timedelta()).astimezone(UTC), due_at)
    steps = sorted(_steps(definition, opens_at, due_at, last, hours), key=lambda s: (s.at, s.label == DAILY))
    return Schedule(opens_at, due_at, tuple(_merged(steps)))


def _steps(
    definition: Definition, opens_at: datetime, due_at: datetime, due_day: date, hours: Hours
) -> Iterator[ObligationStep]:
    def told(label: str, at: datetime, step: Step) -> ObligationStep:
        left = working_days(hours, at.astimezone(BEIJING).date(), due_day)
        at = at.astimezone(UTC).replace(microsecond=0)  # the store keeps milliseconds
        return ObligationStep(label=label, at=at, tell=step.tell, least=step.least, left=left)

    for label, one in definition.steps.items():
        yield told(label, max(opens_at, _moment(label, definition, opens_at, due_at, due_day, hours)), one)
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


def _merged(steps: list[ObligationStep]) -> Iterator[ObligationStep]:
    """A reminder at the very moment of the day's notice takes its place, and tells its audience too."""
    for n, one in enumerate(steps):
        following = steps[n + 1] if n + 1 < len(steps) else None
        if one.label == DAILY and n and steps[n - 1].at == one.at:
            continue
        if one.least == 0 and following is not None and following.label == DAILY and following.at == one.at:
            yield one.model_copy(update={"tell": tuple(dict.fromkeys((*one.tell, *following.tell)))})
        else:
            yield one
