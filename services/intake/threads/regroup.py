"""Merge, split and move: messages that are in the wrong case go to the right one, and back again.

A case gives its lines up and says so; the command that it says with it carries them to the other case. Whoever looks
at either case sees where the messages went and came from. Nothing is refused on arrival, so nothing is lost between.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask
from contracts.case import CaseClosed, CaseCommand, CaseOpened, CaseReopened, Why
from contracts.casework import (
    CaseMessagesMoved,
    CaseMessagesReceived,
    ClaimMessages,
    MergeCase,
    MovedMessage,
    MoveMessages,
    ReceiveMessages,
)
from contracts.channel import Sender
from contracts.envelope import Actor, derive_id
from services.intake.desk import Handler, about
from services.intake.model import Case, Line, number_of
from services.intake.opening import Folded, opening
from services.intake.telling import retell, told
from services.intake.threads.rules import ENDED


def _merge(case: Case, moment: Moment, command: MergeCase) -> Folded:
    if command.into == moment.aggregate_id:
        raise Refused("same_case", "不能并入自己: 请指定另一张工单")
    return _hand_over(case, moment, case.lines, command, "moved")


def _move(case: Case, moment: Moment, command: MoveMessages) -> Folded:
    """Without a target the messages become a case of their own, whose id follows from the wish."""
    if command.to == moment.aggregate_id:
        raise Refused("same_case", "消息已在本工单: 请指定另一张工单")
    wanted = set(command.message_ids)
    moving = [line for line in case.lines if wanted & set(line.message_ids)]
    if unknown := wanted - {m for line in moving for m in line.message_ids}:
        raise Refused("not_in_case", f"本工单没有这些消息: {'、'.join(sorted(unknown)[:5])}: 请核对消息编号")
    if command.to is None and len(moving) == len(case.lines):
        raise Refused("nothing_left", "拆分后原工单没有消息: 请至少留下一条, 或改用合并")
    return _hand_over(case, moment, moving, command, "moved")


def _claim(case: Case, moment: Moment, command: ClaimMessages) -> Folded:
    """What the requester said after a marker that came late; quotes stay where what they quote is."""
    moving = [
        line for line in case.lines
        if line.at > command.since and not line.staff and not line.sender and line.why != "quote"
    ]  # fmt: skip
    return _hand_over(case, moment, moving, command, "marker") if moving else (case, [])


def _hand_over(
    case: Case, moment: Moment, lines: Sequence[Line], command: MergeCase | MoveMessages | ClaimMessages, why: Why
) -> Folded:
    to = _target(moment, command)
    staying = tuple(line for line in case.lines if line not in lines)
    reason = mask(getattr(command, "reason", ""))
    ids = tuple(m for line in lines for m in line.message_ids)
    moved = moment.event(
        CaseMessagesMoved, to_case=to, message_ids=ids, merged=not staying, reason=reason, **about(case, moment)
    )
    carried = moment.command(
        ReceiveMessages,
        case_id=to,
        from_case=moment.aggregate_id,
        messages=[_carried(line, case) for line in lines],
        why=why,
        channel=case.channel,
        conversation=case.conversation,
        conversation_id=case.conversation_id,
        requester=Sender(id=case.requester_id, name=case.requester_name),
        requester_key=case.requester,
        group=case.group,
        contact=case.contact,
        asked_from=_asked_from(case, lines),
        assignee=case.assignee,
        institution_code=case.institution_code,
    )
    if staying:
        return retell(case, staying), [moved, carried]
    closed = moment.event(CaseClosed, reason=f"已并入工单 {number_of(to)}", **about(case, moment))
    ended = {"status": "closed", "current": False, "waiting_for": None, "owes": "nobody", "ended_at": moment.now}
    return replace(case, merged_into=to, lines=(), **ended), [moved, closed, carried]


def _target(moment: Moment, command: MergeCase | MoveMessages | ClaimMessages) -> UUID:
    match command:
        case MergeCase():
            return command.into
        case ClaimMessages():
            return command.for_case
    return command.to or derive_id("split", moment.aggregate_id, command.id)


def _asked_from(case: Case, lines: Sequence[Line]) -> str | None:
    """Of a case that these lines open: the one institution that said them all, if it is one."""
    origins = {_origin(case, line) for line in lines}
    return (origins.pop() or None) if len(origins) == 1 else None


def _origin(case: Case, line: Line) -> str:
    return line.asked_from if line.asked_from is not None else case.asked_from or ""


def _carried(line: Line, case: Case) -> MovedMessage:
    return MovedMessage(
        at=line.at, message_ids=line.message_ids, fingerprint=line.fingerprint, text=line.text,
        by_staff=line.staff, sender=line.sender, sealed=line.sealed, asked_from=_origin(case, line),
    )  # fmt: skip


def _line(message: MovedMessage, why: Why, asked_from: str | None) -> Line:
    """`asked_from` is the case's that it comes to."""
    own = message.asked_from == (asked_from or "")
    return Line(
        message.at, message.message_ids, message.fingerprint, message.text, why=why, sender=message.sender,
        staff=message.by_staff, sealed=message.sealed, asked_from=None if own else message.asked_from,
    )  # fmt: skip


