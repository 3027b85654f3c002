"""An account as the console knows it, and whether its rights make sense. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from chassis.token import Principal
from contracts.envelope import derive_id
from contracts.identity import TITLES, Rights, Role


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """A machine's key; `secret` is the hash of it."""

    id: str
    secret: str
    label: str
    issued_at: datetime
    expires_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """`password` is a hash (none: only by the office's own sign-in), good for one sign-in where it expires.

    `epoch` counts what ends the sessions there are: other rights, another password, being disabled.
    """

    account: str
    name: str
    role: Role
    opened_at: datetime
    institutions: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    password: str = ""
    expires_at: datetime | None = None
    factor: str = ""
    recovery: tuple[str, ...] = ()
    subject: str = ""
    disabled: bool = False
    keys: tuple[Key, ...] = ()
    epoch: int = 0

    def principal(self, machine: bool = False) -> Principal:
        return Principal(self.account, self.role, self.name, self.institutions, self.districts, machine)


def account_id(account: str) -> UUID:
    return derive_id("account", account)


def problem_of(rights: Rights) -> str:
    """What is wrong with these rights; empty when nothing is."""
    if rights.role == "hospital" and not rights.institutions:
        return "医院账户必须写明所属机构: 请填写机构编码"
    if rights.role != "hospital" and rights.institutions:
        return f"{TITLES[rights.role]}账户不按机构授权: 请清空机构编码, 或把身份改为医院"
    if rights.role != "officer" and rights.districts:
        return f"{TITLES[rights.role]}账户不按区划授权: 请清空医保区划, 或把身份改为中心经办"
    return ""
