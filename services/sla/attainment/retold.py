"""The items of obligations from the OBLIGATION stream alone: what was planned, reported and decided."""

from collections.abc import AsyncIterable
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from contracts.obligation import (
    ItemState,
    ObligationEvent,
    ObligationEvidenceAdded,
    ObligationFulfilled,
    ObligationOpened,
    ObligationProgressed,
    ObligationReopened,
    ObligationRescheduled,
    ObligationWaived,
)
from services.sla.attainment.asked import Asked
from services.sla.attainment.duties import Duty, duties
from services.sla.obligations.deriving import derived
from services.sla.obligations.fold import plan_of
from services.sla.obligations.model import Decision, Evidence, Item, Occurrence, Point

_STATES: dict[type[ObligationEvent], ItemState] = {
    ObligationFulfilled: "done", ObligationWaived: "waived", ObligationReopened: "open",
}  # fmt: skip
Told = tuple[str, str, str, str, datetime, datetime | None, str]


async def retold(events: AsyncIterable[ObligationEvent], asked: Asked) -> list[Duty]:
    """The same as `duties` gives of what is stored. An event that is in the stream twice counts once."""
    occurrences: dict[UUID, Occurrence] = {}
    known: set[UUID] = set()
    async for event in events:
        if event.id not in known:
            known.add(event.id)
            after = _heard(occurrences.get(event.obligation_id), event)
            if after is not None:
                occurrences[event.obligation_id] = derived(after)
    return duties(occurrences.values(), asked)


def told(duty: Duty) -> Told:
    """What of an item must be the same; names of people and places may have been corrected since."""
    return duty.holder, duty.name, duty.period, duty.key, duty.due_at, duty.since, duty.outcome


def _heard(o: Occurrence | None, event: ObligationEvent) -> Occurrence | None:
    at = event.occurred_at.replace(microsecond=event.occurred_at.microsecond // 1000 * 1000)  # as the store keeps it
    if isinstance(event, ObligationOpened | ObligationRescheduled) and event.plan is not None:
        plan = plan_of(event.plan)
        return Occurrence(event.obligation_id, plan, at, at) if o is None else replace(o, plan=plan)
    if o is None:
        return None
    changed = {item.key: item for item in o.items}
    for key, item in _changes(event, at, changed):
        changed[key] = item
    return replace(o, items=tuple(changed.values()))


def _changes(event: ObligationEvent, at: datetime, items: dict[str, Item]) -> list[tuple[str, Item]]:
    if isinstance(event, ObligationProgressed):
        reported = [(items[i.key], Point(at, i.done, i.of)) for i in event.items]
        return [(item.key, replace(item, points=tuple(sorted((*item.points, point))))) for item, point in reported]
    if isinstance(event, ObligationEvidenceAdded):
        item, piece = items[event.item], Evidence(at, event.evidence_id, event.actor.id, event.note)
        return [(item.key, replace(item, evidence=tuple(sorted((*item.evidence, piece)))))]
    if (state := _STATES.get(type(event))) is None:
        return []
    decision = Decision(at, state, event.actor.id)
    decided = [items[key] for key in event.items]  # type: ignore[attr-defined]
    return [(item.key, replace(item, decisions=tuple(sorted((*item.decisions, decision))))) for item in decided]
