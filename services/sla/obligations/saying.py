"""What is said when an occurrence is another than before: each thing once, of what passed unseen only the latest."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from chassis.message import Moment
from contracts.envelope import SYSTEM
from contracts.obligation import (
    ObligationAlarm,
    ObligationCompleted,
    ObligationEscalated,
    ObligationEvent,
    ObligationNoticed,
    ObligationOpened,
    ObligationOverdue,
    ObligationPlan,
    ObligationReminded,
    ObligationRescheduled,
    OpenItem,
)
from services.sla.obligations.definition import DUE
from services.sla.obligations.deriving import audible, wanting
from services.sla.obligations.model import Occurrence, Plan, Step
from services.sla.obligations.schedule import DAILY

SHOWN = 10


def about(o: Occurrence) -> dict[str, Any]:
    """What every event says."""
    return {
        "obligation_id": o.obligation_id,
        "definition": o.plan.definition,
        "title": o.plan.title,
        "holder": o.plan.holder,
        "holder_name": o.plan.holder_name,
        "period": o.plan.period,
        "due_at": o.plan.due_at,
        "open": o.count("open"),
        "done": o.count("done"),
        "waived": o.count("waived"),
    }


def opened(o: Occurrence, moment: Moment) -> ObligationEvent:
    plan = o.plan
    keys = tuple(item.key for item in plan.items)
    facts = {"opens_at": plan.opens_at, "calendar": plan.calendar, "edition": plan.edition}
    return moment.event(ObligationOpened, actor=SYSTEM, items=keys, plan=as_told(plan), **facts, **about(o))


def as_told(plan: Plan) -> ObligationPlan:
    """As commands and events have it."""
    return ObligationPlan.model_validate(to_builtins(plan))


def differences(before: Occurrence, after: Occurrence, moment: Moment) -> Iterator[ObligationEvent]:
    """What follows from the change, beside the words that brought it about."""
    if shape(before.plan) != shape(after.plan):
        yield _rescheduled(before.plan, after, moment)
    yield from _alarms(before, after, moment)
    if after.state == "completed" and before.state != "completed":
        assert after.completed_at is not None
        in_time = after.completed_at <= after.plan.due_at
        yield moment.event(ObligationCompleted, completed_at=after.completed_at, in_time=in_time, **about(after))


def _alarms(before: Occurrence, after: Occurrence, moment: Moment) -> Iterator[ObligationAlarm]:
    if after.state != "open":
        return
    if after.overdue and not before.overdue:
        due = next(step for step in after.plan.steps if step.label == DUE)
        yield moment.event(ObligationOverdue, **_told(due, after, moment))
    passed = [s for s in after.plan.steps if before.seen_at < s.at <= after.seen_at]
    news = [s for s in passed if wanting(s, after) and audible(s, after)]
    if not news or news[-1].label == DUE:
        return
    # At one moment one alert: the notice of the day gives way to a reminder, which then tells its audience too.
    together = [s for s in news if s.at == news[-1].at and s.label != DUE]
    last = next((s for s in reversed(together) if s.label != DAILY), together[-1])
    said = replace(last, tell=tuple(dict.fromkeys(target for s in (last, *together) for target in s.tell)))
    before_due = ObligationNoticed if last.label == DAILY else ObligationReminded
    yield moment.event(ObligationEscalated if last.at > after.plan.due_at else before_due, **_told(said, after, moment))


def _told(step: Step, o: Occurrence, moment: Moment) -> dict[str, Any]:
    missing = tuple(OpenItem(key=i.key, name=i.name, done=i.done, of=i.of) for i in o.open[:SHOWN])
    return {
        "actor": SYSTEM,
        "threshold": step.label,
        "targets": step.tell,
        "late_ms": _late(step.at, moment.now),
        "left": step.left,
        "least": step.least,
        "missing": missing,
        # More than all, or what somebody need not do, must not hide what others owe.
        "progress": sum(min(item.done, item.of) for item in o.planned if item.state != "waived"),
        "progress_of": sum(item.of for item in o.planned if item.state != "waived"),
        **about(o),
    }


def _late(at: datetime, now: datetime) -> int:
    return max(0, round((now - at).total_seconds() * 1000))


def shape(plan: Plan) -> object:
    """What somebody has to be told of when it changes; a name is not among it."""
    keys = {item.key for item in plan.items}
    return plan.opens_at, plan.due_at, plan.steps, plan.edition, plan.least, plan.most, keys


def _rescheduled(before: Plan, after: Occurrence, moment: Moment) -> ObligationEvent:
    was, now = [i.key for i in before.items], [i.key for i in after.plan.items]
    return moment.event(
        ObligationRescheduled,
        actor=SYSTEM,
        due_before=before.due_at,
        calendar=after.plan.calendar,
        edition=after.plan.edition,
        added=tuple(key for key in now if key not in was),
        removed=tuple(key for key in was if key not in now),
        plan=as_told(after.plan),
        **about(after),
    )
