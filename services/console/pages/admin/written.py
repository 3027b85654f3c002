"""Settings as people write and read them: YAML without what is empty. Pure."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import yaml

from contracts.sla import CANARY

Json = dict[str, Any]
_ON: Final = re.compile(r"^'on':", re.M)
_ADDED: Final = ("version", "saved_at", "saved_by")
_TRUE_BY_DEFAULT: Final = ("external", "enabled")


def as_yaml(body: Any) -> str:
    """For people to edit: without what is empty, and without what only answers have."""
    if isinstance(body, dict):
        kept = {n: v for n, v in body.items() if n not in _ADDED and (v or (v is False and n in _TRUE_BY_DEFAULT))}
        body = {name: value for name, value in kept.items() if not (name in _TRUE_BY_DEFAULT and value is True)}
    text: str = yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return _ON.sub("on:", text)


def from_yaml(text: str) -> Any:
    """Raises ValueError with a sentence that says where."""
    try:
        return _plain(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "内容"
        raise ValueError(f"YAML 写法有误, 见{where}: 请核对缩进、冒号后的空格和引号") from None


def of_policies(policies: Iterable[Json]) -> list[Json]:
    """Policies as somebody would write them: without what is empty, and without the desk's own canary."""
    return [_kept(policy) for policy in policies if policy["name"] != CANARY]


def _plain(body: Any) -> Any:
    """What YAML reads as a day becomes text, as JSON has it; and `on`, which it takes for yes, is the name again."""
    match body:
        case dict():
            return {"on" if name is True else name: _plain(value) for name, value in body.items()}
        case list():
            return [_plain(value) for value in body]
        case date():
            return body.isoformat()
    return body


def _kept(body: Json) -> Json:
    """Thresholds that tell nobody are kept: they are counted."""
    kept = {n: _kept(v) if isinstance(v, dict) and n != "thresholds" else v for n, v in body.items()}
    return {name: value for name, value in kept.items() if value not in (None, "", [], {}, "any")}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are written, not in quotes."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
