"""Who stands behind an audience at this moment, how they are reached, what they want: followed in memory. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from chassis.roster import Shifts
from contracts.directory import StaffMember
from contracts.envelope import Event
from contracts.notify import Urgency
from contracts.setting import AlertRule, MessageTemplate, Recipient, Silence
from services.notify.people import reach
from services.notify.people.entries import Entries
from services.notify.people.wishes import Wishes

if TYPE_CHECKING:
    from chassis.vault import Vault

Place = Literal["resident", "remote"]
Keys = tuple[str, ...]
DESK, LEAD = "desk", "lead"


class People:
    """Three pictures, each with `hear` and `forget` for a Follower: of DIRECTORY (this one), of DUTY (`shifts`), of
    SETTING (`wishes`). Where nobody is known to be on duty, it is the desk's.
    """

    def __init__(self) -> None:
        self.shifts, self.wishes, self.entries = Shifts(), Wishes(), Entries()

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says."""
        self.entries.hear(event)

    def forget(self) -> None:
        """Begin the directory anew: the stream is another one now."""
        self.entries.forget()

    def inboxes(self, audience: str, now: datetime, besides: str | None = None) -> Keys:
        """Whose inbox shows an alert for this audience: groups keep their word, roles of the roster become people."""
        if (staff := self._on_call(audience, now, besides)) is not None:
            return staff or (DESK,)
        return self._several(audience, now) or (audience,)

    def reached(self, audience: str, now: datetime, besides: str | None = None) -> Keys:
        """Whose telephones ring for this audience. A group has only endpoints of its own, such as a robot; of leads
        and of an institution's contacts each is reached as well.
        """
        if (staff := self._on_call(audience, now, besides)) is not None:
            return staff or self._group(DESK)
        if audience == LEAD:
            leads = tuple(f"staff:{m.id}" for m in self.entries.all_staff() if m.lead)
            return (*self._group(LEAD), *leads)
        if audience.startswith(("staff:", "contact:")):
            return (audience,)
        institutions = self._several(audience, now) or (audience,)
        return tuple(dict.fromkeys(key for i in institutions for key in (*self._group(i), *self._contacts(i))))

    def endpoints(self, recipient: str, urgency: Urgency, providers: Mapping[str, str]) -> Keys:
        """The providers by which somebody is reached, in the order in which they are tried; `providers` are the
        configured ones with their kinds.
        """
        return reach.ways(self.recipient(recipient), self.entries.identities(recipient), urgency, providers)

    def address(self, recipient: str, provider: str, kind: str, vault: "Vault") -> str | None:
        """In clear, never to be logged; "" where the provider needs none, None where none is known or readable."""
        return reach.address(
            recipient, self.recipient(recipient), self.entries.identities(recipient), provider, kind, vault
        )

    def recipient(self, key: str) -> Recipient | None:
        """What somebody has set."""
        return self.wishes.recipient(key)

    def name(self, recipient: str) -> str:
        """As staff call them; the key itself where no name is known."""
        wished, person = self.recipient(recipient), self.entries.person(recipient)
        institution = self.entries.institution(recipient.removeprefix("institution:"))
        names = (x.name for x in (wished, person, institution) if x is not None)
        return next((name for name in names if name), recipient)

    def institution(self, code: str) -> str:
        """What an institution is called; its code where no name is known."""
        return self.name(f"institution:{code}").removeprefix("institution:")

    def limit(self, recipient: str) -> int | None:
        """How many messages in ten minutes somebody wants at most."""
        return wished.at_most if (wished := self.recipient(recipient)) else None

    def subscribers(self, labels: Mapping[str, str], urgency: Urgency, rule: str) -> Keys:
        """Who wants such alerts besides those whom they are meant for."""
        return self.wishes.subscribers(labels, urgency, rule)

    def silenced(self, labels: Mapping[str, str], now: datetime) -> Silence | None:
        """The silence that holds now for such an alert."""
        return self.wishes.silenced(labels, now)

    def rules(self) -> tuple[AlertRule, ...]:
        return self.wishes.rules()

    def templates(self) -> tuple[MessageTemplate, ...]:
        return self.wishes.templates()

    def _there(self, now: datetime, besides: str | None, fits: Callable[[StaffMember], bool]) -> Keys:
        there = self.shifts.present(now).available
        return tuple(e for e in there if e != besides and (m := self.entries.staff(e)) is not None and fits(m))

    def _on_call(self, audience: str, now: datetime, besides: str | None) -> Keys | None:
        """Who fills a role of the roster now, maybe nobody; None for another audience."""
        if audience in get_args(Place):
            there = self._there(now, besides, lambda member: member.place == audience)
            return tuple(f"staff:{e}" for e in there)
        if not audience.startswith("experts:"):
            return None
        skill = audience.removeprefix("experts:")
        there = self._there(now, besides, lambda member: skill in member.skills)
        able = (m.id for m in self.entries.all_staff() if skill in m.skills and m.id != besides)
        return tuple(f"staff:{e}" for e in (there or able))

    def _several(self, audience: str, now: datetime) -> Keys:
        """The institutions that share a contract with the one that is named; nothing for another audience."""
        if not audience.startswith("contract:"):
            return ()
        return tuple(f"institution:{c}" for c in self.entries.alongside(audience.removeprefix("contract:"), now))

    def _group(self, key: str) -> Keys:
        return (key,) if self.recipient(key) is not None else ()

    def _contacts(self, institution: str) -> Keys:
        kind, _, code = institution.partition(":")
        return tuple(f"contact:{id_}" for id_ in self.entries.contacts_of(code)) if kind == "institution" else ()
