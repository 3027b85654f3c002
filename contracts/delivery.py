"""Deliveries (投递): one alert on its way to one person by one provider, and what its workers and receipts say."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Event, Key
from contracts.notify import AlertCommand, AlertEvent, Urgency
from contracts.stats import ReportTable

DeliveryState = Literal[
    "queued", "sending", "delivered", "read", "acknowledged", "failed", "expired", "suppressed",
]  # fmt: skip
DELIVERY_NAMES: dict[DeliveryState, str] = {
    "queued": "待发", "sending": "发送中", "delivered": "已送达", "read": "已读", "acknowledged": "已确认",
    "failed": "未送达", "expired": "已过期", "suppressed": "未发送",
}  # fmt: skip
Provider = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A provider's name in the file of providers; part of a subject, so neither dots nor spaces."""
Nth = Annotated[int, Field(ge=0, le=100_000)]
"""A delivery's place in its alert."""


class Handover(Event):
    """Work (投递任务): hand this to the provider. Published on `delivery.<urgent|normal>.<provider>`, once per attempt.

    Only a hint: whoever takes it claims the delivery first. The address is not in it, it is looked up at the moment.
    `count` is how many events the alert tells of, `table` the figures that belong to it; `expires_at` is when it is of
    no use any more, `due_at` the deadline that it tells of.
    """

    alert_id: UUID
    delivery: Nth
    attempt: Annotated[int, Field(ge=1)]
    provider: Provider
    recipient: Key
    rule: str
    urgency: Urgency
    title: str
    body: str
    number: str = ""
    case_id: UUID | None = None
    obligation_id: UUID | None = None
    count: int = 1
    table: ReportTable | None = None
    due_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


class DeliveryEvent(AlertEvent):
    """`audience` is the recipient."""

    delivery: Nth
    provider: str


class NotificationDelivered(DeliveryEvent):
    """The provider has taken it (已送达). `repeat`: an earlier attempt may have reached the person as well."""

    type: Literal["notify.delivered"] = "notify.delivered"
    attempt: Annotated[int, Field(ge=1)]
    repeat: bool = False
    provider_id: str = ""


class NotificationUndelivered(DeliveryEvent):
    """It does not go by this provider (未送达); `next` is the one that it goes by instead, where there is one."""

    type: Literal["notify.undelivered"] = "notify.undelivered"
    outcome: Literal["failed", "expired", "suppressed"]
    reason: str
    next: str = ""


class NotificationReceived(DeliveryEvent):
    """The provider says what became of it on the person's device (回执)."""

    type: Literal["notify.received"] = "notify.received"
    receipt: Literal["received", "read", "failed"]
    reason: str = ""


class DeliveryCommand(AlertCommand):
    delivery: Nth


class ClaimDelivery(DeliveryCommand):
    """A worker is about to hand over. The reply's code says whether to: `send`, `repeat` (an earlier worker may have
    got through before it ended), `wait` (another worker is at it), `drop` (it need not go out any more).
    """

    type: Literal["notify.command.claim"] = "notify.command.claim"
    attempt: Annotated[int, Field(ge=1)]
    worker: Key
    lease_s: Annotated[float, Field(gt=0, le=600)] = 20.0


class ReportDelivery(DeliveryCommand):
    """What an attempt came to. `sent`; `refused`: this provider will never take it for this person; `unavailable`:
    nothing was sent; `unsure`: it may have been sent. `after_s` is what the provider asks to wait, at least.
    """

    type: Literal["notify.command.report"] = "notify.command.report"
    attempt: Annotated[int, Field(ge=1)]
    worker: Key
    outcome: Literal["sent", "refused", "unavailable", "unsure"]
    reason: Annotated[str, Field(max_length=500)] = ""
    after_s: Annotated[float, Field(ge=0)] = 0.0
    repeat: bool = False
    provider_id: Annotated[str, Field(max_length=200)] = ""


class ReportReceipt(DeliveryCommand):
    """A provider's receipt (回执); the same one may come many times."""

    type: Literal["notify.command.receipt"] = "notify.command.receipt"
    receipt: Literal["received", "read", "failed"]
    at: AwareDatetime
    reason: Annotated[str, Field(max_length=500)] = ""
