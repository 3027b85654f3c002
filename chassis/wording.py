"""What the framework says about a wrong request, in Chinese: its own words are English and name types of Python."""

import re
from collections.abc import Callable
from typing import Any, Final

_TYPES: Final = {
    "str": "文字", "int": "整数", "float": "数字", "bool": "true 或 false", "object": "JSON 对象", "array": "数组",
    "null": "空值", "datetime": "时间", "date": "日期", "uuid": "UUID 编号",
}  # fmt: skip
_COMPARED: Final[dict[str, str]] = {"<=": "不大于", ">=": "不小于", "<": "小于", ">": "大于"}
_RULES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"Object missing required field `([^`]+)`"), lambda m: f"缺少 {m[1]}: 请补填"),
    (re.compile(r"Missing required .* parameter '([^']+)'"), lambda m: f"缺少参数 {m[1]}: 请补填"),
    (re.compile(r"Invalid enum value '?(.*?)'?$"), lambda m: f"不认识的取值 {m[1][:60]}: 可用的取值见 /docs"),
    (re.compile(r"Expected `[^`]+` (<=|>=|<|>) ([-\d.]+)"), lambda m: f"应{_COMPARED[m[1]]} {m[2]}"),
    (re.compile(r"Expected `([^`]+)`, got `([^`]+)`"), lambda m: f"应为 {_type(m[1])}, 现为 {_type(m[2])}"),
    (re.compile(r"Expected `[^`]+` of length (<=|>=) (\d+)"), lambda m: f"长度应{_COMPARED[m[1]]} {m[2]}"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), lambda _: "应为带时区的时间, 例如 2026-11-22T09:00:00+08:00"),
    (re.compile(r"Invalid RFC3339 encoded date"), lambda _: "应为日期, 例如 2026-11-22"),
    (re.compile(r"Invalid UUID"), lambda _: "应为 UUID 编号"),
)


def in_chinese(words: str) -> str | None:
    """The sentence for what msgspec or Litestar said; None where it says nothing that is known."""
    return next((say(found) for pattern, say in _RULES if (found := pattern.search(words))), None)


def field(extra: dict[str, Any]) -> dict[str, Any]:
    """One entry of `fields`."""
    return {**extra, "message": in_chinese(str(extra.get("message", ""))) or "不合要求: 请对照 /docs"}


def _type(name: str) -> str:
    return "或".join(_TYPES.get(part.strip(), part.strip()) for part in name.split("|"))
