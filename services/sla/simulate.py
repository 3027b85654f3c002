"""What-if: the clocks of cases that were, measured by other promises (时限试算)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.sla import Clock
from services.sla.attainment import judging, row
from services.sla.book import Book
from services.sla.clock import ClockState
from services.sla.contracts import Contracts
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks

Outcome = row.Outcome | Literal["none"]
"""As in attainment, without exemptions; `none` (无时限) where nothing was promised."""


class Period(NamedTuple):
    """Cycles that began from `since` to before `until` are looked at as they stood at `at`."""

    since: datetime
    until: datetime
    at: datetime

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


class Changed(msgspec.Struct, frozen=True):
    """A cycle that ends otherwise, with its deadline by each promise; None where there is none."""

    number: str
    case_id: UUID
    clock: Clock
    cycle: int
    before: Outcome
    after: Outcome
    due_before: datetime | None
    due_after: datetime | None


class Compared(msgspec.Struct):
    """Cycles by clock and outcome, and alarms by whom they tell: as promised then, and by the other promises."""

    cases: int = 0
    before: Counter[tuple[Clock, Outcome]] = msgspec.field(default_factory=Counter)
    after: Counter[tuple[Clock, Outcome]] = msgspec.field(default_factory=Counter)
    alarms_before: Counter[str] = msgspec.field(default_factory=Counter)
    alarms_after: Counter[str] = msgspec.field(default_factory=Counter)
    changed: list[Changed] = msgspec.field(default_factory=list)


def compare(cases: Iterable[CaseClocks], book: Book, other: Book, period: Period) -> Compared:
    """`cases` need their facts only; `book` is what held, `other` what is tried instead, as if it had always held."""
    found = Compared()
    folds = SlaFold(book, Contracts()), SlaFold(other, Contracts())
    for case in (_until(case, period.at) for case in cases):
        before, after = (_clocks(fold, case, period) for fold in folds)
        found.cases += bool(before or after)
        for key in sorted(before.keys() | after.keys()):
            _count(found, case, before.get(key), after.get(key))
        found.alarms_before.update(_alarms(case, before.values()))
        found.alarms_after.update(_alarms(case, after.values()))
    return found


def _outcome(clock: ClockState | None) -> Outcome:
    return "none" if clock is None else judging.outcome_of(clock)


def _until(case: CaseClocks, at: datetime) -> CaseClocks:
    """As it stood then, with somebody who looks."""
    facts = tuple(fact for fact in case.facts if fact.at <= at)
    return replace(case, facts=facts, seen_at=at, clocks=(), book="")


def _clocks(fold: SlaFold, case: CaseClocks, period: Period) -> dict[tuple[Clock, int], ClockState]:
    told = fold.told(replace(case, book=fold.book.version))
    return {(c.clock, c.cycle): c for c in told.clocks if period.holds(c.started_at)}


def _count(found: Compared, case: CaseClocks, before: ClockState | None, after: ClockState | None) -> None:
    shown = before or after
    assert shown is not None
    was, would = _outcome(before), _outcome(after)
    found.before[shown.clock, was] += 1
    found.after[shown.clock, would] += 1
    if was != would:
        dues = (None if c is None else c.due_at for c in (before, after))
        found.changed.append(Changed(case.number, case.case_id, shown.clock, shown.cycle, was, would, *dues))


def _alarms(case: CaseClocks, clocks: Iterable[ClockState]) -> Iterator[str]:
    """Whom each threshold would have told, up to the moment in which somebody took note."""
    noted = {(a.clock, a.cycle): a.at for a in case.acknowledged}
    for clock in clocks:
        until = noted.get((clock.clock, clock.cycle))
        for reached in clock.reached:
            if until is None or reached.at < until:
                yield from reached.tell
