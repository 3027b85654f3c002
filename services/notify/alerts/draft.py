"""An alert while it is folded: its changes and what is said about it, kept together. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from chassis.message import Moment
from contracts.delivery import Handover, NotificationUndelivered
from contracts.envelope import SYSTEM, Command, Event
from contracts.notify import NotificationQueued, Urgency
from services.notify.alerts.model import INBOX, Alert, Delivery

E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=Command)

PATIENCE: dict[Urgency, timedelta | None] = {
    "urgent": timedelta(minutes=1), "high": timedelta(minutes=5), "normal": None, "low": None,
}  # fmt: skip
"""How long a message may wait in a provider's queue before it goes another way instead."""


class Draft:
    """Every change goes through `set` or `change`, every word through `say`; `done` is what the fold returns."""

    def __init__(self, alert: Alert, moment: Moment) -> None:
        self.alert, self.moment, self._before = alert, moment, alert
        self.said: list[Event | Command] = []

    @property
    def now(self) -> datetime:
        return self.moment.now

    def change(self, **facts: Any) -> None:
        self.alert = replace(self.alert, **facts)

    def set(self, n: int, **facts: Any) -> Delivery:
        """Change delivery `n`."""
        deliveries = list(self.alert.deliveries)
        deliveries[n] = changed = replace(deliveries[n], **facts)
        self.change(deliveries=tuple(deliveries))
        return changed

    def say(self, model: type[E], audience: str = "", **facts: Any) -> None:
        facts.setdefault("actor", SYSTEM)
        audience = audience or (self.alert.audiences[0] if self.alert.audiences else "desk")
        self.said.append(self.moment.event(model, alert_id=self.alert.id, audience=audience, **facts))

    def wish(self, model: type[C], **facts: Any) -> None:
        self.said.append(self.moment.command(model, **facts))

    def show(self, audiences: Sequence[str]) -> None:
        """Put it in these inboxes."""
        alert, now = self.alert, self.now
        shown = tuple(
            Delivery(recipient=a, provider=INBOX, queued_at=now, state="delivered", sent_at=now) for a in audiences
        )
        self.change(audiences=alert.audiences + tuple(audiences), deliveries=alert.deliveries + shown)
        for audience in audiences:
            facts = {
                "alert_id": alert.id, "audience": audience, "rule": alert.rule, "urgency": alert.urgency,
                "actor": SYSTEM, "title": alert.title, "body": alert.body, "case_id": alert.case_id,
                "number": alert.number,
            }  # fmt: skip
            self.said.append(self.moment.trusted_event(NotificationQueued, facts))

    def queue(self, recipient: str, ways: Sequence[str], **facts: Any) -> None:
        """A delivery by the first of `ways`, the others are left for later."""
        patience = PATIENCE[self.alert.urgency] if len(ways) > 1 else None
        delivery = Delivery(
            recipient=recipient, provider=ways[0], then=tuple(ways[1:]), queued_at=self.now,
            wakes_at=self.now + patience if patience else None, wakes_for="patience" if patience else "", **facts,
        )  # fmt: skip
        self.change(deliveries=(*self.alert.deliveries, delivery))
        self.hand_over(len(self.alert.deliveries) - 1)

    def hand_over(self, n: int) -> None:
        """Put delivery `n` into its provider's queue."""
        alert, delivery = self.alert, self.alert.deliveries[n]
        lane = "urgent" if alert.urgency in ("urgent", "high") else "normal"
        self.said.append(
            self.moment.event(
                Handover, type=f"delivery.{lane}.{delivery.provider}", actor=SYSTEM, occurred_at=alert.occurred_at,
                alert_id=alert.id, delivery=n, attempt=delivery.attempt, provider=delivery.provider,
                recipient=delivery.recipient, rule=alert.rule, urgency=alert.urgency, title=alert.title,
                body=alert.body, number=alert.number, case_id=alert.case_id, obligation_id=alert.obligation_id,
                count=alert.count, table=alert.table, due_at=alert.due_at, expires_at=alert.expires_at,
            )
        )  # fmt: skip

    def aside(self, recipient: str, provider: str, step: int, reason: str, silenced: bool = False) -> None:
        """A delivery that is not going to be one: the reason stands where the delivery would."""
        delivery = Delivery(
            recipient=recipient, provider=provider, queued_at=self.now, state="suppressed", step=step, reason=reason,
            ended_at=self.now, silenced=silenced,
        )  # fmt: skip
        self.change(deliveries=(*self.alert.deliveries, delivery))

    def end(self, n: int, state: Any, reason: str, next_: str = "") -> None:
        """Delivery `n` will not be handed over any more."""
        was = self.set(n, state=state, reason=reason, ended_at=self.now, wakes_at=None, wakes_for="")
        facts = {"delivery": n, "provider": was.provider, "outcome": state, "reason": reason, "next": next_}
        self.say(NotificationUndelivered, was.recipient, **facts)

    def stop(self, reason: str) -> None:
        """Nobody else is called, nothing else is handed over."""
        self.change(calls=())
        for n, delivery in enumerate(self.alert.deliveries):
            if delivery.state == "queued":
                self.end(n, "suppressed", reason)

    def done(self) -> tuple[Alert, Sequence[Event | Command]]:
        """With the times at which it has to be looked at again."""
        alert = self.alert
        if alert is self._before and not self.said:
            return alert, ()
        pending = [d for d in alert.deliveries if d.pending]
        live = not alert.is_over and (bool(alert.calls) or bool(pending))
        return replace(alert, next_at=_next(alert), look_at=_look(alert, pending), live=live), self.said


def _next(alert: Alert) -> datetime | None:
    """What happens for certain unless somebody acts is a timer's business."""
    wakes = [d.wakes_at for d in alert.deliveries if d.wakes_at is not None and d.wakes_for == "retry"]
    if alert.calls and not alert.is_over:
        wakes.append(alert.calls[0].at)
    if alert.bundle is not None and not alert.bundle.sent:
        wakes.append(alert.bundle.due_at)
    return min(wakes, default=None)


def _look(alert: Alert, pending: Sequence[Delivery]) -> datetime | None:
    """What hardly ever happens, because a message is mostly handed over at once: a look now and then is enough."""
    late = [d.wakes_at for d in pending if d.wakes_at is not None and d.wakes_for == "patience"]
    return min((*late, *([alert.expires_at] if pending and alert.expires_at is not None else [])), default=None)
