"""Which providers there are and with what secrets: one YAML file, `providers: {name: {kind: …, …}}`.

Without a file, or where it names none, alerts stay in the inbox. `${NAME}` comes from the environment.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.configfile import Unusable, filled, read
from contracts.delivery import Provider
from services.notify.providers.kinds import ProviderConfig

__all__ = ["ProviderConfig", "load"]
_WHAT = "发送服务配置"
RESERVED = "inbox"
_KINDS = tuple(get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(ProviderConfig)[0]))
_WRONG = {
    "union_tag_invalid": f"没有这种类型 (kind), 可选 {', '.join(_KINDS)}",
    "union_tag_not_found": f"缺少类型 (kind), 可选 {', '.join(_KINDS)}",
    "missing": "缺少此项", "extra_forbidden": "没有这一项, 请核对拼写", "string_too_short": "为空或太短",
    "too_short": "为空或太短", "string_too_long": "太长", "string_pattern_mismatch": "写法不对",
    "value_error": "取值不对, 或与其他项不配",
}  # fmt: skip


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    providers: dict[Provider, ProviderConfig] = {}


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, ProviderConfig]:
    """The providers by name, in the file's order. Raises CannotStart, in Chinese and without secrets."""
    if path is None:
        return {}
    if not os.path.exists(path):  # noqa: PTH110 - where the folder is closed to us, Path.exists raises
        raise Unusable(f"{_WHAT} {path} 读不出来: 没有这个文件或无权访问, 请核对 YIBAO_NOTIFY_PROVIDERS")
    raw = read(path, _WHAT)
    _check_shape(raw, path)
    try:
        found = _File.model_validate(filled(raw, f"{_WHAT} {path}", environment)).providers
    except ValidationError as error:
        raise Unusable(f"{_WHAT} {path} 有误: {_faults(error)}; 写法见 deploy/providers.yaml") from None
    return dict(found)


def _faults(error: ValidationError) -> str:
    """Where and what, without what was written there: it may be a secret."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, e['loc']))} {_WRONG.get(e['type'], '取值不对')}" for e in found)


def _check_shape(raw: Any, path: Path) -> None:
    if not isinstance(raw, dict) or not isinstance(raw.get("providers") or {}, dict):
        raise Unusable(f"{_WHAT} {path} 应为 providers: {{名称: {{kind: 类型, …}}}} 的形式")
    if RESERVED in (raw.get("providers") or {}):
        raise Unusable(f"{_WHAT} {path} 中的发送服务不能叫 {RESERVED}: 这个名称是收件箱的, 请换一个")
    if "providers" in raw and raw["providers"] is None:
        raw["providers"] = {}
