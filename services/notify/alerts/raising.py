"""How an alert begins and grows: from an event by its rules, or by another rule for the same event. Pure.

A message belongs to one document, so the first rule that wants an event makes its alert here; each further one gets a
command, and so an alert of its own. Events with the same group values meet in one alert, which counts them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from chassis.errors import Refused
from chassis.message import Moment
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.notify import InhibitAlert, NotificationGrew, RaiseAlert
from contracts.stats import ReportTable
from services.notify.alerts.dealt import NOTHING, Words
from services.notify.alerts.draft import Draft
from services.notify.alerts.model import Alert, Call
from services.notify.alerts.plan import Plan, Planner
from services.notify.alerts.telling import tell, told_already
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


def plan_of(planner: Planner, asked: Wanted, alert: Alert | None, now: datetime) -> Plan:
    """Who is told of this event; nobody whom the alert has told already, and nobody where it is over."""
    rule, event = asked.rule, asked.event
    plan = planner.plan(rule.rule, rule.urgency(event), rule.labels(event), rule.audiences(event), now)
    if alert is None or not plan.decisions:
        return plan
    told = told_already(alert, 0, rule.rule.again)
    return plan._replace(decisions=() if alert.is_over else tuple(d for d in plan.decisions if d.recipient not in told))


def raised(
    alert: Alert | None, moment: Moment, asked: Wanted, plan: Plan, planner: Planner, settled: Words = NOTHING
) -> Draft:
    """The alert that this event begins, or that it belongs to. `settled` is what is known to have been dealt with."""
    rule, event = asked.rule, asked.event
    if alert is None or not alert.count:
        draft = Draft(_begun(alert, moment, asked, plan, settled), moment)
        if not draft.alert.is_over:
            _call_later(draft, asked, plan)
        draft.show(plan.inboxes)
    else:
        draft = Draft(alert, moment)
        _grow(draft, asked, plan)
    if not draft.alert.is_over:
        tell(draft, plan, planner, again=rule.rule.again)
    _inhibit(draft, asked)
    for other in asked.others:
        facts = {"rule": other.rule.name, "event_type": event.type, "event": event.model_dump_json()}
        draft.wish(RaiseAlert, actor=SYSTEM, alert_id=alert_id(other, event), **facts)
    return draft


def _inhibit(draft: Draft, asked: Wanted) -> None:
    """What this alert outweighs need not go out any more."""
    reason = f"已有更严重的通知: {draft.alert.title}"
    for name, key in asked.rule.inhibited(asked.event):
        target = grouped_id(name, key)
        if target is not None and target != draft.alert.id:
            facts = {"rule": name, "by": draft.alert.id, "reason": reason}
            draft.wish(InhibitAlert, actor=SYSTEM, alert_id=target, **facts)


def _begun(stub: Alert | None, moment: Moment, asked: Wanted, plan: Plan, settled: Words) -> Alert:
    """What it tells. A graver alert may have been here before it, or its matter may have been dealt with: then it
    begins settled.
    """
    rule, event = asked.rule, asked.event
    said, clock = event.__dict__, event.__dict__.get("clock")
    because = stub.settled_because if stub else settled.settles(event.occurred_at, clock)
    return Alert(
        id=moment.aggregate_id, rule=rule.rule.name, urgency=rule.urgency(event), title=rule.title(event),
        body=rule.body(event), worded_at=event.recorded_at, audiences=(), queued_at=moment.now,
        occurred_at=event.occurred_at, labels=rule.labels(event), subject=subject_of(event),
        case_id=said.get("case_id"), number=said.get("number", ""), clock=clock, cycle=said.get("cycle", 0),
        due_at=said.get("due_at"), obligation_id=said.get("obligation_id"), outage_id=said.get("outage_id"),
        expires_at=moment.now + timedelta(hours=rule.rule.expires_h), must_deliver=rule.rule.must_deliver,
        silenced=plan.silence.reason if plan.silence else "", table=_table(event),
        settled_at=moment.now if because else None, settled_because=because,
    )  # fmt: skip


def _table(event: Event) -> dict[str, Any] | None:
    table = event.__dict__.get("summary")
    return table.model_dump(mode="json") if isinstance(table, ReportTable) else None


def subject_of(event: Event) -> UUID | None:
    """What the alert is about, where that can be dealt with elsewhere: an article, a case, a duty, an outage. An
    article that was born from a case is not dealt with when that is closed.
    """
    said, names = event.__dict__, ("article_id", "case_id", "obligation_id", "outage_id")
    return next((said[name] for name in names if said.get(name)), None)


def _call_later(draft: Draft, asked: Wanted, plan: Plan) -> None:
    """The steps of its escalation, all of them as often as the rule repeats them. Where a silence holds, whom the alert
    is for is called when it ends.
    """
    rule, start, calls = asked.rule, draft.now, list[Call]()
    if not rule.rule.external:
        return
    if plan.silence is not None:
        calls.append(Call(plan.silence.ends, rule.audiences(asked.event)))
    for _ in range(rule.rule.repeat + 1):
        steps = enumerate(rule.rule.steps, 1)
        calls += [Call(start + timedelta(minutes=s.after_min), rule.step(n, asked.event)) for n, s in steps]
        start = max((call.at for call in calls), default=start)
    draft.change(calls=tuple(sorted(calls, key=lambda call: call.at)))


def _grow(draft: Draft, asked: Wanted, plan: Plan) -> None:
    rule, event = asked.rule, asked.event
    alert = draft.alert
    draft.change(count=alert.count + 1, expires_at=draft.now + timedelta(hours=rule.rule.expires_h))
    if alert.worded_at is None or event.recorded_at >= alert.worded_at:  # whatever order they come in
        due_at = event.__dict__.get("due_at")
        draft.change(title=rule.title(event), body=rule.body(event), worded_at=event.recorded_at, due_at=due_at)
    alert, told = draft.alert, draft.alert.audiences
    for audience in told if _is_news(alert.count) else ():
        facts = {"title": alert.title, "body": alert.body, "count": alert.count}
        draft.say(NotificationGrew, audience, rule=alert.rule, urgency=alert.urgency, **facts)
    draft.show([i for i in plan.inboxes if i not in told])


def _is_news(count: int) -> bool:
    """Each of the first ten, then every tenth, from a hundred on every hundredth: a document takes only so many."""
    step: int = 10 ** (len(str(count)) - 1)
    return count % step == 0
