"""Finds outages: several institutions report the same thing within minutes. Suggests; a person decides.

The same cases lead to the same suggestion under the same id, however often and by how many processes they are looked
at, so looking again is harmless.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.envelope import SYSTEM, derive_id
from contracts.outage import AddToOutage, OutageCommand, OutageState, SuggestOutage
from services.intake.outage.alike import Seen, groups, same, signature_of
from services.intake.outage.model import MAX_CASES
from services.intake.text.plain import title

WITHIN: Final = timedelta(minutes=10)
INSTITUTIONS: Final = 3
LOOK_BACK: Final = timedelta(minutes=15)
GROWS_FOR: Final = timedelta(hours=4)
QUIET_FOR: Final = timedelta(hours=2)


class Known(msgspec.Struct, frozen=True):
    """An outage that is there already; `since` is when it last grew, or when it ended."""

    id: UUID
    state: OutageState
    signature: str
    cases: frozenset[UUID]
    since: datetime

    def takes(self, now: datetime) -> bool:
        open_ = self.state in ("suggested", "confirmed")
        return open_ and len(self.cases) < MAX_CASES and now - self.since <= GROWS_FOR

    def silences(self, now: datetime) -> bool:
        return self.state == "dismissed" and now - self.since <= QUIET_FOR


def detect(cases: Sequence[Seen], known: Sequence[Known], now: datetime) -> list[OutageCommand]:
    """What to suggest, and which suggested or confirmed outages grow."""
    wishes = (_about(group, known, now) for group in groups(cases))
    return [wish for wish in wishes if wish is not None]


def _about(group: list[Seen], known: Sequence[Known], now: datetime) -> OutageCommand | None:
    signature, ids = signature_of(group[0]), {seen.id for seen in group}
    taken = frozenset[UUID]().union(*(outage.cases for outage in known))
    new = [seen for seen in group if seen.id not in taken][:MAX_CASES]
    mine = [o for o in known if same(o.signature, signature) or o.cases & ids]
    if not new or any(o.silences(now) for o in mine):
        return None
    growing = [o for o in mine if o.takes(now)]
    if growing:
        return _add(max(growing, key=lambda o: (o.since, o.id)), new, now)
    return _suggest(signature, new, now) if _widespread(new) else None


def _widespread(group: Sequence[Seen]) -> bool:
    """Whether enough institutions are among those of any ten minutes. The group is in the order of time."""
    for first in group:
        within = {s.institution for s in group if timedelta() <= s.opened_at - first.opened_at <= WITHIN}
        if len(within - {None}) >= INSTITUTIONS:
            return True
    return False


def _suggest(signature: str, group: Sequence[Seen], now: datetime) -> SuggestOutage:
    first = group[0]
    id_ = derive_id("outage", signature, first.id)
    return SuggestOutage(
        id=_wish_id(id_, group),
        occurred_at=now,
        actor=SYSTEM,
        outage_id=id_,
        title=title(first.text),
        signature=signature,
        infno=first.infno,
        error=first.error,
        case_ids=tuple(seen.id for seen in group),
        institutions=_institutions(group),
    )


def _add(outage: Known, group: Sequence[Seen], now: datetime) -> AddToOutage:
    return AddToOutage(
        id=_wish_id(outage.id, group),
        occurred_at=now,
        actor=SYSTEM,
        outage_id=outage.id,
        case_ids=tuple(seen.id for seen in group),
        institutions=_institutions(group),
    )


def _wish_id(outage_id: UUID, group: Iterable[Seen]) -> UUID:
    return derive_id("observed", outage_id, *sorted(str(seen.id) for seen in group))


def _institutions(group: Iterable[Seen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s.institution for s in group if s.institution))
