"""The directory (通讯录): institutions, contacts, service contracts and the desk's staff."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.case import Category
from contracts.channel import Channel, InstitutionCode
from contracts.envelope import Command, Contract, Event, Key

EntryKind = Literal["institution", "contact", "contract", "staff"]


class Identity(Contract):
    """One account in a channel: `key` is a keyed hash of the channel's own id, `shown` is that id masked."""

    channel: Channel
    key: UUID
    shown: str = ""


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


class ServiceContract(Contract):
    """服务合同: dates are YYYY-MM-DD and inclusive; `policy` names the SLA policy; `trainings` is the allowed count."""

    id: Key
    name: Annotated[str, Field(min_length=1, max_length=200)]
    institution_codes: tuple[InstitutionCode, ...] = ()
    begins: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    ends: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    policy: Annotated[str, Field(max_length=100)] = ""
    trainings: Annotated[int, Field(ge=0)] = 0


class StaffMember(Contract):
    """工程师: resident on site or remote; `skills` are the categories they take; `most` open cases at once."""

    id: Key
    name: Annotated[str, Field(max_length=100)] = ""
    place: Literal["resident", "remote"] = "remote"
    lead: bool = False
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


class SaveEntry(Command):
    """Create or replace an entry; exactly one of the four is set."""

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
