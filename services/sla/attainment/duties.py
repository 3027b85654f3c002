"""What became of obligations (服务义务), for the clauses that are about one: an item for each institution."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from services.sla.attainment.asked import Asked
from services.sla.attainment.row import Outcome
from services.sla.attainment.tally import Tally
from services.sla.obligations.model import Item, Occurrence, Plan, settled


class Duty(NamedTuple):
    """`title` is what staff call it."""

    title: str
    tally: Tally


Duties = dict[tuple[str, str], Duty]
"""By who has the duty, a contract or the desk, and the obligation's name."""


def duties(occurrences: Iterable[Occurrence], asked: Asked) -> Duties:
    """Items that are due in these months, as they stood at `as_of`; what the contract has lost does not count."""
    found: Duties = {}
    for occurrence in occurrences:
        plan = occurrence.plan
        if occurrence.state == "dropped" or not asked.since <= plan.due_at < asked.until:
            continue
        _, tally = found.setdefault((plan.holder, plan.definition), Duty(plan.title, Tally()))
        for item in occurrence.planned:
            if asked.filters.institution in (None, item.key):
                tally.count(_outcome(_then(item, plan, asked.as_of), plan, asked.as_of))
    return found


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
