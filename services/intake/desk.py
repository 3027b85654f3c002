"""What staff do with one case: assign, answer, wait, escalate, resolve, close, reopen, note."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask, mask_reply
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
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
)
from contracts.casework import CaseNoted, NoteCase
from contracts.channel import ChannelReply
from contracts.envelope import Event
from services.intake.model import Case, number_of
from services.intake.opening import Folded
from services.intake.telling import findings_of

Handler = Callable[[Case, Moment, Any], Folded]

UNSOLVED: Final = "来询人反馈未解决: "

# A resolved case that goes on has no end and no solution any more.
_NOT_OVER: dict[str, Any] = {"ended_at": None, "resolution": None}


def about(case: Case, moment: Moment) -> dict[str, Any]:
    """What every event of a command says: commands happen when they are recorded, whatever the caller's clock says."""
    return {"case_id": moment.aggregate_id, "number": case.number, "occurred_at": moment.now}


def _assign(case: Case, moment: Moment, command: AssignCase) -> Folded:
    status = "in_progress" if case.status == "new" else case.status
    reason = mask(command.reason)
    assigned = moment.event(CaseAssigned, assignee=command.assignee, reason=reason, **about(case, moment))
    return replace(case, assignee=command.assignee, assigned_because=reason, status=status), [assigned]


def _respond(case: Case, moment: Moment, command: RespondToCase) -> Folded:
    return answer(case, moment, command.text, command.via)


def answer(case: Case, moment: Moment, text: str, via: str = "channel") -> Folded:
    """The requester can see or hear this; what was said on the phone or on site is only recorded."""
    text = mask_reply(text)
    first = case.responded_at is None
    said: list[Event] = [moment.event(CaseResponded, text=text, first=first, via=via, **about(case, moment))]
    if via == "channel":
        said.append(_reply(case, moment, text))
    status = case.status if case.status in ("escalated", "resolved") else "in_progress"
    case = replace(
        case,
        status=status,
        waiting_for=case.waiting_for if status == "escalated" else None,
        responded_at=case.responded_at or moment.now,
        last_response_at=moment.now,
        replies=case.replies + (via == "channel"),
    )
    return case, said


def _reply(case: Case, moment: Moment, text: str) -> ChannelReply:
    return moment.event(
        ChannelReply,
        type=f"channel.out.{case.channel}",
        channel=case.channel,
        conversation_id=case.conversation_id,
        conversation=case.conversation,
        case_id=moment.aggregate_id,
        occurred_at=moment.now,
        text=text,
    )


def _wait(case: Case, moment: Moment, command: PutCaseOnWait) -> Folded:
    owes = command.waiting_for
    waiting = moment.event(CaseWaiting, waiting_for=owes, reason=mask(command.reason), **about(case, moment))
    return replace(case, status="waiting", waiting_for=owes, owes=owes, **_NOT_OVER), [waiting]


def _escalate(case: Case, moment: Moment, command: EscalateCase) -> Folded:
    external = mask(command.external_number) if command.external_number else None
    escalated = moment.event(
        CaseEscalated, to=command.to, reason=mask(command.reason), external_number=external, **about(case, moment)
    )
    said = {"status": "escalated", "waiting_for": command.to, "owes": command.to, "external_number": external}
    return replace(case, **said, **_NOT_OVER), [escalated]


def _resolve(case: Case, moment: Moment, command: ResolveCase) -> Folded:
    """Whoever has never been answered is told the solution: it must not be found by chance."""
    if case.status == "resolved":
        raise Refused("resolved", "工单已是已解决: 如需更改方案请先重新打开")
    said: list[Any] = []
    if case.responded_at is None:
        case, said = answer(case, moment, command.resolution)  # type: ignore[assignment]
    resolution = mask(command.resolution)
    resolved = moment.event(
        CaseResolved,
        resolution=resolution,
        title=case.title,
        question=case.question,
        category=case.category,
        institution_code=case.institution_code,
        findings=findings_of(case.found),
        **about(case, moment),
    )
    # A resolution answers too: the same words after it are news, not a repeat.
    case = replace(
        case, status="resolved", waiting_for=None, owes="requester", resolution=resolution,
        last_response_at=moment.now, ended_at=moment.now,
    )  # fmt: skip
    return case, [*said, resolved]


def _close(case: Case, moment: Moment, command: CloseCase) -> Folded:
    if command.actor.kind == "requester" and case.status != "resolved":
        raise Refused("not_resolved", "服务台还没有给出解决方案: 如已不需要处理, 请留言说明")
    closed = moment.event(CaseClosed, reason=mask(command.reason), **about(case, moment))
    case = replace(
        case, status="closed", current=False, waiting_for=None, owes="nobody", ended_at=case.ended_at or moment.now
    )
    return case, [closed]


def _reopen(case: Case, moment: Moment, command: ReopenCase) -> Folded:
    if case.status not in ("resolved", "closed"):
        raise Refused("open", "工单未解决也未关闭: 无需重新打开")
    if case.merged_into is not None:
        raise Refused("merged", f"工单已并入 {number_of(case.merged_into)}: 请到那张工单处理, 或从那里移回消息")
    said = UNSOLVED if command.actor.kind == "requester" else ""
    reopened = moment.event(CaseReopened, reason=said + mask(command.reason), **about(case, moment))
    return replace(case, status="in_progress", current=not case.is_full, owes="desk", **_NOT_OVER), [reopened]


def _note(case: Case, moment: Moment, command: NoteCase) -> Folded:
    return case, [moment.event(CaseNoted, text=mask(command.text), **about(case, moment))]


HANDLERS: dict[type[CaseCommand], Handler] = {
    AssignCase: _assign,
    RespondToCase: _respond,
    PutCaseOnWait: _wait,
    EscalateCase: _escalate,
    ResolveCase: _resolve,
    CloseCase: _close,
    ReopenCase: _reopen,
    NoteCase: _note,
}
