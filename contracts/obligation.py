"""What `sla` says about obligations (服务义务): duties that come again with every month, quarter or contract.

One occurrence is one duty of one holder (a contract, or the desk) in one period, with an item for each institution.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Contract, Event, Key, derive_id
from contracts.sla import Target

Each = Literal["institution", "contract", "desk"]
ItemState = Literal["open", "done", "waived"]
Note = Annotated[str, Field(max_length=2_000)]
Reason = Annotated[str, Field(min_length=2, max_length=500)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Reported = Annotated[int, Field(ge=0, le=10_000_000)]
Sum = Annotated[int, Field(ge=0)]
Items = Annotated[tuple[Key, ...], Field(max_length=1_000)]
DESK = "desk"
"""Holder and only item of what the desk as a whole has to do."""


def obligation_id(definition: str, holder: str, period: str) -> UUID:
    """Of one occurrence: whoever reports progress knows it without asking."""
    return derive_id("obligation", definition, holder, period)


def period_name(period: str) -> str:
    """`2026-10` as 2026年10月, `2026-Q4` as 2026年第4季度, `2026` as 2026年; of a contract's term its first day."""
    year, _, rest = period.partition("-")
    if rest.startswith("Q"):
        return f"{year}年第{rest[1:]}季度"
    if not rest:
        return f"{year}年"
    return f"{period} 起服务期" if "-" in rest else f"{year}年{int(rest)}月"


class ObligationStep(Contract):
    """A moment at which somebody is told: `label` is `-3d`, `50%`, `daily`, `due`, `+1d`; `left` the working days.

    `least` is how many should be done by then, 0 where nothing is counted.
    """

    label: Annotated[str, Field(min_length=1, max_length=20)]
    at: AwareDatetime
    tell: tuple[Target, ...] = ()
    least: Count = 0
    left: int = 0


class ObligationItem(Contract):
    """Who has to do it: an institution, or the holder itself."""

    key: Key
    name: str = ""


class ObligationPlan(Contract):
    """All that follows from the definition, the contract and the calendar. Without items it is no duty any more.

    `period` is what it is about (`2026-10`, `2026-Q4`, `2026`, or the day on which the contract began); `calendar` is
    `name@version`, `edition` the version of the definition. `least` and `most` count evidence, 0 is no limit. `since`
    is when it was last planned otherwise than before, names apart.
    """

    definition: Key
    title: str
    todo: str
    each: Each
    holder: Key
    holder_name: str = ""
    period: Key
    opens_at: AwareDatetime
    due_at: AwareDatetime
    steps: Annotated[tuple[ObligationStep, ...], Field(max_length=5_000)]
    items: Annotated[tuple[ObligationItem, ...], Field(max_length=5_000)]
    calendar: str
    edition: str
    by_progress: bool = False
    least: Count = 0
    most: Count = 0
    since: AwareDatetime | None = None


class ItemProgress(Contract):
    """How far an item is; of a settlement list `of` is needUploadCnt and `done` uploadedCnt of 4105."""

    key: Key
    done: Reported
    of: Reported


class OpenItem(ItemProgress):
    """An item that is not done, by name."""

    name: str = ""


