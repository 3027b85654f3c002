"""The directory in memory: every process answers who somebody is without asking a database.

Built from the DIRECTORY stream by a `Follower`; an event that is older than what is known changes nothing.
"""

from uuid import UUID

from chassis.latest import Latest
from contracts.directory import (
    Contact,
    DirectoryRemoved,
    DirectorySaved,
    Identity,
    Institution,
    ServiceContract,
    StaffMember,
)
from contracts.envelope import Event
from services.intake.directory.model import Body, body_of
from services.intake.threads.locating import Who

NOBODY = Who()


class Directory:
    """Answers from memory. Where two entries claim one account, the one that was saved last has it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._heard = Latest()
        self._bodies: dict[tuple[str, str], Body] = {}
        self._who: dict[UUID, Who] = {}
        self._owners: dict[UUID, tuple[str, str]] = {}  # kind and key of the entry that has the account
        self._named: dict[str, Institution] = {}
        self._in_force: dict[str, list[ServiceContract]] = {}

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved):
            return
        place = (event.kind, event.key)
        if not self._heard.advance(place, event.version):
            return
        if (before := self._bodies.pop(place, None)) is not None:
            self._drop(before)
        if isinstance(event, DirectorySaved) and (named := body_of(event)):
            self._bodies[place] = named[1]
            self._add(named[1])

    def who(self, identity: UUID) -> Who:
        """Whose account this is; NOBODY when the directory does not say."""
        return self._who.get(identity, NOBODY)

    def owner(self, identity: UUID) -> tuple[str, str] | None:
        """Kind and key of the entry that has this account."""
        return self._owners.get(identity)

    def institution(self, code: str) -> Institution | None:
        found = self._bodies.get(("institution", code))
        return found if isinstance(found, Institution) else None

    def institution_named(self, name: str) -> Institution | None:
        """By its name or one of its aliases, in any case and spacing."""
        return self._named.get(_plain(name))

    def contact(self, id_: str) -> Contact | None:
        found = self._bodies.get(("contact", id_))
        return found if isinstance(found, Contact) else None

    def staff(self, id_: str) -> StaffMember | None:
        found = self._bodies.get(("staff", id_))
        return found if isinstance(found, StaffMember) else None

    def staff_with(self, identity: UUID) -> StaffMember | None:
        """The member of staff who has this account."""
        kind, id_ = self._owners.get(identity, ("", ""))
        return self.staff(id_) if kind == "staff" else None

    def all_staff(self) -> list[StaffMember]:
        return [body for body in self._bodies.values() if isinstance(body, StaffMember)]

    def contracts_of(self, code: str, day: str) -> list[ServiceContract]:
        """The contracts that hold for an institution on `day` (YYYY-MM-DD); the one that began last comes first."""
        held = [c for c in self._in_force.get(code, ()) if c.begins <= day <= c.ends]
        return sorted(held, key=lambda c: (c.begins, c.id), reverse=True)

    def __len__(self) -> int:
        return len(self._bodies)

    def _add(self, body: Body) -> None:
        match body:
            case Institution():
                self._named.update(dict.fromkeys(_names(body), body))
            case Contact():
                self._own(body.identities, ("contact", body.id), Who(body.id, body.institution_code))
            case StaffMember():
                self._own(body.identities, ("staff", body.id), Who(staff=True))
            case ServiceContract():
                for code in body.institution_codes:
                    self._in_force.setdefault(code, []).append(body)

    def _own(self, identities: tuple[Identity, ...], owner: tuple[str, str], who: Who) -> None:
        for identity in identities:
            self._owners[identity.key], self._who[identity.key] = owner, who

    def _disown(self, identities: tuple[Identity, ...], owner: tuple[str, str]) -> None:
        for identity in identities:
            if self._owners.get(identity.key) == owner:
                del self._owners[identity.key], self._who[identity.key]

    def _drop(self, body: Body) -> None:
        match body:
            case Institution():
                for name in _names(body):
                    if self._named.get(name) is body:
                        del self._named[name]
            case Contact():
                self._disown(body.identities, ("contact", body.id))
            case StaffMember():
                self._disown(body.identities, ("staff", body.id))
            case ServiceContract():
                for code in body.institution_codes:
                    self._in_force[code].remove(body)


def _names(institution: Institution) -> list[str]:
    return [_plain(name) for name in (institution.name, *institution.aliases)]


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
