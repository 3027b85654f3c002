"""Intake's cases in memory, for the tests of its fold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.message import Message
from chassis.store import Document
from contracts.case import CaseCommand, CaseEvent
from contracts.channel import ChannelReceipt, ChannelReply
from contracts.envelope import Actor, Event, derive_id
from services.intake.fold import fold
from services.intake.model import Case
from services.intake.receive import check_again
from services.intake.threads.locating import Earlier, Locator, Strangers
from services.intake.threads.rules import Rules
from tests.chassis.folding import Folder
from tests.support.make import NOON

WANG = Actor(kind="staff", id="wang")


def desk() -> Folder[Case]:
    return Folder(fold, _locate, check_again)


def _locate(cases: Folder[Case], message: Message) -> UUID | Document[Case]:
    """As `Cases.locate` has it, on documents in memory."""
    body = message.body
    if isinstance(body, CaseCommand | ChannelReceipt):
        return body.case_id
    locator = Locator(list(cases.documents.values()), Strangers(), Rules(), cases.now)
    [document] = locator.place([message], {})
    if locator.unsure:
        [document] = locator.place([message], {c: _earlier(cases, c) for c in locator.unsure})
    return document


def _earlier(cases: Folder[Case], conversation: UUID) -> Earlier:
    own = [d for d in cases.documents.values() if d.state and d.state.conversation == conversation]
    ended = sorted(
        (d for d in own if d.state and not d.state.current), key=lambda d: d.state.touched_at if d.state else NOON
    )
    return Earlier(len(own), {d.state.requester: _heir(cases, d) for d in ended if d.state})


def _touched_at(document: Document[Case]) -> datetime:
    return document.state.touched_at if document.state else NOON


def _heir(cases: Folder[Case], document: Document[Case]) -> Document[Case]:
    while document.state and document.state.merged_into:
        document = cases.documents[document.state.merged_into]
    return document


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
