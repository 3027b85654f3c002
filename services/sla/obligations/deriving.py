"""What follows for an occurrence from its plan and from what was heard: states, deadline, who has to be woken when."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from services.sla.obligations.course import course, settled
from services.sla.obligations.definition import DUE
from services.sla.obligations.model import Item, Occurrence, Plan, Step
from services.sla.obligations.schedule import DAILY


def derived(o: Occurrence) -> Occurrence:
    """The same with everything that follows computed anew."""
    items = _items(o.items, o.plan)
    planned = [item for item in items if item.planned]
    is_open = any(item.state == "open" for item in planned)
    completed_at = None if is_open else max((i.since for i in planned if i.since), default=None)
    o = replace(
        o,
        items=items,
        state="open" if is_open else "completed" if planned else "dropped",
        completed_at=completed_at,
        silenced=_silenced(o, planned),
        overdue=bool(planned) and (completed_at > o.plan.due_at if completed_at else o.seen_at >= o.plan.due_at),
    )
    following = _next(o)
    return replace(o, next_at=following and following.at, next_label=following.label if following else "")


def looked(o: Occurrence, now: datetime) -> Occurrence:
    """Somebody looks at it; the very same when there is nothing to be seen yet."""
    return o if o.next_at is None or now < o.next_at or now <= o.seen_at else replace(o, seen_at=now)


def wanting(step: Step, o: Occurrence) -> bool:
    """Whether there is something to say at this step: of a count, only when less is done than should be."""
    return step.least == 0 or any(item.done < step.least for item in o.open)


def audible(step: Step, o: Occurrence) -> bool:
    """Who takes note ends reminders and escalations; the notice of the day and the deadline are told all the same."""
    return not o.silenced or step.label in (DUE, DAILY)


def _items(known: tuple[Item, ...], plan: Plan) -> tuple[Item, ...]:
    """In the plan's order; after them those that the plan has no more and that something was heard of."""
    by_key = {item.key: item for item in known}
    planned = [replace(by_key.pop(p.key, Item(p.key)), name=p.name, planned=True) for p in plan.items]
    former = [replace(i, planned=False) for _, i in sorted(by_key.items()) if i.decisions or i.points or i.evidence]
    return tuple(settled(item, plan) for item in (*planned, *former))


def _next(o: Occurrence) -> Step | None:
    if o.state != "open":
        return None
    return next((step for step in o.plan.steps if step.at > o.seen_at and audible(step, o)), None)


def _silenced(o: Occurrence, planned: Sequence[Item]) -> bool:
    """Somebody has taken note, and it was neither planned otherwise nor opened again since."""
    if o.acknowledged is None or (o.plan.since is not None and o.acknowledged.at <= o.plan.since):
        return False
    noted = o.acknowledged.at
    again = any(d.state == "open" and d.at >= noted for item in o.items for d in item.decisions)
    return not again and not _reopened(planned, o.plan, noted)


def _reopened(planned: Sequence[Item], plan: Plan, after: datetime) -> bool:
    """Whether all items were done at some time after that, and then one was not."""
    turns = [(at, item.key, state) for item in planned for at, state, *_ in course(item, plan)]
    left, completed = {item.key for item in planned}, False
    for at, group in groupby(sorted(turns, key=lambda turn: turn[0]), key=lambda turn: turn[0]):
        for _, key, state in group:
            left = left | {key} if state == "open" else left - {key}
        if left and completed and at > after:
            return True
        completed = not left
    return False