def take_over(case: Case | None, moment: Moment, command: ReceiveMessages) -> Folded:
    """Lines from another case; where there is no case yet, they open one. A merged case that gets lines lives again."""
    to = command.asked_from if case is None else case.asked_from
    lines = [_line(m, command.why, to) for m in command.messages]
    if case is None:
        return _open(moment, command, lines)
    case = retell(case, _joined(case.lines, lines))
    received = moment.event(
        CaseMessagesReceived,
        from_case=command.from_case,
        message_ids=tuple(m for line in lines for m in line.message_ids),
        why=command.why,
        **about(case, moment),
    )
    if case.status not in ENDED or all(line.staff for line in lines):
        return replace(case, current=case.current and not case.is_full, merged_into=None), [received]
    reopened = moment.event(CaseReopened, reason="消息移回本工单", **about(case, moment))
    alive = {
        "status": "in_progress",
        "current": not case.is_full,
        "owes": "desk",
        "ended_at": None,
        "resolution": None,
        "merged_into": None,
    }
    return replace(case, **alive), [received, reopened]


def _joined(known: Sequence[Line], new: Sequence[Line]) -> tuple[Line, ...]:
    """The same words once, as when they had come here at first; what is known stands as it is.

    Within one case the same words may stand twice, because what is said again after an answer is news.
    """
    lines = list(known)
    for line in new:
        twin = next((x for x in lines if x.fingerprint == line.fingerprint and x.staff == line.staff), None)
        if twin is None:
            lines.append(line)
            continue
        lines[lines.index(twin)] = twin.joined(line)
    return tuple(lines)


def _open(moment: Moment, command: ReceiveMessages, lines: Sequence[Line]) -> Folded:
    requester = command.requester
    facts = {
        "conversation": command.conversation, "channel": command.channel, "conversation_id": command.conversation_id,
        "requester_id": requester.id, "requester_name": requester.name, "requester": command.requester_key,
        "follows": command.from_case, "why": command.why, "group": command.group, "contact": command.contact,
        "assignee": command.assignee, "asked_from": command.asked_from,
    }  # fmt: skip
    case, found = told(moment, lines, facts, command.institution_code)
    opened = moment.event(
        CaseOpened,
        actor=Actor(kind="requester", id=requester.id, name=requester.name),
        message_id=lines[0].message_ids[0],
        requester=requester,
        **opening(case, found, moment),
    )
    return case, [opened]


HANDLERS: dict[type[CaseCommand], Handler] = {MergeCase: _merge, MoveMessages: _move, ClaimMessages: _claim}
