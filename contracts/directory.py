"""The directory (通讯录): institutions, contacts, service contracts and the desk's staff."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.case import CaseCommand, CaseEvent, Category, Priority
from contracts.channel import Channel, InstitutionCode
from contracts.envelope import Command, Contract, Event, Key
from contracts.sla import Clock

EntryKind = Literal["institution", "contact", "contract", "staff"]


class Identity(Contract):
    """One account in a channel: `key` is a keyed hash of the channel's own id, `shown` is that id masked.

    `sealed` is the id itself, encrypted (base64), where staff have to call or write to it by hand.
    """

    channel: Channel
    key: UUID
    shown: Annotated[str, Field(max_length=200)] = ""
    sealed: Annotated[str, Field(max_length=2_000)] = ""


class Institution(Contract):
    """定点医药机构. `admdvs` is the administrative division; `aliases` are the names that people use."""

    code: InstitutionCode
    name: Annotated[str, Field(min_length=1, max_length=200)]
    aliases: tuple[str, ...] = ()
    level: Annotated[str, Field(max_length=50)] = ""
    admdvs: Annotated[str, Field(max_length=12)] = ""
    his_vendor: Annotated[str, Field(max_length=200)] = ""


class Contact(Contract):
    """A person at an institution (联系人) and the accounts by which the desk knows them."""

    id: Key
    name: Annotated[str, Field(max_length=100)] = ""
    institution_code: InstitutionCode | None = None
    role: Annotated[str, Field(max_length=100)] = ""
    identities: tuple[Identity, ...] = ()


class Clause(Contract):
    """合同条款: the `share` of promises that must be kept, of one clock or of one obligation (by its name).

    `categories` and `priorities` narrow a clock down to some cases; without them it is about all of the contract.
    """

    number: Annotated[str, Field(min_length=1, max_length=20)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    clock: Clock | None = None
    obligation: Annotated[str, Field(max_length=100)] = ""
    share: Annotated[float, Field(ge=0, le=1)]
    categories: tuple[Category, ...] = ()
    priorities: tuple[Priority, ...] = ()

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.clock is None) == (not self.obligation):
            raise ValueError("a clause is about a clock or about an obligation")
        if self.obligation and (self.categories or self.priorities):
            raise ValueError("an obligation has neither categories nor priorities")
        return self


class ServiceContract(Contract):
    """服务合同: dates are YYYY-MM-DD and inclusive; `policy` names the SLA policy; `trainings` is the allowed count."""

    id: Key
    name: Annotated[str, Field(min_length=1, max_length=200)]
    institution_codes: tuple[InstitutionCode, ...] = ()
    begins: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    ends: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    policy: Annotated[str, Field(max_length=100)] = ""
    trainings: Annotated[int, Field(ge=0)] = 0
    clauses: Annotated[tuple[Clause, ...], Field(max_length=100)] = ()


class StaffMember(Contract):
    """工程师: resident on site or remote; `skills` are the categories they take; `most` open cases at once.

    Without skills they take everything. `posted_at` are the institutions where a resident engineer sits (驻场).
    """

    id: Key
    name: Annotated[str, Field(max_length=100)] = ""
    place: Literal["resident", "remote"] = "remote"
    lead: bool = False
    posted_at: tuple[InstitutionCode, ...] = ()
    skills: tuple[Category, ...] = ()
    most: Annotated[int, Field(ge=1)] = 20
    identities: tuple[Identity, ...] = ()


class DirectorySaved(Event):
    """An entry as it is now (通讯录条目); exactly one of the four is set, as `kind` says."""

    type: Literal["directory.saved"] = "directory.saved"
    kind: EntryKind
    key: Key
    institution: Institution | None = None
    contact: Contact | None = None
    contract: ServiceContract | None = None
    staff: StaffMember | None = None


class DirectoryRemoved(Event):
    type: Literal["directory.removed"] = "directory.removed"
    kind: EntryKind
    key: Key
    reason: str = ""


class DirectoryRevealed(Event):
    """Somebody read an account that is kept encrypted (查看联系方式), and why."""

    type: Literal["directory.revealed"] = "directory.revealed"
    kind: EntryKind
    key: Key
    identity: UUID
    reason: str


class CaseIdentified(CaseEvent):
    """The desk knows now who asked (确认来询人): the directory's contact and, where it was open, the institution.

    `asked_from` is the contact's own institution.
    """

    type: Literal["case.identified"] = "case.identified"
    contact: Key
    institution_code: InstitutionCode | None = None
    asked_from: InstitutionCode | None = None


class SaveEntry(Command):
    """Create or replace an entry; exactly one of the four is set. `expected_version` 0: only when there is none."""

    type: Literal["directory.command.save"] = "directory.command.save"
    institution: Institution | None = None
    contact: Contact | None = None
    contract: ServiceContract | None = None
    staff: StaffMember | None = None
    expected_version: Annotated[int, Field(ge=0)] | None = None


class RemoveEntry(Command):
    type: Literal["directory.command.remove"] = "directory.command.remove"
    kind: EntryKind
    key: Key
    reason: Annotated[str, Field(max_length=500)] = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None


class RememberSender(Command):
    """An account belongs to a contact from now on; `contact` is used where the directory has none of that id.

    `case_ids` are the open cases of that account, which are told.
    """

    type: Literal["directory.command.remember"] = "directory.command.remember"
    contact: Contact
    identity: Identity
    case_ids: Annotated[tuple[UUID, ...], Field(max_length=1_000)] = ()


class RevealAccount(Command):
    type: Literal["directory.command.reveal"] = "directory.command.reveal"
    kind: EntryKind
    key: Key
    identity: UUID
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class IdentifyRequester(CaseCommand):
    type: Literal["intake.command.identify"] = "intake.command.identify"
    contact: Key
    institution_code: InstitutionCode | None = None
