"""What became of obligations (服务义务), for the clauses that are about one: an item for each institution.

An occurrence keeps when each word was said, so its items are judged as of any moment. Of plans it keeps only the last
one, which no longer changes once it is due: before that, its items are those that it has now.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from contracts.obligation import DESK
from services.sla.attainment.asked import Asked
from services.sla.attainment.row import Outcome
from services.sla.obligations.course import settled
from services.sla.obligations.model import Item, Occurrence, Plan


class Duty(msgspec.Struct, frozen=True):
    """One item: `holder` is a contract or the desk, `title` what staff call the obligation, `name` what clauses do."""

    holder: str
    name: str
    period: str
    key: str
    title: str
    holder_name: str
    item: str
    due_at: datetime
    since: datetime | None
    outcome: Outcome


def duties(occurrences: Iterable[Occurrence], asked: Asked) -> list[Duty]:
    """Items that are due in these months, as they stood at `as_of`; what the contract has lost does not count."""
    if not asked.whole:
        return []
    found = (duty for occurrence in occurrences for duty in _items(occurrence, asked))
    return sorted(found, key=lambda duty: (duty.due_at, duty.holder, duty.name, duty.period, duty.key))


def _items(occurrence: Occurrence, asked: Asked) -> Iterator[Duty]:
    plan, contract = occurrence.plan, asked.filters.contract
    if occurrence.state == "dropped" or not asked.since <= plan.due_at < asked.until:
        return
    if contract is not None and plan.holder not in (contract, DESK):
        return
    for item in occurrence.planned:
        then = _then(item, plan, asked.as_of)
        yield Duty(
            plan.holder, plan.definition, plan.period, item.key, plan.title, plan.holder_name, item.name or item.key,
            plan.due_at.astimezone(UTC), then.since and then.since.astimezone(UTC), _outcome(then, plan, asked.as_of),
        )  # fmt: skip


def _then(item: Item, plan: Plan, as_of: datetime) -> Item:
    """The item by what had been heard of it then."""
    return settled(
        replace(
            item,
            decisions=tuple(d for d in item.decisions if d.at <= as_of),
            points=tuple(p for p in item.points if p.at <= as_of),
            evidence=tuple(e for e in item.evidence if e.at <= as_of),
        ),
        plan,
    )


def _outcome(item: Item, plan: Plan, as_of: datetime) -> Outcome:
    if item.state == "waived":
        return "exempted"
    if item.state == "done" and item.since is not None:
        return "kept" if item.since <= plan.due_at else "late"
    return "late" if plan.due_at <= as_of else "open"
