"""The original of a message: kept encrypted apart from its case, read only with a reason that stays on the case."""

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import CaseCommand
from contracts.casework import CaseRevealed, RevealOriginal
from services.intake.desk import Handler, about
from services.intake.model import Case, Line
from services.intake.opening import Folded

SHORTEST_REASON = 4


def line_with(case: Case, message_id: str) -> Line | None:
    """The line in which a message was said."""
    return next((line for line in case.lines if message_id in line.message_ids), None)


def _reveal(case: Case, moment: Moment, command: RevealOriginal) -> Folded:
    """Only notes who wants to read what and why: the original itself never passes through the log."""
    if (line := line_with(case, command.message_id)) is None:
        raise NotFound("not_found", "本工单中没有这条消息: 请核对消息编号, 已移出的消息请到移入的工单查看")
    if not line.sealed:
        raise Refused("no_original", "这条消息没有遮蔽内容: 工单中显示的就是原文")
    if len(command.reason.strip()) < SHORTEST_REASON:
        raise Refused("no_reason", "请写明查看原文的理由 (至少 4 个字), 例如: 核对参保人身份")
    revealed = moment.event(
        CaseRevealed, message_id=command.message_id, reason=mask(command.reason.strip()), **about(case, moment)
    )
    return case, [revealed]


HANDLERS: dict[type[CaseCommand], Handler] = {RevealOriginal: _reveal}
