"""What follows for an occurrence from its plan and from what was heard: states, deadline, who has to be woken when."""

from datetime import datetime

from msgspec.structs import replace

from services.sla.obligations.definition import DUE
from services.sla.obligations.model import Item, Occurrence, Plan, Step, settled
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


def _items(known: tuple[Item, ...], plan: Plan) -> tuple[Item, ...]:
    """In the plan's order; after them those that the plan has no more and that something was heard of."""
    by_key = {item.key: item for item in known}
    planned = [replace(by_key.pop(p.key, Item(p.key)), name=p.name, planned=True) for p in plan.items]
    former = [replace(i, planned=False) for _, i in sorted(by_key.items()) if i.decisions or i.points or i.evidence]
    return tuple(settled(item, plan) for item in (*planned, *former))


def _next(o: Occurrence) -> Step | None:
    if o.state != "open":
        return None
    silenced = o.silenced
    left = (step for step in o.plan.steps if step.at > o.seen_at)
    return next((step for step in left if not silenced or step.label in (DUE, DAILY)), None)
