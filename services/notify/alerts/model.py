"""An alert as notify keeps it: what it tells, whom it calls one after the other, and every delivery with its state."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from contracts.delivery import DeliveryState
from contracts.notify import Urgency
from contracts.sla import Clock

INBOX = "inbox"
"""The provider of deliveries that nobody has to hand over: the alert is in the inbox once it is stored."""
SENT = ("delivered", "read", "acknowledged")
PENDING = ("queued", "sending")


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way to one recipient (投递). Its number is its place in the alert; times are UTC.

    `then` are the providers that are left where this one fails; `step` is the escalation that brought it; `wakes_at`
    is when it is looked at again while it is queued, `wakes_for` another attempt or another way if this one is slow.
    `digest` is the digest alert that it became a line of; `worker` has it in hand since `sending_at`.
    """

    recipient: str
    provider: str
    queued_at: datetime
    state: DeliveryState = "queued"
    then: tuple[str, ...] = ()
    step: int = 0
    attempt: int = 1
    failures: int = 0
    wakes_at: datetime | None = None
    wakes_for: Literal["", "retry", "patience"] = ""
    worker: str = ""
    sending_at: datetime | None = None
    lease_until: datetime | None = None
    repeated: bool = False
    sent_at: datetime | None = None
    received_at: datetime | None = None
    read_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    provider_id: str = ""
    digest: UUID | None = None
    silenced: bool = False

    @property
    def pending(self) -> bool:
        return self.state in PENDING


class Call(msgspec.Struct, frozen=True):
    """A step of the escalation: at `at` the people of `to` (audiences) are told, unless somebody has acknowledged."""

    at: datetime
    to: tuple[str, ...]


class Line(msgspec.Struct, frozen=True):
    """An alert as a line of a digest."""

    alert_id: UUID
    rule: str
    urgency: Urgency
    title: str
    at: datetime


class Bundle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a digest gathers until `due_at`: how many by rule, and the gravest and latest lines in full."""

    recipient: str
    due_at: datetime
    why: Literal["storm", "quiet", "digest"] = "storm"
    by_rule: dict[str, int] = msgspec.field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    sent: bool = False

    @property
    def count(self) -> int:
        return sum(self.by_rule.values())


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert (通知) in the inbox of each of its audiences; `clock` and `cycle` where it tells of a clock.

    `labels` is what silences and subscriptions go by; `count` how many events it tells of, of which the one of
    `worded_at` gave title and body; `calls` are the steps of its escalation that are still to come. It is settled when
    nothing is left to be done: then nobody else is called. It is `live` while somebody is still to be told. `next_at`
    is when a timer wakes it, `look_at` when somebody looks whether something of it waits too long. `table` are the
    figures of a report run (contracts.stats.ReportTable as JSON).
    """

    id: UUID
    rule: str
    urgency: Urgency
    title: str
    body: str
    audiences: tuple[str, ...]
    queued_at: datetime
    occurred_at: datetime
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    count: int = 1
    worded_at: datetime | None = None
    case_id: UUID | None = None
    number: str = ""
    clock: Clock | None = None
    cycle: int = 0
    obligation_id: UUID | None = None
    outage_id: UUID | None = None
    due_at: datetime | None = None
    subject: UUID | None = None
    deliveries: tuple[Delivery, ...] = ()
    calls: tuple[Call, ...] = ()
    escalated: int = 0
    next_at: datetime | None = None
    look_at: datetime | None = None
    live: bool = False
    expires_at: datetime | None = None
    must_deliver: bool = False
    silenced: str = ""
    read_by: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_via: str = ""
    settled_at: datetime | None = None
    settled_because: str = ""
    bundle: Bundle | None = None
    table: dict[str, Any] | None = None

    @property
    def state(self) -> Literal["queued", "read", "acknowledged"]:
        if self.acknowledged_by is not None:
            return "acknowledged"
        return "read" if self.read_by else "queued"

    @property
    def is_over(self) -> bool:
        """Nobody else needs to be called."""
        return self.acknowledged_by is not None or self.settled_at is not None


def external(deliveries: Iterable[Delivery]) -> list[tuple[int, Delivery]]:
    """Those that a provider hands over, with their numbers."""
    return [(n, d) for n, d in enumerate(deliveries) if d.provider != INBOX]
