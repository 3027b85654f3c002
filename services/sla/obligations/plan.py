"""From definitions and contracts to plans: every occurrence whose deadline lies between two days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.directory import ServiceContract
from contracts.envelope import derive_id
from contracts.obligation import ObligationItem, ObligationPlan
from services.sla.clock import Hours
from services.sla.obligations.days import Period, moment, period_of, periods
from services.sla.obligations.definition import Definition
from services.sla.obligations.schedule import Schedule, schedule

DESK = "desk"
_DAY = timedelta(days=1)
_REACH = timedelta(days=40)  # a deadline that moves over holidays stays so near to its period


class Parties(NamedTuple):
    """Who has obligations: the contracts of the directory, and the institutions' names."""

    contracts: Sequence[ServiceContract]
    names: Mapping[str, str]


def obligation_id(definition: str, holder: str, period: str) -> UUID:
    return derive_id("obligation", definition, holder, period)


def plans(
    definitions: Sequence[Definition],
    parties: Parties,
    calendars: Mapping[str, Hours],
    since: datetime,
    until: datetime,
) -> Iterator[tuple[UUID, ObligationPlan]]:
    """Occurrences that are due from `since` to `until`. Raises LookupError for a calendar that is not there."""
    for definition in definitions:
        hours = calendars[definition.calendar]
        holders: Sequence[ServiceContract | None] = (None,) if definition.each == DESK else parties.contracts
        schedules: dict[Period, Schedule | None] = {}  # most contracts have the same months
        for holder in holders:
            for about, window in _windows(definition, holder, since, until):
                if window not in schedules:
                    schedules[window] = _schedule(definition, window, hours)
                times = schedules[window]
                if times is not None and since <= times.due_at <= until and _begun(holder, times):
                    plan = _plan(definition, holder, about, times, hours, parties.names)
                    yield obligation_id(plan.definition, plan.holder, plan.period), plan


def _windows(
    definition: Definition, holder: ServiceContract | None, since: datetime, until: datetime
) -> Iterator[tuple[Period, Period]]:
    """What it is about, and when it is done."""
    if definition.every == "period":
        if holder is not None and (term := _term(holder)) is not None:
            whole = Period(holder.begins, *term)
            yield whole, whole
        return
    term = _term(holder) if holder is not None else (date.min, date.max)
    if term is None:
        return
    for window in periods(definition.every, (since - _REACH).date(), (until + _REACH).date()):
        about = period_of(definition.every, window.first - _DAY) if definition.about == "last" else window
        if about.first <= term[1] and term[0] <= about.last:
            yield about, window


def _term(holder: ServiceContract) -> tuple[date, date] | None:
    """None for days that do not exist or end before they begin."""
    try:
        first, last = date.fromisoformat(holder.begins), date.fromisoformat(holder.ends)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _schedule(definition: Definition, window: Period, hours: Hours) -> Schedule | None:
    """None where it lies outside the years of the calendar."""
    try:
        return schedule(definition, window, hours)
    except ValueError:
        return None


def _begun(holder: ServiceContract | None, times: Schedule) -> bool:
    """Whether it is due after the contract has begun."""
    return holder is None or times.due_at > moment(date.fromisoformat(holder.begins), timedelta())


def _plan(
    definition: Definition, holder: ServiceContract | None, about: Period, times: Schedule, hours: Hours,
    names: Mapping[str, str],
) -> ObligationPlan:  # fmt: skip
    least, most = _counted(definition, holder)
    return ObligationPlan(
        definition=definition.name, title=definition.title, todo=definition.todo, each=definition.each,
        holder=holder.id if holder else DESK, holder_name=holder.name if holder else "服务台", period=about.key,
        opens_at=times.opens_at, due_at=times.due_at, steps=times.steps, items=_items(definition, holder, names),
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
