"""Which occurrences of the duty there are, by the OBLIGATION stream, and what each has to be told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

import msgspec

from contracts.envelope import SYSTEM, derive_id
from contracts.obligation import (
    ItemProgress,
    ObligationEvent,
    ObligationOpened,
    ObligationRescheduled,
    ReportObligationProgress,
)
from services.stats.lists.counts import Count

DUTY: Final = "settlement_list"
_MOST: Final = 1_000  # items of one command


class Occurrence(msgspec.Struct, frozen=True):
    """The duty of one holder about one month, and the institutions that have to fulfil it."""

    id: UUID
    month: str
    institutions: frozenset[str]


def occurrences(events: Iterable[ObligationEvent]) -> tuple[Occurrence, ...]:
    """As they are after these events, which come in order; those that are no duty any more are left out."""
    found: dict[UUID, tuple[int, Occurrence]] = {}
    for event in events:
        if event.definition != DUTY or not isinstance(event, ObligationOpened | ObligationRescheduled):
            continue
        version, before = found.get(event.obligation_id, (0, None))
        if event.version > version:
            has = _institutions(event, before)
            found[event.obligation_id] = event.version, Occurrence(event.obligation_id, event.period, has)
    return tuple(o for _, o in found.values() if o.institutions)


def _institutions(event: ObligationOpened | ObligationRescheduled, before: Occurrence | None) -> frozenset[str]:
    if event.plan is not None:
        return frozenset(item.key for item in event.plan.items)
    if isinstance(event, ObligationOpened):
        return frozenset(event.items)
    return (before.institutions if before else frozenset()) - {*event.removed} | {*event.added}


def commands(known: Sequence[Occurrence], counts: Sequence[Count], now: datetime) -> Iterator[ReportObligationProgress]:
    """What each occurrence is told. The same counts of the same days are the same command, whoever says it when."""
    by_month: dict[str, dict[str, Count]] = {}
    for count in counts:
        by_month.setdefault(count.month, {})[count.institution] = count
    for occurrence in known:
        of = by_month.get(occurrence.month, {})
        keys = iter(sorted(occurrence.institutions & of.keys()))
        while some := list(islice(keys, _MOST)):
            yield _command(occurrence, [of[key] for key in some], now)


def unowed(known: Sequence[Occurrence], counts: Sequence[Count]) -> tuple[str, ...]:
    """Institutions of which nobody has promised anything for that month: they are watched, and told nobody."""
    owed: Mapping[str, set[str]] = {month: set() for month in (o.month for o in known)}
    for occurrence in known:
        owed[occurrence.month].update(occurrence.institutions)
    return tuple(sorted({c.institution for c in counts if c.institution not in owed.get(c.month, ())}))


def _command(occurrence: Occurrence, counts: Sequence[Count], now: datetime) -> ReportObligationProgress:
    told = "|".join(f"{c.institution} {c.as_of} {c.done}/{c.of}" for c in counts)
    return ReportObligationProgress(
        id=derive_id("settlement lists", occurrence.id, told), occurred_at=now, actor=SYSTEM,
        obligation_id=occurrence.id,
        items=tuple(ItemProgress(key=c.institution, done=c.done, of=c.of) for c in counts),
    )  # fmt: skip
