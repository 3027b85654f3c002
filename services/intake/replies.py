"""What channels say about replies, and how many more they take."""

from chassis.message import Moment
from contracts.case import CaseCommand
from contracts.casework import CaseReplyReported
from contracts.channel import ChannelReceipt
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.receive import Folded


def report(case: Case, moment: Moment, receipt: ChannelReceipt) -> Folded:
    """A receipt on the timeline."""
    facts = {"reply_id": receipt.reply_id, "outcome": receipt.outcome, "reason": receipt.reason}
    return case, [moment.event(CaseReplyReported, **facts, **about(case, moment))]


HANDLERS: dict[type[CaseCommand], Handler] = {}
