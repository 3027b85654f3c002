"""From the facts of a case to its rows, as of a moment: what happened later does not count.

Whether somebody has looked at a clock does not matter here. What has ended is taken as it was said then; what goes on
is measured until `as_of`, by the edition of the promises that held at `as_of`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from contracts.sla import CANARY
from services.sla.attainment.row import Outcome, Row
from services.sla.attainment.windows import Span, overlap, windows
from services.sla.book import Book
from services.sla.clock import ClockState
from services.sla.contracts import Contracts
from services.sla.cycle import Fact, cycles, lasting
from services.sla.exemptions.model import Exemption
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from services.sla.policy import About

_NOBODY = Contracts()


def rows(case: CaseClocks, as_of: datetime, exemptions: Sequence[Exemption], book: Book) -> Iterator[Row]:
    """One per cycle that had begun by then. Raises LookupError for an edition that `book` does not know yet."""
    facts = tuple(fact for fact in case.facts if fact.at <= as_of)
    if case.number == CANARY or not facts or facts[0].type != "opened":
        return
    known = {(cycle.clock, cycle.number): cycle.about for cycle in cycles(facts)}
    for clock in _clocks(case, facts, as_of, book):
        if (about := known.get((clock.clock, clock.cycle))) is not None:
            yield _row(case, clock, about, facts, as_of, exemptions, book)


def _clocks(case: CaseClocks, facts: tuple[Fact, ...], as_of: datetime, book: Book) -> Iterable[ClockState]:
    ended = {(c.clock, c.cycle): c for c in case.clocks if c.ended_at is not None}
    if len(facts) < len(case.facts):
        ended = {}  # what has ended may not have ended by then
    elif case.clocks and len(ended) == len(case.clocks):
        return case.clocks
    then = replace(case, facts=facts, clocks=(), acknowledged=(), seen_at=as_of, book=book.version_at(as_of))
    told = SlaFold(book, _NOBODY).told(then)
    return [ended.get((c.clock, c.cycle), c) for c in told.clocks]


def _row(
    case: CaseClocks, clock: ClockState, about: About, facts: Sequence[Fact], as_of: datetime,
    exemptions: Sequence[Exemption], book: Book,
) -> Row:  # fmt: skip
    name, _, version = clock.calendar.rpartition("@")
    hours, spans = book.hours(name, version), _running(clock, as_of)
    counted = sum((hours.between(*span) for span in spans), timedelta())
    left_out = timedelta()
    if exempt := windows(e for e in exemptions if e.holds(as_of) and applies(e, case, clock, about)):
        left_out = sum((hours.between(*span) for span in overlap(spans, exempt)), timedelta())
    until = clock.ended_at or as_of
    return Row(
        case_id=case.case_id,
        number=case.number,
        clock=clock.clock,
        cycle=clock.cycle,
        policy=clock.policy,
        edition=clock.book,
        calendar=clock.calendar,
        contract=about.contract,
        institution=about.institution,
        category=about.category,
        priority=about.priority,
        engineer=next((f.who for f in reversed(facts) if f.type in ("assigned", "opened") and f.at <= until), None),
        started_at=clock.started_at.astimezone(UTC),
        due_at=clock.due_at.astimezone(UTC),
        ended_at=clock.ended_at and clock.ended_at.astimezone(UTC),
        within_s=clock.within_s,
        counted_s=counted.total_seconds(),
        exempted_s=left_out.total_seconds(),
        outcome=outcome_of(clock, counted - left_out < timedelta(seconds=clock.within_s)),
    )


def outcome_of(clock: ClockState, kept_without: bool = False) -> Outcome:
    """What became of it when it was measured. `kept_without`: without the time of the exemptions it is not late."""
    if clock.ended_at is None:  # an exemption gives it more time; whether it is kept then nobody knows yet
        return "late" if clock.breached and not kept_without else "open"
    if not clock.breached:
        return "kept" if clock.state == "met" else "void"
    return "exempted" if kept_without else "late"


def applies(exemption: Exemption, case: CaseClocks, clock: ClockState, about: About) -> bool:
    """Whether it is about this cycle, whenever that was."""
    wanted = exemption.wanted
    pairs = (
        (wanted.contracts, about.contract), (wanted.institutions, about.institution),
        (wanted.categories, about.category), (wanted.clocks, clock.clock), (wanted.case_ids, case.case_id),
    )  # fmt: skip
    return all(value in some for some, value in pairs if some)


def _running(clock: ClockState, as_of: datetime) -> list[Span]:
    """The spans that count."""
    last = clock.ended_at or max(as_of, clock.segments[-1].since)
    return [(s.since, end) for s, end in lasting(clock.segments, last) if s.running]
