"""The pure core of intake: one case, one message, one moment; the case after it and what is said about it."""

from typing import Final

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.case import CaseCommand, ReopenCase
from contracts.casework import CategoriseCase, ClaimMessages, JoinOutage, NoteCase, ReceiveMessages, RevealOriginal
from contracts.channel import ChannelMessage, ChannelReceipt
from contracts.directory import IdentifyRequester
from services.intake import desk
from services.intake.category import correct
from services.intake.desk import Handler
from services.intake.directory import identify
from services.intake.duty import visits
from services.intake.model import Case, number_of
from services.intake.opening import Folded
from services.intake.originals import reveal as originals
from services.intake.outage import join
from services.intake.receive import receive
from services.intake.replies import fold as replies
from services.intake.threads import regroup
from services.intake.workflows import steps
from services.intake.workflows.engine import follow

HANDLERS: Final[dict[type[CaseCommand], Handler]] = {
    **desk.HANDLERS,
    **steps.HANDLERS,
    **correct.HANDLERS,
    **regroup.HANDLERS,
    **visits.HANDLERS,
    **replies.HANDLERS,
    **originals.HANDLERS,
    **join.HANDLERS,
    **identify.HANDLERS,
}
ON_CLOSED: Final = (
    ReopenCase, NoteCase, RevealOriginal, ReceiveMessages, ClaimMessages, JoinOutage, CategoriseCase, IdentifyRequester,
)  # fmt: skip


def fold(case: Case | None, moment: Moment) -> Folded:
    """Raises Refused for a command that the case cannot follow now, NotFound when there is no such case."""
    after, said = _fold(case, moment)
    return follow(after, moment.now), said


def _fold(case: Case | None, moment: Moment) -> Folded:
    body = moment.message.body
    if isinstance(body, ChannelMessage):
        return receive(case, moment, body)
    if isinstance(body, ReceiveMessages):
        return regroup.take_over(case, moment, body)
    assert isinstance(body, CaseCommand | ChannelReceipt)
    if case is None:
        raise NotFound("not_found", f"没有工单 {body.case_id}: 请核对编号")
    if isinstance(body, ChannelReceipt):
        return replies.report(case, moment, body)
    _check(case, moment, body)
    if (handler := HANDLERS.get(type(body))) is None:
        raise Refused("unknown_command", f"不认识的命令 {body.type}")
    case, said = handler(case, moment, body)
    return replace(case, touched_at=max(case.touched_at, moment.now)), said


def _check(case: Case, moment: Moment, command: CaseCommand) -> None:
    if command.expected_version not in (None, moment.version):
        raise Refused("stale", f"工单已有新的变化 (现为第 {moment.version} 版): 请刷新后再试")
    if case.merged_into is not None and not isinstance(command, ON_CLOSED):
        raise Refused("merged", f"工单已并入 {number_of(case.merged_into)}: 请到那张工单操作")
    if case.status == "closed" and not isinstance(command, ON_CLOSED):
        raise Refused("closed", "工单已关闭: 请先重新打开")
