"""The work on a case beyond its conversation: kinds and steps, chasing, visits, regrouping, what staff correct."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.case import CaseCommand, CaseEvent, Category, DecidedBy, Kind, Priority, Why
from contracts.channel import Attachment, Channel, InstitutionCode, Sender
from contracts.envelope import Contract, Key, Text

Owes = Literal["desk", "requester", "institution", "province", "vendor", "nobody"]
"""Who owes the next step (下一步责任方)."""
OWES_NAMES: dict[Owes, str] = {
    "desk": "服务台", "requester": "来询人", "institution": "医药机构", "province": "省平台", "vendor": "厂商",
    "nobody": "无",
}  # fmt: skip
Fields = Annotated[dict[str, Annotated[str, Field(max_length=2_000)]], Field(max_length=50)]
Phase = Literal["planned", "departed", "arrived", "left"]


class CaseStepped(CaseEvent):
    """A step of its workflow (流程推进). `fields` are the facts that it asked for, masked.

    `label` and `step_name` are what staff call the transition and the step that it led to.
    """

    type: Literal["case.stepped"] = "case.stepped"
    kind: Kind
    transition: Key
    from_step: Key
    to_step: Key
    owes: Owes
    label: str = ""
    step_name: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    reason: str = ""


class CaseResumed(CaseEvent):
    """The desk owes the next step again (恢复处理): whoever was waited for has done theirs."""

    type: Literal["case.resumed"] = "case.resumed"
    waited_for: Owes
    reason: str = ""


class CaseKindSet(CaseEvent):
    """It is another kind of work than it was taken for (变更类型); `step` is where it stands in that workflow."""

    type: Literal["case.kind_set"] = "case.kind_set"
    kind: Kind
    before: Kind = "consultation"
    step: Key
    reason: str = ""


class CaseCategorised(CaseEvent):
    """Category or priority is another now (重新分类); staff overrule rules and models, never the other way."""

    type: Literal["case.categorised"] = "case.categorised"
    category: Category
    priority: Priority
    before: Category
    by: DecidedBy


class CaseChased(CaseEvent):
    """The province or a vendor was reminded (催办)."""

    type: Literal["case.chased"] = "case.chased"
    note: str
    times: Annotated[int, Field(ge=1)]
    next_at: AwareDatetime | None = None


class CaseChaseDue(CaseEvent):
    """Whoever owes the next step has been silent for too long (该催办了); said once per promise to chase."""

    type: Literal["case.chase_due"] = "case.chase_due"
    due_at: AwareDatetime
    owes: Owes
    times: Annotated[int, Field(ge=0)]
    assignee: str | None = None
    external_number: str | None = None


class CaseNoted(CaseEvent):
    """An internal note (内部备注): the requester does not see it."""

    type: Literal["case.noted"] = "case.noted"
    text: str


class CaseVisited(CaseEvent):
    """A visit on site moved on (现场服务): planned, departed, arrived, left."""

    type: Literal["case.visited"] = "case.visited"
    engineer: Key
    phase: Phase
    place: str
    note: str = ""


class CaseMessagesMoved(CaseEvent):
    """Messages are in another case now (移出); `merged` when all are and this case ends."""

    type: Literal["case.messages_moved"] = "case.messages_moved"
    to_case: UUID
    message_ids: tuple[str, ...]
    merged: bool
    reason: str = ""


class CaseMessagesReceived(CaseEvent):
    """Messages came from another case (移入)."""

    type: Literal["case.messages_received"] = "case.messages_received"
    from_case: UUID
    message_ids: tuple[str, ...]
    why: Why


class CaseReplyReported(CaseEvent):
    """What the channel said about a reply (回执)."""

    type: Literal["case.reply_reported"] = "case.reply_reported"
    reply_id: UUID
    outcome: Literal["sent", "read", "refused", "failed"]
    reason: str = ""


class CaseWindowClosing(CaseEvent):
    """The channel will soon take no more replies to this person (回复窗口即将关闭)."""

    type: Literal["case.window_closing"] = "case.window_closing"
    closes_at: AwareDatetime
    replies_left: Annotated[int, Field(ge=0)]


class CaseRevealed(CaseEvent):
    """Somebody read an original that is kept encrypted (查看原文), and why."""

    type: Literal["case.revealed"] = "case.revealed"
    message_id: Key
    reason: str


class CaseJoinedOutage(CaseEvent):
    """The case is one of many with the same cause (归入群体故障)."""

    type: Literal["case.joined_outage"] = "case.joined_outage"
    outage_id: UUID
    outage_number: str


class StepCase(CaseCommand):
    type: Literal["intake.command.step"] = "intake.command.step"
    transition: Key
    fields: Fields = Field(default_factory=dict)
    reason: Annotated[str, Field(max_length=2_000)] = ""


class SetCaseKind(CaseCommand):
    type: Literal["intake.command.kind"] = "intake.command.kind"
    kind: Kind
    reason: Annotated[str, Field(max_length=2_000)] = ""


class CategoriseCase(CaseCommand):
    type: Literal["intake.command.categorise"] = "intake.command.categorise"
    category: Category | None = None
    priority: Priority | None = None
    by: DecidedBy = "staff"


class ChaseCase(CaseCommand):
    """Whoever owes the next step was reminded; without `next_at` the workflow says when to do it again."""

    type: Literal["intake.command.chase"] = "intake.command.chase"
    note: Text
    next_at: AwareDatetime | None = None


class RemindToChase(CaseCommand):
    """The system's own: `due_at` has passed and nobody has chased."""

    type: Literal["intake.command.remind_to_chase"] = "intake.command.remind_to_chase"
    due_at: AwareDatetime


