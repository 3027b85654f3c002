"""How an alert begins and grows: from an event by its rules, or by another rule for the same event. Pure.

A message belongs to one document, so the first rule that wants an event makes its alert here; each further one gets a
command, and so an alert of its own. Events with the same group values meet in one alert, which counts them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from chassis.errors import Refused
from chassis.message import Moment
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.notify import InhibitAlert, NotificationGrew, RaiseAlert
from contracts.stats import ReportTable
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert, Call
from services.notify.alerts.plan import Plan, Planner
from services.notify.alerts.telling import tell
from services.notify.rules.rulebook import Compiled


class Wanted(NamedTuple):
    """What a message asks for: an alert by `rule`, telling of `event`; `others` want one of their own."""

    rule: Compiled
    event: Event
    alert_id: UUID
    others: tuple[Compiled, ...] = ()


def wanted(event: Event, rules: Sequence[Compiled]) -> Wanted:
    """Raises Refused where no rule wants it: then it is no news to anybody."""
    found = [rule for rule in rules if rule.wanted(event) and rule.audiences(event)]
    if not found:
        raise Refused("nobody_to_tell", "无需通知")
    first, *others = found
    return Wanted(first, event, alert_id(first, event), tuple(others))


def alert_id(rule: Compiled, event: Event) -> UUID:
    """One per cause and rule; one per group where the rule has one."""
    return grouped_id(rule.alert, rule.group_key(event)) or derive_id("alert", rule.alert, event.id)


def grouped_id(rule: str, key: tuple[str, ...] | None) -> UUID | None:
    return derive_id("alert", rule, *key) if key else None


def plan_of(planner: Planner, asked: Wanted, moment_now: Any) -> Plan:
    rule, event = asked.rule, asked.event
    urgency, labels = rule.urgency(event), rule.labels(event)
    return planner.plan(rule.rule, urgency, labels, rule.audiences(event), moment_now)


def raised(alert: Alert | None, moment: Moment, asked: Wanted, plan: Plan, planner: Planner) -> Draft:
    """The alert that this event begins, or that it belongs to."""
    rule, event = asked.rule, asked.event
    fresh = alert is None or not alert.count
    draft = Draft(_begun(alert, moment, asked, planner) if fresh or alert is None else alert, moment)
    if fresh:
        if draft.alert.settled_at is None:
            _call_later(draft, asked)
        draft.show(plan.inboxes)
    else:
        _grow(draft, asked, plan)
    if not draft.alert.is_over:
        tell(draft, plan, planner, again=rule.rule.again)
    for name, key in rule.inhibited(event):
        if target := grouped_id(name, key):
            facts = {"rule": name, "by": draft.alert.id, "reason": f"已有更严重的通知: {draft.alert.title}"}
            draft.wish(InhibitAlert, actor=SYSTEM, alert_id=target, **facts)
    for other in asked.others:
        facts = {"rule": other.rule.name, "event_type": event.type, "event": event.model_dump_json()}
        draft.wish(RaiseAlert, actor=SYSTEM, alert_id=alert_id(other, event), **facts)
    return draft


def _begun(stub: Alert | None, moment: Moment, asked: Wanted, planner: Planner) -> Alert:
    """What it tells; a graver alert may have been here before it, and have left it settled."""
    rule, event = asked.rule, asked.event
    said, labels = event.__dict__, rule.labels(event)
    silence = planner.people.silenced(labels, moment.now)
    return Alert(
        id=moment.aggregate_id, rule=rule.rule.name, urgency=rule.urgency(event), title=rule.title(event),
        body=rule.body(event), worded_at=event.recorded_at, audiences=(),
        queued_at=moment.now, occurred_at=event.occurred_at, labels=labels,
        subject=subject_of(event), case_id=said.get("case_id"), number=said.get("number", ""),
        clock=said.get("clock"), cycle=said.get("cycle", 0), due_at=said.get("due_at"),
        obligation_id=said.get("obligation_id"), outage_id=said.get("outage_id"),
        expires_at=moment.now + timedelta(hours=rule.rule.expires_h), must_deliver=rule.rule.must_deliver,
        silenced=silence.reason if silence else "", table=_table(event),
        settled_at=stub.settled_at if stub else None, settled_because=stub.settled_because if stub else "",
    )  # fmt: skip


def _table(event: Event) -> dict[str, Any] | None:
    table = event.__dict__.get("summary")
    return table.model_dump(mode="json") if isinstance(table, ReportTable) else None


def subject_of(event: Event) -> UUID | None:
    """What the alert is about, where that can be dealt with elsewhere: a case, a duty, an outage."""
    said = event.__dict__
    return next((said[name] for name in ("case_id", "obligation_id", "outage_id") if said.get(name)), None)


def _call_later(draft: Draft, asked: Wanted) -> None:
    """The steps of its escalation, all of them as often as the rule repeats them."""
    rule = asked.rule
    if draft.alert.silenced or not rule.rule.external:
        return
    calls, start = [], draft.now
    for _ in range(rule.rule.repeat + 1):
        for n, step in enumerate(rule.rule.steps, 1):
            calls.append(Call(start + timedelta(minutes=step.after_min), rule.step(n, asked.event)))
        start = calls[-1].at if calls else start
    draft.change(calls=tuple(calls))


def _grow(draft: Draft, asked: Wanted, plan: Plan) -> None:
    rule, event = asked.rule, asked.event
    alert = draft.alert
    draft.change(count=alert.count + 1)
    if alert.worded_at is None or event.recorded_at >= alert.worded_at:  # whatever order they come in
        draft.change(title=rule.title(event), body=rule.body(event), worded_at=event.recorded_at)
    alert, told = draft.alert, draft.alert.audiences
    for audience in told:
        facts = {"title": alert.title, "body": alert.body, "count": alert.count}
        draft.say(NotificationGrew, audience, rule=alert.rule, urgency=alert.urgency, **facts)
    draft.show([i for i in plan.inboxes if i not in told])
