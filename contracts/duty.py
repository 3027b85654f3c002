"""Duty (值班): who is on when, who is away, and what is handed over at the end of a shift."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Contract, Event, Key, Text


class Shift(Contract):
    """A time of one engineer (班次): on duty, covering lunch, or away on leave; an absence outweighs a duty."""

    id: Key
    engineer: Key
    kind: Literal["duty", "lunch_cover", "leave"] = "duty"
    begins: AwareDatetime
    ends: AwareDatetime
    note: Annotated[str, Field(max_length=500)] = ""


class HandoverItem(Contract):
    case_id: UUID
    number: str
    title: str
    note: str = ""


class DutySaved(Event):
    type: Literal["duty.saved"] = "duty.saved"
    shift: Shift


class DutyRemoved(Event):
    type: Literal["duty.removed"] = "duty.removed"
    shift_id: Key
    reason: str = ""


class DutyHandedOver(Event):
    """交接班: the open cases of one engineer with a note each, and who takes them."""

    type: Literal["duty.handed_over"] = "duty.handed_over"
    from_engineer: Key
    to_engineer: Key
    note: str
    items: tuple[HandoverItem, ...]


class SaveShift(Command):
    type: Literal["duty.command.save"] = "duty.command.save"
    shift: Shift


class RemoveShift(Command):
    type: Literal["duty.command.remove"] = "duty.command.remove"
    shift_id: Key
    reason: Annotated[str, Field(max_length=500)] = ""


class HandOver(Command):
    type: Literal["duty.command.hand_over"] = "duty.command.hand_over"
    from_engineer: Key
    to_engineer: Key
    note: Text
    items: Annotated[tuple[HandoverItem, ...], Field(max_length=500)]
