"""What time does to an alert: the next people are called, a delivery is tried again or goes another way, or expires.

A timer is only a hint: everything is read again from the alert, so one that comes twice or late does nothing wrong.
Pure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from contracts.notify import NotificationEscalated
from services.notify.alerts.draft import Draft
from services.notify.alerts.handing import fail
from services.notify.alerts.model import Alert, Call
from services.notify.alerts.plan import Plan, Planner
from services.notify.alerts.telling import tell
from services.notify.digests.words import body, title

HOUR = timedelta(hours=1)


def woken(draft: Draft, plans: Mapping[Call, Plan], planner: Planner) -> None:
    """`plans` are those of the calls that are due."""
    if draft.alert.bundle is not None:
        _send_digest(draft, planner)
    _expire(draft)
    for n, delivery in enumerate(draft.alert.deliveries):
        if delivery.state != "queued" or delivery.wakes_at is None or delivery.wakes_at > draft.now:
            continue
        if delivery.wakes_for == "retry":
            draft.set(n, wakes_at=None, wakes_for="")
            draft.hand_over(n)
        else:
            fail(draft, n, "发送服务排队过久", "suppressed")
    _call(draft, plans, planner)


def due_calls(alert: Alert, now: datetime) -> tuple[Call, ...]:
    return () if alert.is_over else tuple(c for c in alert.calls if c.at <= now)


def _call(draft: Draft, plans: Mapping[Call, Plan], planner: Planner) -> None:
    """Of calls that are due together, as after some hours without power, each person hears once."""
    told: set[str] = set()
    for call in due_calls(draft.alert, draft.now):
        plan, step = plans.get(call, Plan()), draft.alert.escalated + 1
        left = [c for c in draft.alert.calls if c is not call]
        if plan.silence is not None and call.at < plan.silence.ends:
            left = sorted((*left, Call(plan.silence.ends, call.to)), key=lambda c: c.at)
        late = max(draft.alert.expires_at or draft.now, draft.now + HOUR)
        draft.change(calls=tuple(left), escalated=step, expires_at=late)
        draft.show([i for i in plan.inboxes if i not in draft.alert.audiences])
        draft.say(NotificationEscalated, step=step, to=call.to)
        fresh = tuple(d for d in plan.decisions if d.recipient not in told)
        tell(draft, plan._replace(decisions=fresh), planner, step)
        told |= {d.recipient for d in fresh}


def _expire(draft: Draft) -> None:
    """What nobody has handed over in time, and what somebody had in hand who has not been heard of since."""
    until = draft.alert.expires_at
    if until is None or draft.now < until:
        return
    for n, delivery in enumerate(draft.alert.deliveries):
        if delivery.state == "queued":
            draft.end(n, "expired", "超过有效时间仍未发出")
        elif delivery.state == "sending" and delivery.lease_until is not None and draft.now > delivery.lease_until:
            draft.end(n, "failed", "发送途中失去联系, 不能确定是否已发出")


def _send_digest(draft: Draft, planner: Planner) -> None:
    bundle = draft.alert.bundle
    if bundle is None or bundle.sent or draft.now < bundle.due_at:
        return
    bundle = replace(bundle, sent=True)
    draft.change(bundle=bundle, title=title(bundle), body=body(bundle), count=bundle.count)
    if ways := planner.digest_ways(bundle.recipient, draft.alert.urgency):
        draft.queue(bundle.recipient, ways)
    else:
        draft.aside(bundle.recipient, "", 0, "已没有可用的发送方式, 请看收件箱")
