"""What YAML files of settings share: reading them, `${NAME}` from the environment, faults that never show a secret."""

import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from chassis.errors import CannotStart

Tls = Literal["implicit", "starttls", "none"]
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Unusable(CannotStart):
    """The file cannot be used; the message (Chinese) says where and what to do."""


class MailServer(BaseModel):
    """A mail server. `ca_file` is the certificate of an authority of one's own; `tls: none` is for loopback alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(ge=1, le=65535)
    tls: Tls = "implicit"
    user: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none is for loopback alone")
        return self

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)


def read(path: Path, what: str) -> Any:
    """The YAML as it stands; `what` is the file's name in messages, e.g. 渠道配置. Raises Unusable."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise Unusable(f"{what} {path} 读不出来: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise Unusable(f"{what} {path} 读不出来: {_where(error)}") from None


def filled(value: Any, where: str, environment: Mapping[str, str]) -> Any:
    """`value` with each `${NAME}` replaced, `where` is the file in messages. Raises Unusable."""
    if isinstance(value, dict):
        return {key: filled(item, where, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, where, environment) for item in value]
    return _VARIABLE.sub(lambda m: _variable(m[1], where, environment), value) if isinstance(value, str) else value


def faults(error: ValidationError) -> str:
    """Where a model was not met and how, without what was written there: it may be a secret."""
    return ", ".join(f"{'.'.join(map(str, e['loc']))} ({e['type']})" for e in error.errors(include_input=False))


def _where(error: Exception) -> str:
    """Only the place: the line itself may hold a secret."""
    if mark := getattr(error, "problem_mark", None):
        return f"第 {mark.line + 1} 行第 {mark.column + 1} 列附近不是有效的 YAML, 请核对缩进、引号与括号"
    return "含有无法识别的字符, 请另存为 UTF-8"


def _variable(name: str, where: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise Unusable(f"{where} 用到环境变量 {name}, 但没有设置: 请先设置")
    return environment[name]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
