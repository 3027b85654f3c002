"""What `notify` says about alerts (通知), and the commands of those who read them."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Command, Event, Key

Urgency = Literal["urgent", "high", "normal", "low"]
Medium = Literal["inbox"]


class AlertEvent(Event):
    """`audience` is a role (`desk`, `lead`) or one member of staff (`staff:<id>`)."""

    alert_id: UUID
    audience: Key


class NotificationQueued(AlertEvent):
    """An alert is in the inbox of its audience (已送达收件箱)."""

    type: Literal["notify.queued"] = "notify.queued"
    medium: Medium = "inbox"
    rule: str
    urgency: Urgency
    title: str
    body: str
    case_id: UUID | None = None
    number: str = ""


class NotificationRead(AlertEvent):
    type: Literal["notify.read"] = "notify.read"


class NotificationAcknowledged(AlertEvent):
    """Somebody takes it on (已确认)."""

    type: Literal["notify.acknowledged"] = "notify.acknowledged"


class AlertCommand(Command):
    alert_id: UUID


class ReadAlert(AlertCommand):
    type: Literal["notify.command.read"] = "notify.command.read"


class AcknowledgeAlert(AlertCommand):
    type: Literal["notify.command.acknowledge"] = "notify.command.acknowledge"
