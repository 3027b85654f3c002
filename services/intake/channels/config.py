"""Which channels are connected and with what secrets: one YAML file, a section per channel.

A channel whose section is missing is off, but for `phone`, `web` and `onsite`, which need nobody's account. Each
adapter brings the model of its own section; a secret may be written as `${NAME}` and comes from the environment.
"""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

SECTIONS = ("wecom", "onebot", "phone", "web", "onsite", "email", "senders", "budgets")
ALWAYS = ("phone", "web", "onsite")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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
            parts = [f"{'.'.join(map(str, e['loc']))} ({e['type']})" for e in error.errors(include_input=False)]
            raise ConfigError(f"渠道配置 {self.path} 的 {name} 有误: {', '.join(parts)}") from None
        return found if getattr(found, "enabled", True) else None


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Channels:
    """Read the file. Raises ConfigError when it cannot be used or names a variable that is not set."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise ConfigError(f"渠道配置 {path} 读不出来: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"渠道配置 {path} 读不出来: {_where(error)}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"渠道配置 {path} 应为 渠道: 设置 的形式")
    if unknown := sorted(str(name) for name in raw if name not in SECTIONS):
        raise ConfigError(f"渠道配置 {path} 中有不认识的渠道 {', '.join(unknown)}: 可用 {', '.join(SECTIONS)}")
    return Channels({name: _filled(value, path, environment) for name, value in raw.items()}, path)


def _where(error: Exception) -> str:
    """Only the place: the line itself may hold a secret."""
    if mark := getattr(error, "problem_mark", None):
        return f"第 {mark.line + 1} 行第 {mark.column + 1} 列附近不是有效的 YAML, 请核对缩进、引号与括号"
    return "含有无法识别的字符, 请另存为 UTF-8"


def _filled(value: Any, path: Path, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, path, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, path, environment) for item in value]
    return _VARIABLE.sub(lambda m: _variable(m[1], path, environment), value) if isinstance(value, str) else value


def _variable(name: str, path: Path, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise ConfigError(f"渠道配置 {path} 用到环境变量 {name}, 但没有设置: 请先设置")
    return environment[name]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
