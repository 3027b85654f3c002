"""Which channels are connected and with what secrets: one YAML file, a section per channel.

A channel whose section is missing is off, but for `phone`, `web` and `onsite`, which need nobody's account. Each
adapter brings the model of its own section; a secret may be written as `${NAME}` and comes from the environment.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from chassis.configfile import Unusable, faults, filled, read

SECTIONS = ("wecom", "onebot", "phone", "web", "onsite", "email", "senders", "budgets")
ALWAYS = ("phone", "web", "onsite")


class ConfigError(SystemExit):
    """The channel file cannot be used; the message says where and what to do."""


class Section(BaseModel):
    """What every channel's section may say; a field that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    budget: dict[str, Any] | None = None  # how often and how long after a question the channel lets us answer


class Guarded(Section):
    """A channel whose callers show `Authorization: Bearer <secret>`; without one only loopback may call."""

    secret: SecretStr = SecretStr("")


S = TypeVar("S", bound=BaseModel)


class Channels:
    """The file's sections, with secrets filled in."""

    def __init__(self, sections: Mapping[str, Any], path: Path | str = "channels.yaml") -> None:
        self._sections, self.path = sections, path

    def section(self, name: str, model: type[S]) -> S | None:
        """The settings of one channel, None when it is off. Raises ConfigError."""
        if name not in self._sections and name not in ALWAYS:
            return None
        try:
            found = model.model_validate(self._sections.get(name) or {})
        except ValidationError as error:
            raise ConfigError(f"渠道配置 {self.path} 的 {name} 有误: {faults(error)}") from None
        return found if getattr(found, "enabled", True) else None


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Channels:
    """Read the file. Raises ConfigError when it cannot be used or names a variable that is not set."""
    try:
        raw = read(path, "渠道配置")
        _known(raw, path)
        return Channels(filled(raw, f"渠道配置 {path}", environment), path)
    except Unusable as error:
        raise ConfigError(str(error)) from None


def _known(raw: Any, path: Path) -> None:
    if not isinstance(raw, dict):
        raise ConfigError(f"渠道配置 {path} 应为 渠道: 设置 的形式")
    if unknown := sorted(str(name) for name in raw if name not in SECTIONS):
        raise ConfigError(f"渠道配置 {path} 中有不认识的渠道 {', '.join(unknown)}: 可用 {', '.join(SECTIONS)}")
