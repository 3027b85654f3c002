"""The pure core of exemptions: who asks does not approve, and what was decided is decided once."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.envelope import Event
from contracts.exemption import (
    ApproveExemption,
    ExemptionApproved,
    ExemptionCommand,
    ExemptionEvent,
    ExemptionRejected,
    ExemptionRequested,
    ExemptionRevoked,
    RejectExemption,
    RequestExemption,
    RevokeExemption,
)
from services.sla.attainment.asked import YEARS
from services.sla.exemptions.model import NAMES, Decision, Exemption, Standing, wanted
from services.sla.private import impersonal

LONGEST = timedelta(days=92)
_ENDED: dict[type[ExemptionCommand], tuple[Standing, Standing, type[ExemptionEvent]]] = {
    ApproveExemption: ("requested", "approved", ExemptionApproved),
    RejectExemption: ("requested", "rejected", ExemptionRejected),
}


def fold(state: Exemption | None, moment: Moment) -> tuple[Exemption, Sequence[Event]]:
    """Raises Refused for what cannot be decided so, NotFound when there is no such exemption."""
    match moment.message.body:
        case RequestExemption() as request:
            return _request(state, moment, request)
        case ApproveExemption() | RejectExemption() | RevokeExemption() as command:
            if state is None:
                raise NotFound("not_found", "没有这个免责申请: 请核对编号")
            return _decide(state, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def problem_of(request: RequestExemption) -> str:
    """Why this cannot be asked for; empty when it can. Raises Personal: the words stay for good."""
    impersonal(request.text)
    if not {request.begins.year, request.ends.year} <= set(YEARS):
        return f"免责时段不在 {YEARS[0]} 至 {YEARS[-1]} 年之间: 请核对两个时间"
    if request.ends <= request.begins:
        return "免责时段的结束不晚于开始: 请核对两个时间"
    if request.ends - request.begins > LONGEST:
        return f"免责时段长于 {LONGEST.days} 天: 请分开申请"
    return ""


def _request(state: Exemption | None, moment: Moment, request: RequestExemption) -> tuple[Exemption, Sequence[Event]]:
    if state is not None:
        raise Refused("exists", "这个编号的免责申请已经提交过: 请刷新后再看")
    if problem := problem_of(request):
        raise Refused("not_consistent", problem)
    begins, ends = _stored(request.begins), _stored(request.ends)
    asked = Decision("requested", moment.now, moment.message.actor.id)
    made = Exemption(moment.aggregate_id, request.ground, request.text, begins, ends, wanted(request.scope), (asked,))
    facts = {"ground": request.ground, "text": request.text, "scope": request.scope}
    return made, [_said(moment, ExemptionRequested, begins=begins, ends=ends, **facts)]


def _decide(
    state: Exemption, moment: Moment, command: ApproveExemption | RejectExemption | RevokeExemption
) -> tuple[Exemption, Sequence[Event]]:
    by = moment.message.actor.id
    impersonal(command.reason)
    if isinstance(command, RevokeExemption):
        if state.standing not in ("requested", "approved"):
            raise Refused("ended", f"这个免责申请{NAMES[state.standing]}: 无需撤销")
        standing: Standing = "revoked"
        model: type[ExemptionEvent] = ExemptionRevoked
    else:
        before, standing, model = _ENDED[type(command)]
        if state.standing != before:
            rather = ", 如需取消请撤销" if state.standing == "approved" else ""
            raise Refused("decided", f"这个免责申请{NAMES[state.standing]}: 不能再次审批{rather}")
        if _person(by) == _person(state.requester):
            raise Refused("same_person", "申请人不能审批自己的免责申请: 请另一位负责人审批")
    decided = Decision(standing, moment.now, by, command.reason)
    after = replace(state, decisions=(*state.decisions, decided))
    return after, [_said(moment, model, reason=command.reason, requested_by=state.requester)]


def _person(name: str) -> str:
    """Whoever writes their name in another case or width is still the same."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _stored(at: datetime) -> datetime:
    """To the millisecond, as the database keeps it: the event must say the same."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _said(moment: Moment, model: type[ExemptionEvent], **facts: object) -> ExemptionEvent:
    return moment.event(model, exemption_id=moment.aggregate_id, occurred_at=moment.now, **facts)
