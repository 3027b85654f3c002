"""An entry of the directory as intake keeps it, and the ids by which entries are found."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from contracts.directory import (
    Contact,
    DirectorySaved,
    EntryKind,
    Institution,
    RememberSender,
    RemoveEntry,
    RevealAccount,
    SaveEntry,
    ServiceContract,
    StaffMember,
)
from contracts.envelope import derive_id

Body = Institution | Contact | ServiceContract | StaffMember
BODIES: Final[dict[EntryKind, type[Body]]] = {
    "institution": Institution,
    "contact": Contact,
    "contract": ServiceContract,
    "staff": StaffMember,
}


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`facts` is the contract's model as JSON; a removed entry keeps its place, so that its versions go on."""

    kind: EntryKind
    key: str
    facts: dict[str, Any]
    saved_at: datetime
    removed: bool = False

    @property
    def body(self) -> Body:
        return BODIES[self.kind].model_validate(self.facts)


def entry_id(kind: str, key: str) -> UUID:
    return derive_id("directory", kind, key)


def body_of(said: SaveEntry | DirectorySaved) -> tuple[EntryKind, Body] | None:
    """The one of the four that is set; None when it is none or several."""
    bodies = {kind: body for kind in BODIES if (body := getattr(said, kind)) is not None}
    return next(iter(bodies.items())) if len(bodies) == 1 else None


def key_of(body: Body) -> str:
    return body.code if isinstance(body, Institution) else body.id


def id_of(command: object) -> UUID:
    """The entry that a command is about."""
    match command:
        case SaveEntry():
            named = body_of(command)
            return entry_id(named[0], key_of(named[1])) if named else command.id
        case RememberSender():
            return entry_id("contact", command.contact.id)
        case RemoveEntry() | RevealAccount():
            return entry_id(command.kind, command.key)
    raise TypeError(f"not about the directory: {type(command).__name__}")
