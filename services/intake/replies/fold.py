"""What channels say about replies, and how many more they take: a reply that cannot arrive is refused beforehand."""

from datetime import datetime

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import CaseCommand, ResolveCase, RespondToCase
from contracts.casework import CaseReplyReported, CaseWindowClosing, WarnWindow
from contracts.channel import ChannelReceipt
from services.intake import desk
from services.intake.desk import Handler, about
from services.intake.model import Case, Status
from services.intake.opening import Folded
from services.intake.replies import budget

# Of these the requester may still expect an answer.
OPEN: tuple[Status, ...] = ("new", "in_progress", "waiting", "escalated")


def report(case: Case, moment: Moment, receipt: ChannelReceipt) -> Folded:
    """A receipt on the timeline; its reason is a channel's or an adapter's and may name somebody."""
    facts = {"reply_id": receipt.reply_id, "outcome": receipt.outcome, "reason": mask(receipt.reason)}
    return case, [moment.event(CaseReplyReported, **facts, **about(case, moment))]


def _by_a_person(command: CaseCommand) -> bool:
    """Who can be told of a refusal; what follows from something else has the channel refuse, and say so."""
    return command.cause_id is None


def _respond(case: Case, moment: Moment, command: RespondToCase) -> Folded:
    if command.via == "channel" and _by_a_person(command):
        budget.check(case, moment.now)
    return desk.HANDLERS[RespondToCase](case, moment, command)


def _resolve(case: Case, moment: Moment, command: ResolveCase) -> Folded:
    """Whoever was never answered is sent the solution, so the window counts here too."""
    if case.responded_at is None and _by_a_person(command):
        budget.check(case, moment.now)
    return desk.HANDLERS[ResolveCase](case, moment, command)


def closing(case: Case, now: datetime) -> budget.Budget | None:
    """The budget of a case whose staff should hear now that it ends."""
    found = budget.budget_of(case, now)
    due = found is not None and found.state == "closing" and not case.window_warned and case.status in OPEN
    return found if due else None


def _warn(case: Case, moment: Moment, command: WarnWindow) -> Folded:
    """Once per window: since the sweep looked, the requester may have spoken or the case may have ended."""
    if (found := closing(case, moment.now)) is None or found.closes_at != command.closes_at:
        raise Refused("window_moved", "回复窗口已有变化: 无需提醒")
    warned = moment.event(CaseWindowClosing, closes_at=found.closes_at, replies_left=found.left, **about(case, moment))
    return replace(case, window_warned=True), [warned]


HANDLERS: dict[type[CaseCommand], Handler] = {RespondToCase: _respond, ResolveCase: _resolve, WarnWindow: _warn}
