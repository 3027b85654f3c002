"""Settings as people write and read them: YAML without what is empty. Pure."""

import re
from collections.abc import Iterable
from datetime import date
from math import isfinite
from typing import Any, Final

import yaml

from contracts.sla import CANARY

Json = dict[str, Any]
_MOST: Final = 100_000
_DEEPEST: Final = 30
_BEGIN: Final = (
    yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken,
)  # fmt: skip
_END: Final = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
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
    if len(text) > _MOST:
        raise ValueError(f"内容过长: 最多 {_MOST} 字, 请删减后再保存")
    try:
        _plain_written(text)
        return _plain(yaml.load(text, _Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "内容"
        raise ValueError(f"YAML 写法有误, 见{where}: 请核对缩进、冒号后的空格和引号") from None
    except (RecursionError, OverflowError):
        raise ValueError("嵌套太深或数值太大: 请核对括号、缩进和数值") from None


def of_policies(policies: Iterable[Json]) -> list[Json]:
    """Policies as somebody would write them: without what is empty, and without the desk's own canary."""
    return [_kept(policy) for policy in policies if policy["name"] != CANARY]


def _plain_written(text: str) -> None:
    """A few lines of aliases that stand for one another are read as millions of values, and a tag says that something
    is what it cannot be read as: there are neither. Each level makes every token behind it slower to read. Raises
    ValueError.
    """
    depth = 0
    for token in yaml.scan(text):
        depth += isinstance(token, _BEGIN) - isinstance(token, _END)
        if depth > _DEEPEST:
            raise ValueError("嵌套太深: 请核对括号和缩进")
        if isinstance(token, yaml.AliasToken):
            raise ValueError("不支持 YAML 引用 (*): 请写全")
        if isinstance(token, yaml.TagToken):
            raise ValueError("不支持 YAML 标签 (!): 请直接写值, 以 ! 开头的文字加上引号")


def _plain(body: Any) -> Any:
    """What YAML reads as a day becomes text, as JSON has it; and `on`, which it takes for yes, is the name again.

    Raises ValueError for a number that JSON does not have.
    """
    match body:
        case dict():
            return {"on" if name is True else _plain(name): _plain(value) for name, value in body.items()}
        case list():
            return [_plain(value) for value in body]
        case date():
            return body.isoformat()
        case float() if not isfinite(body):
            raise ValueError("数值 .inf 和 .nan 不可用: 请写成数字, 或加上引号")
    return body


class _Loader(yaml.SafeLoader):
    """A day or a number that there is not is a mistake at its place."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            raise yaml.constructor.ConstructorError(None, None, "no such value", node.start_mark) from None


def _kept(body: Json) -> Json:
    """Thresholds that tell nobody are kept: they are counted."""
    kept = {n: _kept(v) if isinstance(v, dict) and n != "thresholds" else v for n, v in body.items()}
    return {name: value for name, value in kept.items() if value not in (None, "", [], {}, "any")}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are written, not in quotes."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
