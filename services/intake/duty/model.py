"""What the duty log keeps: a shift of one engineer, or one handover."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.duty import HandOver, RemoveShift, SaveShift
from contracts.envelope import derive_id

ShiftKind = Literal["duty", "lunch_cover", "leave"]


class Shifted(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.duty.Shift`."""

    id: str
    engineer: str
    kind: ShiftKind
    begins: datetime
    ends: datetime
    note: str = ""


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One case that changed hands."""

    case_id: UUID
    number: str
    title: str
    note: str = ""


class Handed(msgspec.Struct, frozen=True, omit_defaults=True):
    at: datetime
    from_engineer: str
    to_engineer: str
    note: str
    items: tuple[Item, ...] = ()


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the two; a removed shift keeps its place, so that its versions go on."""

    shift: Shifted | None = None
    handover: Handed | None = None
    removed: bool = False


def shift_record(shift_id: str) -> UUID:
    return derive_id("duty", "shift", shift_id)


def id_of(command: object) -> UUID:
    """The record that a command is about."""
    match command:
        case SaveShift():
            return shift_record(command.shift.id)
        case RemoveShift():
            return shift_record(command.shift_id)
        case HandOver():
            return derive_id("duty", "handover", command.id)
    raise TypeError(f"not about duty: {type(command).__name__}")
