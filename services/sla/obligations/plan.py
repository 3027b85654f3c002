"""From definitions and contracts to plans: every occurrence whose deadline lies between two days."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.directory import ServiceContract
from contracts.obligation import DESK, ObligationItem, ObligationPlan, obligation_id
from services.sla.clock import Hours
from services.sla.obligations.days import Period, moment, period_of, periods
from services.sla.obligations.definition import Definition
from services.sla.obligations.schedule import Schedule, schedule

_DAY = timedelta(days=1)
_REACH = timedelta(days=40)  # a deadline that moves over holidays stays so near to its period
_EDGE = timedelta(days=60)  # reminders and escalations lie so near to the first and the last day of a term
_TERMS = date(2000, 1, 1), date(2100, 12, 31)  # what people write for "always" lies outside


class Parties(NamedTuple):
    """Who has obligations: the contracts of the directory, and the institutions' names."""

    contracts: Sequence[ServiceContract]
    names: Mapping[str, str]


def plans(
    definitions: Sequence[Definition],
    parties: Parties,
    calendars: Mapping[str, Hours],
    since: datetime,
    until: datetime,
    failed: Callable[[str, str, Exception], None] = lambda definition, holder, error: None,
) -> Iterator[tuple[UUID, ObligationPlan]]:
    """Occurrences that are due from `since` to `until`. Raises LookupError for a calendar that is not there.

    What cannot be planned, by name and holder, `failed` is told; all others are planned nevertheless.
    """
    for definition in definitions:
        hours = calendars[definition.calendar]
        holders: Sequence[ServiceContract | None] = (None,) if definition.each == DESK else parties.contracts
        schedules: dict[tuple[Period, date, date], Schedule] = {}  # most contracts have the same months
        for holder in holders:
            try:
                term = _term(holder, hours if definition.every == "period" else None)
            except ValueError as error:
                failed(definition.name, holder.id if holder else DESK, error)
                continue
            if term is None:
                continue
            for about, window in _windows(definition, holder, term, since, until):
                try:
                    served = _served(definition, window, term)
                    if (times := schedules.get((window, *served))) is None:
                        times = schedules[window, *served] = schedule(definition, window, hours, *served)
                    if not since <= times.due_at <= until or times.due_at <= moment(term[0], timedelta()):
                        continue
                    plan = _plan(definition, holder, about, times, hours, parties.names)
                except (ValueError, OverflowError) as error:  # a contract that breaks a limit is a ValueError, too
                    failed(definition.name, holder.id if holder else DESK, error)
                else:
                    yield obligation_id(plan.definition, plan.holder, plan.period), plan


def _windows(
    definition: Definition, holder: ServiceContract | None, term: tuple[date, date], since: datetime, until: datetime
) -> Iterator[tuple[Period, Period]]:
    """What it is about, and when it is done."""
    if definition.every == "period":
        assert holder is not None
        whole = Period(holder.begins, *term)
        yield whole, whole
        return
    for window in periods(definition.every, (since - _REACH).date(), (until + _REACH).date()):
        about = period_of(definition.every, window.first - _DAY) if definition.about == "last" else window
        if about.first <= term[1] and term[0] <= about.last:
            yield about, window


def _term(holder: ServiceContract | None, hours: Hours | None) -> tuple[date, date] | None:
    """As far as there is a calendar, where one counts; None where there is nothing of it. Raises ValueError for days
    that do not exist or end before they begin.
    """
    if holder is None:
        return _TERMS
    first, last = date.fromisoformat(holder.begins), date.fromisoformat(holder.ends)
    if first > last:
        raise ValueError(f"the contract ends on {last}, before it begins on {first}")
    first, last = max(first, _TERMS[0]), min(last, _TERMS[1])
    if hours is not None:
        covers: tuple[date, date] = getattr(hours, "covers", _TERMS)  # not every one that tells hours has an end
        first, last = max(first, covers[0] + _EDGE), min(last, covers[1] - _EDGE)
    return (first, last) if first <= last else None


def _served(definition: Definition, window: Period, term: tuple[date, date]) -> tuple[date, date]:
    """The days of the window on which the contract is in force; what is about the last may be done after its end."""
    return max(window.first, term[0]), date.max if definition.about == "last" else min(window.last, term[1])


def _plan(
    definition: Definition, holder: ServiceContract | None, about: Period, times: Schedule, hours: Hours,
    names: Mapping[str, str],
) -> ObligationPlan:  # fmt: skip
    least, most = _counted(definition, holder)
    steps = tuple(step.model_copy(update={"least": min(step.least, least)}) for step in times.steps)
    return ObligationPlan(
        definition=definition.name, title=definition.title, todo=definition.todo, each=definition.each,
        holder=holder.id if holder else DESK, holder_name=holder.name if holder else "服务台", period=about.key,
        opens_at=times.opens_at, due_at=times.due_at, steps=steps, items=_items(definition, holder, names),
        calendar=f"{hours.name}@{hours.version}", edition=definition.version, by_progress=definition.by_progress,
        least=least, most=most,
    )  # fmt: skip


def _counted(definition: Definition, holder: ServiceContract | None) -> tuple[int, int]:
    count = definition.count
    if count is None:
        return 0, 0
    most = (holder.trainings if holder and count.agreed == "trainings" else 0) or count.most
    return min(count.least, most) if most else count.least, most


def _items(
    definition: Definition, holder: ServiceContract | None, names: Mapping[str, str]
) -> tuple[ObligationItem, ...]:
    if holder is None:
        return (ObligationItem(key=DESK, name="服务台"),)
    if definition.each == "contract":
        return (ObligationItem(key=holder.id, name=holder.name),)
    codes = dict.fromkeys(holder.institution_codes)
    return tuple(ObligationItem(key=code, name=names.get(code, code)) for code in codes)
