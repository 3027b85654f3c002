"""Intake's cases in memory, for the tests of its fold."""

from typing import Any
from uuid import UUID

from chassis.message import Message
from contracts.case import CaseCommand, CaseEvent
from contracts.channel import ChannelMessage, ChannelReply
from contracts.envelope import Actor, Event, derive_id
from services.intake.fold import fold
from services.intake.model import Case, case_id_of, conversation_of
from services.intake.receive import check_again
from tests.chassis.folding import Folder
from tests.support.make import NOON

WANG = Actor(kind="staff", id="wang")


def desk() -> Folder[Case]:
    return Folder(fold, _locate, check_again)


def _locate(cases: Folder[Case], message: Message) -> UUID:
    """As `Cases.locate` has it: the case that knows the message, else the conversation's current, else the next."""
    body = message.body
    if isinstance(body, CaseCommand):
        return body.case_id
    assert isinstance(body, ChannelMessage)
    conversation = conversation_of(body)
    known = [i for i, d in cases.documents.items() if message.cause_id in d.causes]
    own = {i: s for i, s in cases.states.items() if s.conversation == conversation}
    current = sorted((i for i, s in own.items() if s.current), key=lambda i: own[i].opened_at)
    return [*known, *reversed(current), case_id_of(conversation, len(own))][0]


def only(cases: Folder[Case]) -> Case:
    """The one case that there is."""
    [case] = cases.states.values()
    return case


def wish(cases: Folder[Case], command: type[CaseCommand], n: int = 0, **facts: Any) -> CaseCommand:
    """A command to the first case; another `n` is another wish."""
    facts = {"case_id": next(iter(cases.states)), **facts}
    return command(
        id=derive_id("wish", command.__name__, n),
        type=command.model_fields["type"].default,
        occurred_at=NOON,
        actor=WANG,
        **facts,
    )


def case_of(event: Event) -> UUID:
    assert isinstance(event, CaseEvent | ChannelReply)
    return event.case_id
