"""What workers and providers say about a delivery: claims, outcomes, receipts. Pure.

A worker claims a delivery before it hands it over, so that the alert itself knows who has it in hand. Where a worker
is gone before it has said what became of it, the next one is told that this may be a repetition.
"""

from datetime import timedelta

from chassis.errors import NotFound
from chassis.folding import DELAYS_S
from chassis.message import Moment
from contracts.delivery import (
    ClaimDelivery,
    DeliveryCommand,
    NotificationDelivered,
    NotificationReceived,
    ReportDelivery,
    ReportReceipt,
)
from services.notify.alerts.draft import PATIENCE, Draft
from services.notify.alerts.model import INBOX, SENT, Alert, Call, Delivery, external

UNSURE_TWICE = 2


def claimed(draft: Draft, claim: ClaimDelivery) -> None:
    """Answers with `send`, `repeat`, `wait` or `drop`."""
    draft.moment.answer(_claim(draft, claim))


def _claim(draft: Draft, claim: ClaimDelivery) -> str:
    n, delivery, now = claim.delivery, _delivery(draft.alert, claim), draft.now
    if not delivery.pending or claim.attempt != delivery.attempt:
        return "drop"
    lease = now + timedelta(seconds=claim.lease_s)
    if delivery.state == "sending" and delivery.worker == claim.worker:
        draft.set(n, lease_until=lease)
        return "repeat" if delivery.repeated else "send"
    if delivery.state == "sending" and delivery.lease_until is not None and now < delivery.lease_until:
        return "wait"
    if (reason := _of_no_use(draft)) is not None:
        draft.end(n, *reason)
        return "drop"
    repeated = delivery.repeated or delivery.state == "sending"
    draft.set(n, state="sending", worker=claim.worker, sending_at=now, lease_until=lease, repeated=repeated,
              wakes_at=None, wakes_for="")  # fmt: skip
    return "repeat" if repeated else "send"


def _of_no_use(draft: Draft) -> tuple[str, str] | None:
    """State and reason of a delivery that need not go out any more."""
    alert = draft.alert
    if alert.acknowledged_by is not None:
        return "suppressed", f"{alert.acknowledged_by} 已确认"
    if alert.settled_at is not None:
        return "suppressed", alert.settled_because
    if alert.expires_at is not None and draft.now >= alert.expires_at:
        return "expired", "超过有效时间仍未发出"
    return None


def reported(draft: Draft, report: ReportDelivery) -> None:
    """What an attempt came to; only the first word about an attempt counts, but for the news that it got through."""
    delivery = _delivery(draft.alert, report)
    if report.outcome == "sent":
        _sent(draft, report, delivery)
    elif delivery.pending and delivery.attempt == report.attempt and delivery.worker in ("", report.worker):
        if report.outcome == "refused":
            fail(draft, report.delivery, report.reason)
        else:
            _again(draft, report, delivery)


def _sent(draft: Draft, report: ReportDelivery, delivery: Delivery) -> None:
    n = report.delivery
    if delivery.state in SENT:
        if (delivery.worker, delivery.attempt) != (report.worker, report.attempt):
            draft.set(n, repeated=True)
        return
    repeat = report.repeat or delivery.repeated
    draft.set(n, state="delivered", sent_at=draft.now, repeated=repeat, provider_id=report.provider_id, reason="",
              ended_at=None, wakes_at=None, wakes_for="", worker=report.worker, attempt=report.attempt)  # fmt: skip
    facts = {"delivery": n, "provider": delivery.provider, "attempt": report.attempt, "repeat": repeat}
    draft.say(NotificationDelivered, delivery.recipient, provider_id=report.provider_id, **facts)


def _again(draft: Draft, report: ReportDelivery, delivery: Delivery) -> None:
    """Another way where there is one, unless the provider only asks for a moment; else the same way later."""
    failures = delivery.failures + 1
    unsure = report.outcome == "unsure"
    patience = PATIENCE[draft.alert.urgency] or timedelta(minutes=10)
    moment = timedelta(0) < timedelta(seconds=report.after_s) <= patience
    if delivery.then and not moment and (not unsure or failures >= UNSURE_TWICE):
        draft.set(report.delivery, repeated=delivery.repeated or unsure)
        fail(draft, report.delivery, report.reason)
        return
    delay = max(report.after_s, DELAYS_S[min(failures, len(DELAYS_S)) - 1])
    draft.set(
        report.delivery, state="queued", failures=failures, attempt=delivery.attempt + 1, reason=report.reason,
        worker="", sending_at=None, lease_until=None, repeated=delivery.repeated or unsure,
        wakes_at=draft.now + timedelta(seconds=delay), wakes_for="retry",
    )  # fmt: skip


def fail(draft: Draft, n: int, reason: str, state: str = "failed") -> None:
    """It does not go this way: by the next one, or not at all, and then the escalation does not wait."""
    delivery = draft.alert.deliveries[n]
    draft.end(n, state, reason, delivery.then[0] if delivery.then else "")
    if draft.alert.is_over:
        return
    if delivery.then:
        draft.queue(delivery.recipient, delivery.then, step=delivery.step, repeated=delivery.repeated)
    elif draft.alert.calls and not any(d.pending or d.state in SENT for _, d in external(draft.alert.deliveries)):
        first, *rest = draft.alert.calls
        draft.change(calls=(Call(min(first.at, draft.now), first.to), *rest))


def receipted(draft: Draft, receipt: ReportReceipt) -> None:
    """The same receipt again says nothing new; what is read was received, and what was seen has not failed."""
    n, delivery, what = receipt.delivery, _delivery(draft.alert, receipt), receipt.receipt
    known = {"received": delivery.received_at or delivery.read_at, "read": delivery.read_at, "failed": None}[what]
    if known is not None or (what == "failed" and delivery.state != "delivered"):
        return
    facts = {"delivery": n, "provider": delivery.provider, "receipt": what, "reason": receipt.reason}
    draft.say(NotificationReceived, delivery.recipient, occurred_at=receipt.at, **facts)
    if what == "received":
        draft.set(n, received_at=receipt.at)
    elif what == "read":
        state, who = "read" if delivery.state == "delivered" else delivery.state, delivery.recipient
        draft.set(n, read_at=receipt.at, state=state)
        who = who.removeprefix("staff:")
        if who not in draft.alert.read_by:
            draft.change(read_by=(*draft.alert.read_by, who))
    else:
        fail(draft, n, receipt.reason or "对方未收到")


def _delivery(alert: Alert, command: DeliveryCommand) -> Delivery:
    """Raises NotFound."""
    if command.delivery >= len(alert.deliveries) or alert.deliveries[command.delivery].provider == INBOX:
        raise NotFound("not_found", f"通知 {alert.id} 没有第 {command.delivery} 个投递")
    return alert.deliveries[command.delivery]


def present(alert: Alert | None, moment: Moment) -> Alert:
    """Raises NotFound."""
    if alert is None:
        raise NotFound("not_found", f"没有通知 {moment.aggregate_id}: 请刷新收件箱")
    return alert
