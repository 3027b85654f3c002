"""The directory in memory, as far as alerts need it: staff, contacts, institutions, contracts. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.latest import Latest
from chassis.zone import BEIJING
from contracts.directory import (
    Contact,
    DirectoryRemoved,
    DirectorySaved,
    EntryKind,
    Identity,
    Institution,
    ServiceContract,
    StaffMember,
)
from contracts.envelope import Event


class Entries:
    """Answers from memory, in order of the keys."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._heard = Latest()
        self._bodies: dict[EntryKind, dict[str, Any]] = {"staff": {}, "contact": {}, "institution": {}, "contract": {}}
        self._contacts: dict[str, list[str]] = {}  # by institution

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says; what is older than what is known changes nothing."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved):
            return
        if not self._heard.advance((event.kind, event.key), event.version):
            return
        before = self._bodies[event.kind].pop(event.key, None)
        after = getattr(event, event.kind) if isinstance(event, DirectorySaved) else None
        if after is not None:
            self._bodies[event.kind][event.key] = after
        if event.kind == "contact":
            self._move(event.key, before, after)

    def staff(self, id_: str) -> StaffMember | None:
        found: StaffMember | None = self._bodies["staff"].get(id_)
        return found

    def all_staff(self) -> Iterator[StaffMember]:
        return (self._bodies["staff"][id_] for id_ in sorted(self._bodies["staff"]))

    def institution(self, code: str) -> Institution | None:
        found: Institution | None = self._bodies["institution"].get(code)
        return found

    def contacts_of(self, code: str) -> tuple[str, ...]:
        """The ids of an institution's contacts."""
        return tuple(sorted(self._contacts.get(code, ())))

    def alongside(self, code: str, now: datetime) -> tuple[str, ...]:
        """The institutions of all contracts that hold today (Beijing) for this one; itself where there is none."""
        today = f"{now.astimezone(BEIJING):%Y-%m-%d}"
        contracts: list[ServiceContract] = list(self._bodies["contract"].values())
        held = [c for c in contracts if code in c.institution_codes and c.begins <= today <= c.ends]
        return tuple(sorted({code, *(other for c in held for other in c.institution_codes)}))

    def person(self, recipient: str) -> StaffMember | Contact | None:
        """Who `staff:<id>` or `contact:<id>` is."""
        kind, _, id_ = recipient.partition(":")
        found: StaffMember | Contact | None = self._bodies[kind].get(id_) if kind in ("staff", "contact") else None  # type: ignore[index]
        return found

    def identities(self, recipient: str) -> tuple[Identity, ...]:
        """The accounts of a person that the directory can still open."""
        person = self.person(recipient)
        return tuple(i for i in person.identities if i.sealed) if person else ()

    def _move(self, id_: str, before: Contact | None, after: Contact | None) -> None:
        if before is not None and before.institution_code:
            self._contacts[before.institution_code].remove(id_)
        if after is not None and after.institution_code:
            self._contacts.setdefault(after.institution_code, []).append(id_)
