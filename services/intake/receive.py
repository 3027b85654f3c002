"""What a channel message does to a case: open it, add to it, or repeat what is there already."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict, replace

from chassis.errors import Full, Unacceptable
from chassis.message import Message, Moment
from contracts.case import CaseMessageAdded, CaseMessageRepeated, CaseOpened, CaseReopened, Findings
from contracts.channel import ChannelMessage
from contracts.envelope import Command, Event
from services.intake.around import Around, around
from services.intake.category.rules import categorise
from services.intake.clean import (
    THANKS,
    actor_of,
    attachments_of,
    fingerprint_of,
    line_of,
    masked,
    milliseconds,
    text_of,
)
from services.intake.model import Case, Found, Line, conversation_of, number_of
from services.intake.text.findings import find
from services.intake.text.masking import mask_id
from services.intake.text.plain import title

Folded = tuple[Case, Sequence[Event | Command]]


def receive(case: Case | None, moment: Moment, message: ChannelMessage) -> Folded:
    """Fold one channel message. Raises Full when the case takes no more."""
    hint = around(moment, message)
    if case is None:
        return _open(moment, message, hint)
    if not case.current:
        raise Full
    line = line_of(message, moment, hint)
    for known in case.lines:
        if known.fingerprint == line.fingerprint and not _answered_between(case, known, line):
            return _repeat(case, moment, message, known, line)
    return _add(case, moment, message, line)


def check_again(case: Case, message: Message) -> None:
    """A known message id must say what it said before. Raises Unacceptable when it does not."""
    body = message.body
    if not isinstance(body, ChannelMessage):
        return
    print_ = fingerprint_of(body, text_of(body))
    for line in case.lines:
        if body.message_id in line.message_ids and line.fingerprint != print_:
            raise Unacceptable("同一消息编号再次出现但内容不同: 请核对渠道适配器的消息编号是否唯一")


def _open(moment: Moment, message: ChannelMessage, hint: Around) -> Folded:
    line = line_of(message, moment, hint)
    found = find(line.text, message.sender.institution_code or hint.institution_code)
    category, priority = categorise(line.text, found)
    requester = masked(message.sender)
    case = Case(
        conversation=conversation_of(message),
        number=number_of(moment.aggregate_id),
        channel=message.channel,
        conversation_id=mask_id(message.conversation_id),
        requester_id=requester.id,
        requester_name=requester.name,
        institution_code=found.institution_code,
        title=title(line.text),
        lines=(line,),
        category=category,
        priority=priority,
        found=_as_state(found),
        opened_at=line.at,
        touched_at=line.at,
        status="new",
        current=True,
        requester=hint.requester,
        contact=hint.contact,
        marked=hint.why == "marker",
        follows=hint.follows,
        heard_at=line.at,
    )
    opened = moment.event(
        CaseOpened,
        case_id=moment.aggregate_id,
        number=case.number,
        actor=actor_of(moment.message.actor, requester),
        occurred_at=line.at,
        channel=message.channel,
        conversation_id=case.conversation_id,
        message_id=message.message_id,
        requester=requester,
        institution_code=case.institution_code,
        title=case.title,
        text=line.text,
        attachments=attachments_of(message),
        category=category,
        priority=priority,
        findings=found,
        time_corrected=line.at != milliseconds(message.occurred_at),
        why=hint.why,
        follows=hint.follows,
        contact=hint.contact,
    )
    return case, [opened]


def _add(case: Case, moment: Moment, message: ChannelMessage, line: Line) -> Folded:
    case = _tell(case, (*case.lines, line), line.at)
    added = moment.event(
        CaseMessageAdded,
        case_id=moment.aggregate_id,
        number=case.number,
        actor=actor_of(moment.message.actor, masked(message.sender)),
        occurred_at=line.at,
        message_id=message.message_id,
        text=line.text,
        attachments=attachments_of(message),
        findings=findings_of(case.found),
        why=line.why,
    )
    case, more = _wake(case, moment, line)
    return replace(case, current=not case.is_full), [added, *more]


def _tell(case: Case, lines: Sequence[Line], at: datetime) -> Case:
    """The case as these lines tell it; the order in which they arrived leaves no trace."""
    told = replace(
        case,
        lines=tuple(sorted(lines, key=lambda line: (line.at, line.message_ids))),
        opened_at=min(case.opened_at, at),
        touched_at=max(case.touched_at, at),
        heard_at=max(case.heard_at or at, at),
        replies=case.replies if case.heard_at and at < case.heard_at else 0,
        received=case.received + 1,
    )
    if (question := told.question) == case.question:
        return told
    found = find(question, case.institution_code)
    category, priority = categorise(question, found)
    return replace(
        told,
        title=title(told.lines[0].text),
        category=category,
        priority=priority,
        found=_as_state(found),
        institution_code=found.institution_code,
    )


def _wake(case: Case, moment: Moment, line: Line) -> Folded:
    """The requester spoke: nothing to wait for any more, and no longer solved unless it was only thanks."""
    if case.status == "waiting" and case.waiting_for == "requester":
        return replace(case, status="in_progress", waiting_for=None), []
    if case.status != "resolved" or THANKS.fullmatch(line.text):
        return case, []
    reopened = moment.event(
        CaseReopened, case_id=moment.aggregate_id, number=case.number, occurred_at=line.at, reason="来询人再次来信"
    )
    return replace(case, status="in_progress", resolution=None), [reopened]


def _repeat(case: Case, moment: Moment, message: ChannelMessage, known: Line, line: Line) -> Folded:
    earlier = min(known, line, key=lambda said: (said.at, said.text))
    merged = replace(earlier, message_ids=tuple(sorted({*known.message_ids, message.message_id})))
    case = _tell(case, [merged if x is known else x for x in case.lines], line.at)
    case = replace(case, repeats=case.repeats + 1)
    repeated = moment.event(
        CaseMessageRepeated,
        case_id=moment.aggregate_id,
        number=case.number,
        actor=actor_of(moment.message.actor, masked(message.sender)),
        occurred_at=line.at,
        message_id=message.message_id,
        repeats=known.message_ids[0],
    )
    return replace(case, current=not case.is_full), [repeated]


def _answered_between(case: Case, known: Line, line: Line) -> bool:
    return case.last_response_at is not None and known.at <= case.last_response_at <= line.at


_NOTHING_FINDINGS, _NOTHING_FOUND = Findings(), Found()


def _as_state(found: Findings) -> Found:
    return _NOTHING_FOUND if found == _NOTHING_FINDINGS else Found(**dict(found))


def findings_of(found: Found) -> Findings:
    return _NOTHING_FINDINGS if found == _NOTHING_FOUND else Findings.model_construct(**asdict(found))