class EvidenceFile(Contract):
    """A file that was kept under the SHA-256 of its content."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    size: Count
    media_type: Annotated[str, Field(max_length=200)] = "application/octet-stream"


class ObligationEvent(Event):
    """`open`, `done` and `waived` are how many items there are of each after this."""

    obligation_id: UUID
    definition: Key
    title: str
    holder: Key
    holder_name: str = ""
    period: Key
    due_at: AwareDatetime
    open: Count
    done: Count
    waived: Count


class ObligationOpened(ObligationEvent):
    type: Literal["obligation.opened"] = "obligation.opened"
    opens_at: AwareDatetime
    calendar: str
    edition: str
    items: tuple[Key, ...]
    plan: ObligationPlan | None = None


class ObligationRescheduled(ObligationEvent):
    """The definition, the calendar or the contract has changed (义务调整)."""

    type: Literal["obligation.rescheduled"] = "obligation.rescheduled"
    due_before: AwareDatetime
    calendar: str
    edition: str
    added: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()
    plan: ObligationPlan | None = None


class ObligationAlarm(ObligationEvent):
    """Tell `targets`: `missing` are the first of the open items, `left` the working days until the deadline.

    `progress` and `progress_of` are the sums of what was reported, without items that are waived, and of each no more
    than has to be done: their quotient is the upload rate (上传率).
    """

    threshold: str
    targets: tuple[Target, ...] = ()
    late_ms: int
    left: int = 0
    least: Count = 0
    missing: tuple[OpenItem, ...] = ()
    progress: Sum = 0
    progress_of: Sum = 0


class ObligationNoticed(ObligationAlarm):
    """The notice of the day (每日通报)."""

    type: Literal["obligation.noticed"] = "obligation.noticed"


class ObligationReminded(ObligationAlarm):
    """The deadline is near, or less is done than should be by now (提醒)."""

    type: Literal["obligation.reminded"] = "obligation.reminded"


class ObligationOverdue(ObligationAlarm):
    """The deadline has passed and items are open (逾期)."""

    type: Literal["obligation.overdue"] = "obligation.overdue"


class ObligationEscalated(ObligationAlarm):
    """It has been overdue for some time and nobody has taken note (逾期升级)."""

    type: Literal["obligation.escalated"] = "obligation.escalated"


class ObligationProgressed(ObligationEvent):
    type: Literal["obligation.progressed"] = "obligation.progressed"
    items: tuple[ItemProgress, ...]


class ObligationEvidenceAdded(ObligationEvent):
    """`count` is how many pieces the item has now; `exceeds` when these are more than the contract has."""

    type: Literal["obligation.evidence_added"] = "obligation.evidence_added"
    item: Key
    evidence_id: UUID
    note: Note = ""
    file: EvidenceFile | None = None
    count: Count
    exceeds: bool = False


class ObligationFulfilled(ObligationEvent):
    """Somebody says that these items are done (完成)."""

    type: Literal["obligation.fulfilled"] = "obligation.fulfilled"
    items: tuple[Key, ...]
    note: Note = ""


class ObligationWaived(ObligationEvent):
    """These items need not be done (免除)."""

    type: Literal["obligation.waived"] = "obligation.waived"
    items: tuple[Key, ...]
    reason: str


class ObligationReopened(ObligationEvent):
    type: Literal["obligation.reopened"] = "obligation.reopened"
    items: tuple[Key, ...]
    reason: str


class ObligationCompleted(ObligationEvent):
    """No item is open any more (全部完成); `in_time` whether the last one was done before the deadline."""

    type: Literal["obligation.completed"] = "obligation.completed"
    completed_at: AwareDatetime
    in_time: bool


class ObligationAcknowledged(ObligationEvent):
    """Somebody has taken note (已知悉): no more reminders and escalations; the deadline is still told."""

    type: Literal["obligation.acknowledged"] = "obligation.acknowledged"
    by: Key


class ObligationDue(Contract):
    """A timer has fired (`due.obligation`). Only a hint: the fold looks at the occurrence again."""

    obligation_id: UUID
    threshold: str
    at: AwareDatetime


class ObligationCommand(Command):
    obligation_id: UUID


class OpenObligation(ObligationCommand):
    """The system's own: an occurrence as it is to be, new or changed."""

    type: Literal["obligation.command.open"] = "obligation.command.open"
    plan: ObligationPlan


class ReportObligationProgress(ObligationCommand):
    type: Literal["obligation.command.report_progress"] = "obligation.command.report_progress"
    items: Annotated[tuple[ItemProgress, ...], Field(min_length=1, max_length=1_000)]


class AttachEvidence(ObligationCommand):
    type: Literal["obligation.command.attach_evidence"] = "obligation.command.attach_evidence"
    item: Key
    note: Note = ""
    file: EvidenceFile | None = None


class FulfilObligation(ObligationCommand):
    """Without `items` all of them that are open."""

    type: Literal["obligation.command.fulfil"] = "obligation.command.fulfil"
    items: Items = ()
    note: Note = ""


class WaiveObligation(ObligationCommand):
    """Without `items` all of them that are open."""

    type: Literal["obligation.command.waive"] = "obligation.command.waive"
    items: Items = ()
    reason: Reason


class ReopenObligation(ObligationCommand):
    type: Literal["obligation.command.reopen"] = "obligation.command.reopen"
    items: Annotated[tuple[Key, ...], Field(min_length=1, max_length=1_000)]
    reason: Reason


class AcknowledgeObligation(ObligationCommand):
    type: Literal["obligation.command.acknowledge"] = "obligation.command.acknowledge"
