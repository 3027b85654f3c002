"""What a channel message does to a case: open it, add to it, repeat what is there already, or answer in the group."""

import dataclasses

from msgspec.structs import replace

from chassis.errors import Full, Unacceptable
from chassis.message import Message, Moment
from contracts.case import CaseMessageAdded, CaseMessageRepeated, CaseReopened, CaseResponded
from contracts.channel import ChannelMessage, answer_code
from contracts.envelope import Actor
from services.intake.around import Around, around
from services.intake.clean import actor_of, attachments_of, fingerprint_of, line_of, masked, text_of
from services.intake.model import Case, Line
from services.intake.opening import Folded, announce, open_case, origin
from services.intake.telling import findings_of, retell
from services.intake.threads.rules import is_thanks

# Reasons to join a case that has ended.
_AFTER_ALL = ("grace", "thanks", "quote", "staff")


def receive(case: Case | None, moment: Moment, message: ChannelMessage) -> Folded:
    """Fold one channel message. Raises Full when the case takes no more."""
    hint = around(moment, message)
    if case is not None and not case.current and (case.is_full or case.merged_into or hint.why not in _AFTER_ALL):
        raise Full
    sender = masked(message.sender)
    # Whatever is said about it names who caused it: nothing unmasked may go from here into an event.
    actor = actor_of(moment.message.actor, sender)
    if actor is not moment.message.actor:
        moment.message = dataclasses.replace(moment.message, actor=actor)
    line = line_of(message, moment, hint, sender)
    # The code by which somebody takes on an alert asks for nothing and answers nobody; notify hears it too.
    acknowledges = answer_code(message.text) is not None
    if case is None:
        return (announce if hint.staff or acknowledges else open_case)(moment, message, hint, line, sender)
    if hint.staff and acknowledges:
        return retell(case, (*case.lines, line), hint.judge), []
    if hint.staff:
        return _answer_in_group(case, moment, hint, line)
    line = replace(line, asked_from=_elsewhere(case, message, hint))
    for known in case.lines:
        if known.fingerprint == line.fingerprint and not known.staff and not _answered_between(case, known, line):
            return _repeat(case, moment, message, hint, known, line)
    return _add(case, moment, message, hint, line)


def _elsewhere(case: Case, message: ChannelMessage, hint: Around) -> str | None:
    """The institution of a speaker who is not of the case's own, empty where it is not known; else None."""
    code = origin(message, hint) or ""
    return None if hint.requester == case.requester or (code and code == case.asked_from) else code


def check_again(case: Case, message: Message) -> None:
    """A known message id must say what it said before. Raises Unacceptable when it does not."""
    body = message.body
    if not isinstance(body, ChannelMessage):
        return
    print_ = fingerprint_of(body, text_of(body))
    for line in case.lines:
        if body.message_id in line.message_ids and line.fingerprint != print_:
            raise Unacceptable("同一消息编号再次出现但内容不同: 请核对渠道适配器的消息编号是否唯一")


def _answer_in_group(case: Case, moment: Moment, hint: Around, line: Line) -> Folded:
    """A colleague's words in the group are the desk's answer: the requester has seen them."""
    if case.announced:
        return retell(case, (*case.lines, line), hint.judge), []
    colleague = moment.message.actor
    responded = moment.event(
        CaseResponded, case_id=moment.aggregate_id, number=case.number, occurred_at=line.at, text=line.text,
        first=case.responded_at is None, via="group", actor=Actor(kind="staff", id=colleague.id, name=colleague.name),
    )  # fmt: skip
    case = retell(case, (*case.lines, line), hint.judge)
    return replace(
        case,
        status="in_progress" if case.status == "new" else case.status,
        responded_at=min(case.responded_at or line.at, line.at),
        last_response_at=max(case.last_response_at or line.at, line.at),
        replies=case.replies + 1,
        current=case.current and not case.is_full,
    ), [responded]


def _add(case: Case, moment: Moment, message: ChannelMessage, hint: Around, line: Line) -> Folded:
    case = _heard(case, retell(case, (*case.lines, line), hint.judge), line)
    added = moment.event(
        CaseMessageAdded,
        case_id=moment.aggregate_id,
        number=case.number,
        occurred_at=line.at,
        message_id=message.message_id,
        text=line.text,
        attachments=attachments_of(message),
        findings=findings_of(case.found),
        why=line.why,
    )
    case, more = _wake(case, moment, line)
    return replace(case, current=case.status != "closed" and not case.is_full), [added, *more]


def _heard(before: Case, case: Case, line: Line) -> Case:
    """The requester has spoken: what a channel's reply budget counts starts anew."""
    newer = before.heard_at is None or line.at > before.heard_at
    return replace(
        case,
        heard_at=line.at if newer else before.heard_at,
        received=case.received + 1,
        replies=0 if newer else case.replies,
        window_warned=False if newer else case.window_warned,
    )


def _wake(case: Case, moment: Moment, line: Line) -> Folded:
    """The requester spoke: nothing to wait for any more, and no longer solved unless it was only thanks."""
    if case.status == "waiting" and case.waiting_for == "requester":
        return replace(case, status="in_progress", waiting_for=None, owes="desk"), []
    if case.status not in ("resolved", "closed") or is_thanks(line.text):
        return case, []
    reopened = moment.event(
        CaseReopened, case_id=moment.aggregate_id, number=case.number, occurred_at=line.at, reason="来询人再次来信"
    )
    return replace(case, status="in_progress", resolution=None, ended_at=None, owes="desk"), [reopened]


def _repeat(case: Case, moment: Moment, message: ChannelMessage, hint: Around, known: Line, line: Line) -> Folded:
    merged = known.joined(line)
    case = _heard(case, retell(case, [merged if x is known else x for x in case.lines], hint.judge), line)
    case = replace(case, repeats=case.repeats + 1, touched_at=max(case.touched_at, line.at))
    repeated = moment.event(
        CaseMessageRepeated,
        case_id=moment.aggregate_id,
        number=case.number,
        occurred_at=line.at,
        message_id=message.message_id,
        repeats=known.message_ids[0],
    )
    return replace(case, current=case.current and not case.is_full), [repeated]


def _answered_between(case: Case, known: Line, line: Line) -> bool:
    """What is said again after an answer, or after the end, is news."""
    return any(at is not None and known.at <= at <= line.at for at in (case.last_response_at, case.ended_at))
