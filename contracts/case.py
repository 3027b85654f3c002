"""What `intake` says about cases (工单): the audit log of the desk, and the commands that staff give it.

All texts in these events are masked: ID numbers, phone numbers, cards and names beside them do not pass.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.channel import Attachment, Channel, InstitutionCode, Sender
from contracts.envelope import Command, Contract, Event, Key, Text

Category = Literal[
    "参保征缴", "零星报销", "生育津贴", "省内异地拨付", "拨付", "月结", "结算支付", "结算报销", "门特结算", "备案",
    "对账清分", "结算清单", "接口/HIS", "编码贯标", "目录", "异地就医", "业务咨询", "培训", "数据统计", "需求变更",
    "参数配置",
]  # fmt: skip
Priority = Literal["urgent", "high", "normal", "low"]
WaitingFor = Literal["requester", "institution", "province", "vendor"]
Kind = Literal[
    "consultation", "fault", "escalation", "change_request", "configuration", "data_request", "reconciliation",
    "settlement_list", "training",
]  # fmt: skip
"""What kind of work a case is (工单类型); each follows its own workflow."""
DecidedBy = Literal["rule", "model", "staff"]
Why = Literal[
    "first", "open", "quote", "marker", "idle", "topic", "grace", "follow_up", "full", "thanks", "staff", "moved",
]  # fmt: skip
"""Why a message is in the case that it is in (归并依据)."""


class Findings(Contract):
    """What was read out of the text: interface transaction 交易编号, error, institution, platform message id, ...

    `pasted` says that a request, response or log of the HIS interface was in it, `happened_at` is its time as it
    stood there. Amounts are in yuan, dates as YYYY-MM-DD, `diagnoses` ICD-10 and `catalogue` drug, item and
    consumable codes.
    """

    infno: str | None = None
    error: str | None = None
    error_code: str | None = None
    institution_code: InstitutionCode | None = None
    msgid: str | None = None
    setl_ids: tuple[str, ...] = ()
    mdtrt_ids: tuple[str, ...] = ()
    admdvs: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    pasted: Literal["request", "response", "log"] | None = None
    happened_at: str | None = None


class CaseEvent(Event):
    """`number` is what staff quote (工单号)."""

    case_id: UUID
    number: str


class CaseOpened(CaseEvent):
    """工单已建立. `title` is the first line of the question, `text` all of it.

    `why` says why it is a case of its own, `follows` is the earlier case that it goes on from. `assignee` was
    chosen by the rules of duty, as `assigned_because` says. `contact` is the directory's id of a known sender.
    `asked_from` is the institution that asked; `institution_code` the one that it is about.
    """

    type: Literal["case.opened"] = "case.opened"
    channel: Channel
    conversation_id: Key
    message_id: Key
    requester: Sender
    institution_code: InstitutionCode | None = None
    title: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    category: Category
    priority: Priority
    findings: Findings = Findings()
    time_corrected: bool = False
    kind: Kind = "consultation"
    why: Why = "first"
    follows: UUID | None = None
    contact: str | None = None
    asked_from: InstitutionCode | None = None
    category_by: DecidedBy = "rule"
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    assignee: str | None = None
    assigned_because: str = ""
    typed_late: bool = False


class CaseMessageAdded(CaseEvent):
    """The requester wrote again (补充消息)."""

    type: Literal["case.message_added"] = "case.message_added"
    message_id: Key
    text: str
    attachments: tuple[Attachment, ...] = ()
    findings: Findings = Findings()
    why: Why = "open"


class CaseMessageRepeated(CaseEvent):
    """The same words again under another id (重复消息): counted, not added."""

    type: Literal["case.message_repeated"] = "case.message_repeated"
    message_id: Key
    repeats: Key


class CaseAssigned(CaseEvent):
    type: Literal["case.assigned"] = "case.assigned"
    assignee: Key
    reason: str = ""


class CaseResponded(CaseEvent):
    """The desk answered so that the requester can see or hear it (已响应); `group` is a colleague in the group."""

    type: Literal["case.responded"] = "case.responded"
    text: str
    first: bool
    via: Literal["channel", "phone", "onsite", "group"] = "channel"


class CaseWaiting(CaseEvent):
    """Somebody else owes the next step (等待)."""

    type: Literal["case.waiting"] = "case.waiting"
    waiting_for: WaitingFor
    reason: str


class CaseEscalated(CaseEvent):
    """Handed to the provincial platform's vendor (上报省平台), to be chased."""

    type: Literal["case.escalated"] = "case.escalated"
    to: Literal["province", "vendor"]
    reason: str
    external_number: str | None = None


class CaseResolved(CaseEvent):
    """Solved (已解决): carries the whole question and its solution, so that readers need nothing else."""

    type: Literal["case.resolved"] = "case.resolved"
    resolution: str
    title: str
    question: str
    category: Category
    institution_code: InstitutionCode | None = None
    findings: Findings = Findings()


class CaseClosed(CaseEvent):
    type: Literal["case.closed"] = "case.closed"
    reason: str


class CaseReopened(CaseEvent):
    type: Literal["case.reopened"] = "case.reopened"
    reason: str


class CaseCommand(Command):
    """`expected_version` refuses the command when somebody was faster."""

    case_id: UUID
    expected_version: Annotated[int, Field(ge=1)] | None = None


class AssignCase(CaseCommand):
    type: Literal["intake.command.assign"] = "intake.command.assign"
    assignee: Key
    reason: Annotated[str, Field(max_length=500)] = ""


class RespondToCase(CaseCommand):
    """`via` phone or onsite records an answer that was given there: nothing is sent."""

    type: Literal["intake.command.respond"] = "intake.command.respond"
    text: Text
    via: Literal["channel", "phone", "onsite"] = "channel"


class PutCaseOnWait(CaseCommand):
    type: Literal["intake.command.wait"] = "intake.command.wait"
    waiting_for: WaitingFor
    reason: Text


class EscalateCase(CaseCommand):
    type: Literal["intake.command.escalate"] = "intake.command.escalate"
    to: Literal["province", "vendor"] = "province"
    reason: Text
    external_number: Key | None = None


class ResolveCase(CaseCommand):
    type: Literal["intake.command.resolve"] = "intake.command.resolve"
    resolution: Text


class CloseCase(CaseCommand):
    type: Literal["intake.command.close"] = "intake.command.close"
    reason: Text


class ReopenCase(CaseCommand):
    type: Literal["intake.command.reopen"] = "intake.command.reopen"
    reason: Text
