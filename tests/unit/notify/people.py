"""Makers of what the streams say about people, for tests."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.vault import Vault
from contracts.directory import Contact, DirectoryRemoved, DirectorySaved, Identity, ServiceContract, StaffMember
from contracts.duty import DutySaved, Shift
from contracts.envelope import SYSTEM, derive_id
from contracts.setting import Endpoint, Recipient, SettingRemoved, SettingSaved, Silence
from services.notify.people.picture import People
from services.notify.people.reach import sealed
from tests.support.make import NOON

VAULT = Vault(b"k" * 32)
KINDS = {"mail": "email", "gateway": "sms", "app": "wecom_app", "robot": "wecom_robot"}
FIRST, SECOND, THIRD = "H62010200001", "H62010200002", "H62010200003"


def _stamp(what: object, version: int) -> dict[str, Any]:
    ids = {"id": derive_id("said", what, version), "cause_id": UUID(int=1), "correlation_id": UUID(int=1)}
    return {**ids, "version": version, "occurred_at": NOON, "recorded_at": NOON, "actor": SYSTEM}


def entry(body: StaffMember | Contact | ServiceContract, version: int = 1) -> DirectorySaved:
    """The directory has this from now on."""
    kind = {StaffMember: "staff", Contact: "contact", ServiceContract: "contract"}[type(body)]
    return DirectorySaved.model_validate({**_stamp(body.id, version), "kind": kind, "key": body.id, kind: body})


def gone(kind: str, key: str, version: int) -> DirectoryRemoved:
    return DirectoryRemoved.model_validate({**_stamp(key, version), "kind": kind, "key": key})


def setting(body: Recipient | Silence, version: int = 1) -> SettingSaved:
    """Somebody has set this."""
    kind, key = ("recipient", body.key) if isinstance(body, Recipient) else ("silence", body.id)
    return SettingSaved.model_validate({**_stamp(key, version), "kind": kind, "key": key, kind: body})


def unset(kind: str, key: str, version: int) -> SettingRemoved:
    return SettingRemoved.model_validate({**_stamp(key, version), "kind": kind, "key": key})


def on_duty(engineer: str, begins: datetime = NOON - timedelta(hours=1), hours: float = 4) -> DutySaved:
    shift = Shift(id=f"{engineer}-{begins:%H}", engineer=engineer, begins=begins, ends=begins + timedelta(hours=hours))
    return DutySaved.model_validate({**_stamp(shift.id, 1), "shift": shift})


def account(channel: Any, clear: str) -> Identity:
    """As intake keeps it in the directory."""
    import base64

    key = VAULT.identity(channel, clear)
    kept = base64.b64encode(VAULT.seal(key, clear)).decode() if channel in ("phone", "email") else ""
    return Identity(channel=channel, key=key, shown="…", sealed=kept)


def staff(id_: str, *accounts: Identity, **facts: Any) -> StaffMember:
    return StaffMember(id=id_, name=f"工程师{id_}", identities=accounts, **facts)


def endpoint(key: str, provider: str, clear: str = "", **facts: Any) -> Endpoint:
    kept = sealed(VAULT, key, provider, clear) if clear else ""
    return Endpoint(provider=provider, sealed=kept, shown="…", **facts)


def people(*said: DirectorySaved | DirectoryRemoved | SettingSaved | SettingRemoved | DutySaved) -> People:
    """The picture after the streams have said this."""
    picture = People()
    for event in said:
        for hear in (picture.hear, picture.shifts.hear, picture.wishes.hear):
            hear(event)
    return picture
