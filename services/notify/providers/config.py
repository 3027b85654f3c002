"""Which providers there are and with what secrets: one YAML file, `providers: {name: {kind: …, …}}`.

Without a file, or where it names none, alerts stay in the inbox. `${NAME}` comes from the environment.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.configfile import Unusable, faults, filled, read
from contracts.delivery import Provider
from services.notify.providers.kinds import ProviderConfig

__all__ = ["ProviderConfig", "load"]
_WHAT = "发送服务配置"
RESERVED = "inbox"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    providers: dict[Provider, ProviderConfig] = {}


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, ProviderConfig]:
    """The providers by name, in the file's order. Raises CannotStart, in Chinese and without secrets."""
    if path is None:
        return {}
    raw = read(path, _WHAT)
    _check_shape(raw, path)
    try:
        found = _File.model_validate(filled(raw, f"{_WHAT} {path}", environment)).providers
    except ValidationError as error:
        raise Unusable(f"{_WHAT} {path} 有误: {faults(error)}; 写法见 deploy/providers.yaml") from None
    return dict(found)


def _check_shape(raw: Any, path: Path) -> None:
    if not isinstance(raw, dict) or not isinstance(raw.get("providers") or {}, dict):
        raise Unusable(f"{_WHAT} {path} 应为 providers: {{名称: {{kind: 类型, …}}}} 的形式")
    if RESERVED in (raw.get("providers") or {}):
        raise Unusable(f"{_WHAT} {path} 中的发送服务不能叫 {RESERVED}: 这个名称是收件箱的, 请换一个")
    if "providers" in raw and raw["providers"] is None:
        raw["providers"] = {}
