"""A message opens a case of its own; `opening` is what `case.opened` says, whoever opens it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from chassis.message import Moment
from chassis.personal.masking import mask_id
from contracts.case import CaseOpened, Findings
from contracts.casework import ClaimMessages
from contracts.channel import ChannelMessage, Sender
from contracts.envelope import Command, Event
from services.intake.around import Around
from services.intake.clean import attachments_of, milliseconds
from services.intake.duty.choose import Duty
from services.intake.model import Case, Line, conversation_of
from services.intake.telling import told

Folded = tuple[Case, Sequence[Event | Command]]

TYPED_LATE = timedelta(hours=2)


def _first(
    moment: Moment, message: ChannelMessage, hint: Around, line: Line, sender: Sender, duty: Duty | None
) -> tuple[Case, Findings]:
    facts = {
        "conversation": conversation_of(message),
        "channel": message.channel,
        "conversation_id": mask_id(message.conversation_id),
        "requester_id": sender.id,
        "requester_name": sender.name,
        "requester": hint.requester,
        "contact": hint.contact,
        "asked_from": origin(message, hint),
        "follows": hint.follows,
        "why": hint.why,
        "marked": hint.why == "marker",
        "group": message.group,
    }
    return told(moment, (line,), facts, message.sender.institution_code or hint.institution_code, duty, hint.judge)


def origin(message: ChannelMessage, hint: Around) -> str | None:
    """The institution of whoever speaks: what the directory knows counts more than what is claimed."""
    return hint.institution_code or message.sender.institution_code


def open_case(moment: Moment, message: ChannelMessage, hint: Around, line: Line, sender: Sender) -> Folded:
    case, found = _first(moment, message, hint, line, sender, hint.duty)
    facts = opening(case, found, moment)
    facts["message_id"] = message.message_id
    facts["requester"] = sender
    facts["attachments"] = attachments_of(message)
    facts["time_corrected"] = hint.at is None and line.at != milliseconds(message.occurred_at)
    facts["typed_late"] = message.recorded_at is not None and message.recorded_at - message.occurred_at > TYPED_LATE
    opened = moment.trusted_event(CaseOpened, facts)
    claims = [
        moment.command(ClaimMessages, case_id=id_, for_case=moment.aggregate_id, since=line.at) for id_ in hint.claims
    ]
    return case, [opened, *claims]


def opening(case: Case, found: Findings, moment: Moment) -> dict[str, Any]:
    """What `case.opened` says of a case, whoever opens it."""
    return {
        "case_id": moment.aggregate_id,
        "number": case.number,
        "occurred_at": case.opened_at,
        "channel": case.channel,
        "conversation_id": case.conversation_id,
        "institution_code": case.institution_code,
        "title": case.title,
        "text": case.question,
        "category": case.category,
        "priority": case.priority,
        "findings": found,
        "kind": case.kind,
        "why": case.why,
        "follows": case.follows,
        "contact": case.contact,
        "asked_from": case.asked_from,
        "category_by": case.category_by,
        "confidence": case.confidence,
        "assignee": case.assignee,
        "assigned_because": case.assigned_because,
    }


def announce(moment: Moment, message: ChannelMessage, hint: Around, line: Line, sender: Sender) -> Folded:
    """A colleague speaks where nobody has asked: kept, but nothing to work on."""
    case, _ = _first(moment, message, hint, line, sender, None)
    return replace(case, status="closed", current=False, owes="nobody", ended_at=line.at, announced=True), []
