"""What a request or a row of a table asks for, made into the entry that is to be saved."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from chassis.errors import Refused
from chassis.vault import Vault
from contracts.channel import Channel
from contracts.directory import Contact, EntryKind, Identity, StaffMember
from services.intake.directory.accounts import identity
from services.intake.directory.cache import Directory
from services.intake.directory.fold import problem_of
from services.intake.directory.model import BODIES, Body, Entry

Json = dict[str, Any]


class Account(msgspec.Struct):
    """An account as a person writes it; what is stored of it is an `Identity`."""

    channel: Channel
    account: str


def requested(kind: EntryKind, key: str, data: Json, before: Entry | None, vault: Vault) -> Body:
    """The entry that a PUT asks for. `accounts` are added; `identities` (their keys) are those to keep, default all."""
    data = dict(data)
    added = msgspec.convert(data.pop("accounts", []), list[Account])
    keep = data.pop("identities", None)
    had = identities_of(before)
    if keep is not None:
        keys = {UUID(k["key"] if isinstance(k, dict) else k) for k in keep}
        had = tuple(i for i in had if i.key in keys)
    identities = merged(had, (identity(vault, a.channel, a.account) for a in added))
    named = {"code": key} if kind == "institution" else {"id": key}
    return BODIES[kind].model_validate({**data, **named, "identities": identities})


def tabled(body: Body, before: Entry | None) -> Body:
    """The entry that a row of a table asks for: a table adds accounts and never takes any away."""
    if not isinstance(body, Contact | StaffMember):
        return body
    return body.model_copy(update={"identities": merged(identities_of(before), body.identities)})


def identities_of(entry: Entry | None) -> tuple[Identity, ...]:
    body = entry.body if entry is not None and not entry.removed else None
    return body.identities if isinstance(body, Contact | StaffMember) else ()


def merged(had: Iterable[Identity], added: Iterable[Identity]) -> tuple[Identity, ...]:
    """Each account once; the later one counts, unless only the earlier one can still be read."""
    found = {i.key: i for i in had}
    for one in added:
        if one.sealed or one.key not in found:
            found[one.key] = one
    return tuple(found.values())


def check(body: Body, directory: Directory) -> None:
    """Raises Refused when the entry contradicts itself or claims somebody else's account."""
    if problem := problem_of(body):
        raise Refused("not_consistent", problem)
    if not isinstance(body, Contact | StaffMember):
        return
    mine = ("contact" if isinstance(body, Contact) else "staff", body.id)
    for one in body.identities:
        if (owner := directory.owner(one.key)) not in (None, mine):
            assert owner is not None
            raise Refused("taken", f"账号 {one.shown} 已登记在 {owner[1]} 名下: 请先从那里移除, 或改用那个条目")
