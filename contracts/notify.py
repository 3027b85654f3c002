"""What `notify` says about alerts (通知), and the commands of those who read them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Contract, Event, Key

Urgency = Literal["urgent", "high", "normal", "low"]
URGENCIES: tuple[Urgency, ...] = ("urgent", "high", "normal", "low")
URGENCY_NAMES: dict[Urgency, str] = {"urgent": "紧急", "high": "较急", "normal": "一般", "low": "较低"}
Medium = Literal["inbox"]
Via = Literal["inbox", "link", "reply", "push", "source"]
"""Where somebody read or acknowledged: in the inbox, by the link of a message, by answering it, in a browser's
notification, or at the thing itself (the case was answered, the clock acknowledged)."""
VIA_NAMES: dict[Via, str] = {
    "inbox": "收件箱", "link": "消息中的链接", "reply": "回复消息", "push": "桌面通知", "source": "工单或时限",
}  # fmt: skip


class AlertEvent(Event):
    """`audience` is a role (`desk`, `lead`) or one person (`staff:<id>`, `contact:<id>`)."""

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


class NotificationGrew(AlertEvent):
    """More events belong to the same alert (归并): `count` so far; title and body as they read now.

    Said of each of the first ten, then of every tenth, from a hundred on of every hundredth, and so on.
    """

    type: Literal["notify.grew"] = "notify.grew"
    rule: str
    urgency: Urgency
    title: str
    body: str
    count: Annotated[int, Field(ge=2)]


class NotificationEscalated(AlertEvent):
    """Nobody acknowledged in time (逐级上报): the people of `step` are told as well."""

    type: Literal["notify.escalated"] = "notify.escalated"
    step: Annotated[int, Field(ge=1)]
    to: tuple[Key, ...]


class NotificationRead(AlertEvent):
    type: Literal["notify.read"] = "notify.read"
    via: Via = "inbox"


class NotificationAcknowledged(AlertEvent):
    """Somebody takes it on (已确认): nobody else is called. `case_id` and the others say what it was about."""

    type: Literal["notify.acknowledged"] = "notify.acknowledged"
    via: Via = "inbox"
    case_id: UUID | None = None
    obligation_id: UUID | None = None
    outage_id: UUID | None = None


class NotificationSettled(AlertEvent):
    """Nothing is left to be done about it (无需再办): the case was answered, or taken on in another alert."""

    type: Literal["notify.settled"] = "notify.settled"
    reason: str


class AlertCommand(Command):
    alert_id: UUID


class ReadAlert(AlertCommand):
    """`recipient` is whose message it was, where it was read in another way than the inbox."""

    type: Literal["notify.command.read"] = "notify.command.read"
    via: Via = "inbox"
    recipient: str = ""


class AcknowledgeAlert(AlertCommand):
    type: Literal["notify.command.acknowledge"] = "notify.command.acknowledge"
    via: Via = "inbox"
    recipient: str = ""


class SettleAlert(AlertCommand):
    """The system's own: its subject was acknowledged, answered or closed elsewhere, at `at`: what came later stays."""

    type: Literal["notify.command.settle"] = "notify.command.settle"
    reason: str
    at: AwareDatetime | None = None


class InhibitAlert(AlertCommand):
    """The system's own: a graver alert tells the same (抑制), so this one need not go out any more."""

    type: Literal["notify.command.inhibit"] = "notify.command.inhibit"
    rule: str
    by: UUID
    reason: str


class Bundled(Contract):
    """One alert as a line of a digest."""

    alert_id: UUID
    rule: str
    urgency: Urgency
    title: str
    at: AwareDatetime


class BundleAlert(AlertCommand):
    """The system's own: `item` is for `recipient` and waits with others until `due_at`; `alert_id` is the digest's.

    `why`: over the person's limit (storm), in quiet hours, or wished as a digest.
    """

    type: Literal["notify.command.bundle"] = "notify.command.bundle"
    recipient: Key
    why: Literal["storm", "quiet", "digest"]
    due_at: AwareDatetime
    item: Bundled


class RaiseAlert(AlertCommand):
    """The system's own: another rule for the same event has an alert of its own. `event` is its JSON."""

    type: Literal["notify.command.raise"] = "notify.command.raise"
    rule: Key
    event_type: Key
    event: str


class PostNotice(AlertCommand):
    """A notice that no event brings about: a report of the day, a test.

    `to` are audiences; `rule` is the one whose urgency and template it takes; `only` is the one provider that it goes
    by, to try it.
    """

    type: Literal["notify.command.post"] = "notify.command.post"
    rule: Key
    to: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    body: Annotated[str, Field(max_length=4_000)] = ""
    only: Annotated[str, Field(max_length=40)] = ""


class AlertDue(Contract):
    """A timer has fired (`due.notify`). Only a hint: the fold reads the alert again."""

    alert_id: UUID
    at: AwareDatetime
