"""A setting as notify keeps it, and the ids by which settings are found. Pure."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from contracts.envelope import derive_id
from contracts.setting import (
    AlertRule,
    MessageTemplate,
    Recipient,
    RemoveSetting,
    SaveSetting,
    SettingKind,
    Silence,
)

Body = AlertRule | Recipient | Silence | MessageTemplate
BODIES: Final[dict[SettingKind, type[Body]]] = {
    "rule": AlertRule,
    "recipient": Recipient,
    "silence": Silence,
    "template": MessageTemplate,
}


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """`facts` is the contract's model as JSON; a removed setting keeps its place, so that its versions go on."""

    kind: SettingKind
    key: str
    facts: dict[str, Any]
    saved_at: datetime
    saved_by: str = ""
    removed: bool = False

    @property
    def body(self) -> Body:
        return BODIES[self.kind].model_validate(self.facts)


def setting_id(kind: str, key: str) -> UUID:
    return derive_id("setting", kind, key)


def id_of(command: object) -> UUID:
    """The setting that a command is about."""
    match command:
        case SaveSetting():
            named = command.named
            return setting_id(named[0], named[1]) if named else command.id
        case RemoveSetting():
            return setting_id(command.kind, command.key)
    raise TypeError(f"not about settings: {type(command).__name__}")
