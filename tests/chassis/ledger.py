"""The smallest domain that shows everything a loop does: a ledger of the lines that a conversation has heard."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from chassis.aggregate import Folded
from chassis.errors import NotFound, Refused, Unacceptable
from chassis.message import Message, Moment
from contracts.case import AssignCase, CaseAssigned, CaseMessageAdded
from contracts.channel import ChannelMessage
from contracts.envelope import Event, derive_id


class Ledger(msgspec.Struct, frozen=True):
    heard: tuple[str, ...] = ()
    assignee: str | None = None


def ledger_of(conversation: str) -> UUID:
    return derive_id("ledger", conversation)


def id_of(message: Message) -> UUID:
    body = message.body
    if isinstance(body, AssignCase):
        return body.case_id
    assert isinstance(body, ChannelMessage)
    return ledger_of(body.conversation_id)


def fold(ledger: Ledger | None, moment: Moment) -> tuple[Ledger, Sequence[Event]]:
    """One event per line of text; some words are commands to misbehave."""
    body = moment.message.body
    facts = {"case_id": moment.aggregate_id, "number": "L"}
    if isinstance(body, AssignCase):
        if ledger is None:
            raise NotFound("not_found", "没有账本")
        if ledger.assignee is not None:
            raise Refused("assigned", "已经分派")
        assigned = moment.event(CaseAssigned, assignee=body.assignee, **facts)
        return replace(ledger, assignee=body.assignee), [assigned]
    assert isinstance(body, ChannelMessage)
    if "bug" in body.text:
        raise ValueError("a fold that has a bug")
    if "never" in body.text:
        raise Unacceptable("永远不收")
    lines = body.text.splitlines()
    ledger = ledger or Ledger()
    added = [moment.event(CaseMessageAdded, message_id=body.message_id, text=line, **facts) for line in lines]
    return replace(ledger, heard=tuple(sorted((*ledger.heard, *lines)))), added


def again(ledger: Ledger, message: Message) -> None:
    """The second line of defence of a service: known id, other words."""
    body = message.body
    if isinstance(body, ChannelMessage) and not set(body.text.splitlines()) <= set(ledger.heard):
        raise Unacceptable("同一编号, 内容不同")


LEDGERS = Folded(fold, again=again)
