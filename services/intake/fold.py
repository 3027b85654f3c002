"""The pure core of intake: one case, one message, one moment; the case after it and what is said about it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict, replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.case import (
    AssignCase,
    CaseAssigned,
    CaseClosed,
    CaseCommand,
    CaseEscalated,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseWaiting,
    CloseCase,
    EscalateCase,
    Findings,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
)
from contracts.channel import ChannelMessage, ChannelReply
from contracts.envelope import Event
from services.intake.masking import mask, mask_reply
from services.intake.model import Case
from services.intake.receive import receive

Folded = tuple[Case, Sequence[Event]]


def fold(case: Case | None, moment: Moment) -> Folded:
    """Raises Refused for a command that the case cannot follow now, NotFound when there is no such case."""
    body = moment.message.body
    if isinstance(body, ChannelMessage):
        return receive(case, moment, body)
    assert isinstance(body, CaseCommand)
    if case is None:
        raise NotFound("not_found", f"没有工单 {body.case_id}: 请核对编号")
    _check(case, moment, body)
    case, events = _obey(case, moment, body)
    return replace(case, touched_at=max(case.touched_at, moment.now)), events


def _check(case: Case, moment: Moment, command: CaseCommand) -> None:
    if command.expected_version not in (None, moment.version):
        raise Refused("stale", f"工单已有新的变化 (现为第 {moment.version} 版): 请刷新后再试")
    if case.status == "closed" and not isinstance(command, ReopenCase):
        raise Refused("closed", "工单已关闭: 请先重新打开")


def _obey(case: Case, moment: Moment, command: CaseCommand) -> Folded:
    facts = {"case_id": moment.aggregate_id, "number": case.number, "occurred_at": _when(moment)}
    match command:
        case AssignCase():
            status = "in_progress" if case.status == "new" else case.status
            assigned = moment.event(CaseAssigned, assignee=command.assignee, **facts)
            return replace(case, assignee=command.assignee, status=status), [assigned]
        case RespondToCase():
            return _respond(case, moment, command)
        case PutCaseOnWait():
            waiting = moment.event(CaseWaiting, waiting_for=command.waiting_for, reason=mask(command.reason), **facts)
            return replace(case, status="waiting", waiting_for=command.waiting_for), [waiting]
        case EscalateCase():
            external = mask(command.external_number) if command.external_number else None
            escalated = moment.event(
                CaseEscalated, to=command.to, reason=mask(command.reason), external_number=external,
                **facts,
            )  # fmt: skip
            return replace(case, status="escalated", waiting_for=command.to, external_number=external), [escalated]
        case ResolveCase():
            return _resolve(case, moment, command)
        case CloseCase():
            closed = moment.event(CaseClosed, reason=mask(command.reason), **facts)
            return replace(case, status="closed", current=False, waiting_for=None), [closed]
        case ReopenCase():
            return _reopen(case, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {command.type}")


def _respond(case: Case, moment: Moment, command: RespondToCase) -> Folded:
    at = _when(moment)
    facts = {"case_id": moment.aggregate_id, "occurred_at": at, "text": mask_reply(command.text)}
    responded = moment.event(CaseResponded, number=case.number, first=case.responded_at is None, **facts)
    reply = moment.event(
        ChannelReply,
        type=f"channel.out.{case.channel}",
        channel=case.channel,
        conversation_id=case.conversation_id,
        **facts,
    )
    status = case.status if case.status in ("escalated", "resolved") else "in_progress"
    case = replace(
        case,
        status=status,
        waiting_for=case.waiting_for if status == "escalated" else None,
        responded_at=case.responded_at or at,
        last_response_at=at,
    )
    return case, [responded, reply]


def _resolve(case: Case, moment: Moment, command: ResolveCase) -> Folded:
    if case.status == "resolved":
        raise Refused("resolved", "工单已是已解决: 如需更改方案请先重新打开")
    resolution = mask(command.resolution)
    resolved = moment.event(
        CaseResolved,
        case_id=moment.aggregate_id,
        number=case.number,
        occurred_at=_when(moment),
        resolution=resolution,
        title=case.title,
        question=case.question,
        category=case.category,
        institution_code=case.institution_code,
        findings=Findings.model_validate(asdict(case.found)),
    )
    # A resolution answers too: the same words after it are news, not a repeat.
    return replace(case, status="resolved", waiting_for=None, resolution=resolution, last_response_at=moment.now), [
        resolved
    ]


def _reopen(case: Case, moment: Moment, command: ReopenCase) -> Folded:
    if case.status not in ("resolved", "closed"):
        raise Refused("open", "工单未解决也未关闭: 无需重新打开")
    reopened = moment.event(
        CaseReopened,
        case_id=moment.aggregate_id,
        number=case.number,
        occurred_at=_when(moment),
        reason=mask(command.reason),
    )
    return replace(case, status="in_progress", current=not case.is_full, resolution=None), [reopened]


def _when(moment: Moment) -> datetime:
    """Commands happen when they are recorded: a caller's clock must not make a response look early."""
    return moment.now
