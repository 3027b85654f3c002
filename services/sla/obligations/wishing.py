"""What the planner wishes: the difference between what should be there and what is."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from contracts.obligation import ObligationPlan
from services.sla.obligations.fold import plan_of
from services.sla.obligations.model import Occurrence, Plan, Planned
from services.sla.obligations.saying import as_told, shape

AHEAD = timedelta(days=3)  # an occurrence is there before it begins, to be seen and to be done early
_DAY = len("2026-01-01")

Plans = Mapping[UUID, ObligationPlan]


def frozen(o: Occurrence, now: datetime) -> bool:
    """Its deadline has passed: nothing but names may change, for what was owed then was owed."""
    return o.plan.due_at <= now and o.state != "dropped" and not o.plan.belated


def wishes(
    wanted: Plans,
    before: Mapping[UUID, Occurrence],
    now: datetime,
    names: Mapping[str, str] | None = None,
    failed: Collection[tuple[str, str]] = (),
) -> list[tuple[UUID, ObligationPlan]]:
    """What has to change. An occurrence that nobody knew before its deadline is not made up afterwards; of what could
    not be planned (`failed`, by definition and holder) nothing is dropped.
    """
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as the store keeps it
    owed = continued(wanted, before)
    found: list[tuple[UUID, ObligationPlan | None]] = []
    for id_, plan in owed.items():
        o = before.get(id_)
        if o is None or o.state == "dropped":
            if plan.items and plan.opens_at - AHEAD <= now < plan.due_at:
                found.append((id_, plan.model_copy(update={"since": now})))
        elif not frozen(o, now):
            found.append((id_, _changed(o.plan, plan, now)))
    for id_, o in before.items():
        if frozen(o, now):
            found.append((id_, _named(o.plan, names or {})))
        elif id_ not in owed and o.state == "open" and (o.plan.definition, o.plan.holder) not in failed:
            found.append((id_, as_told(replace(o.plan, items=(), since=now))))
    return [(id_, plan) for id_, plan in found if plan is not None]


def continued(wanted: Plans, before: Mapping[UUID, Occurrence]) -> dict[UUID, ObligationPlan]:
    """The same, but a term whose first day was corrected goes on under the day by which it is known."""
    found: dict[UUID, ObligationPlan] = {}
    for id_, plan in wanted.items():
        known = () if id_ in before or len(plan.period) != _DAY else _overlapping(plan, wanted, before)
        for other, period in known:
            found[other] = plan.model_copy(update={"period": period})
            break
        else:
            found[id_] = plan
    return found


def _overlapping(plan: ObligationPlan, wanted: Plans, before: Mapping[UUID, Occurrence]) -> Iterator[tuple[UUID, str]]:
    for id_, o in sorted(before.items(), key=lambda one: one[1].plan.period):
        old = o.plan
        same = (old.definition, old.holder, len(old.period)) == (plan.definition, plan.holder, _DAY)
        overlap = plan.period <= f"{old.due_at:%Y-%m-%d}" and old.period <= f"{plan.due_at:%Y-%m-%d}"
        if same and overlap and id_ not in wanted:
            yield id_, old.period


def _changed(old: Plan, plan: ObligationPlan, now: datetime) -> ObligationPlan | None:
    """None where it is the same; `since` moves where somebody has to be told."""
    same = plan.model_copy(update={"since": old.since})
    if plan_of(same) == old:
        return None
    return same if shape(plan_of(same)) == shape(old) else plan.model_copy(update={"since": now})


def _named(old: Plan, names: Mapping[str, str]) -> ObligationPlan | None:
    items = tuple(Planned(item.key, names.get(item.key, item.name)) for item in old.items)
    return None if items == old.items else as_told(replace(old, items=items))