class NoteCase(CaseCommand):
    type: Literal["intake.command.note"] = "intake.command.note"
    text: Text


class VisitCase(CaseCommand):
    type: Literal["intake.command.visit"] = "intake.command.visit"
    engineer: Key
    phase: Phase
    place: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=2_000)] = ""


class MergeCase(CaseCommand):
    """All of this case goes into another one; this one is closed."""

    type: Literal["intake.command.merge"] = "intake.command.merge"
    into: UUID
    reason: Annotated[str, Field(max_length=2_000)] = ""


class MoveMessages(CaseCommand):
    """Some messages belong to another case; without `to` they become a case of their own."""

    type: Literal["intake.command.move"] = "intake.command.move"
    message_ids: Annotated[tuple[Key, ...], Field(min_length=1, max_length=1_000)]
    to: UUID | None = None
    reason: Annotated[str, Field(max_length=2_000)] = ""


class ClaimMessages(CaseCommand):
    """A case that began with a marker asks for what was said after it and came before it."""

    type: Literal["intake.command.claim"] = "intake.command.claim"
    for_case: UUID
    since: AwareDatetime


class MovedMessage(Contract):
    """One line as it travels between cases, masked already; `asked_from` is the institution that said it, if known."""

    at: AwareDatetime
    message_ids: tuple[Key, ...]
    fingerprint: str
    text: str
    by_staff: bool = False
    sender: str = ""
    sealed: bool = False
    asked_from: Annotated[str, Field(max_length=12)] = ""


class ReceiveMessages(CaseCommand):
    """What another case hands over; opens the case where there is none."""

    type: Literal["intake.command.receive"] = "intake.command.receive"
    from_case: UUID
    messages: tuple[MovedMessage, ...]
    why: Why
    channel: Channel
    conversation: UUID
    conversation_id: Key
    requester: Sender
    requester_key: UUID
    group: bool = False
    contact: str | None = None
    asked_from: InstitutionCode | None = None
    assignee: str | None = None
    institution_code: InstitutionCode | None = None
    attachments: tuple[Attachment, ...] = ()


class RevealOriginal(CaseCommand):
    type: Literal["intake.command.reveal"] = "intake.command.reveal"
    message_id: Key
    reason: Annotated[str, Field(min_length=4, max_length=2_000)]


class WarnWindow(CaseCommand):
    type: Literal["intake.command.warn_window"] = "intake.command.warn_window"
    closes_at: AwareDatetime
    replies_left: Annotated[int, Field(ge=0)]


class JoinOutage(CaseCommand):
    type: Literal["intake.command.join_outage"] = "intake.command.join_outage"
    outage_id: UUID
    outage_number: str
