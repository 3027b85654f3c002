"""Reading what strangers send: every parser of this package stands on these functions.

Whatever the bytes are, a parser gives a message, nothing, or `BadPayload`: never another error. Pure.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring
from pydantic import ValidationError

from chassis.zone import BEIJING
from contracts.channel import ChannelMessage

_MILLISECONDS = 10**11  # a time beyond the year 5138 in seconds is one in milliseconds
_CODE = re.compile(r"[HP][0-9]{11}")
Json = dict[str, Any]


class BadPayload(Exception):
    """What came cannot be a message; the Chinese reason names what to correct and never repeats the content."""


def json_of(data: bytes) -> Any:
    """Raises BadPayload."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise BadPayload("正文不是 UTF-8 编码的 JSON: 请检查发送方") from None


def object_of(value: object, what: str = "正文") -> Json:
    """Raises BadPayload when `value` is no JSON object."""
    if not isinstance(value, dict):
        raise BadPayload(f"{what}应为 JSON 对象: 请检查发送方")
    return value


def xml_of(data: bytes | str) -> Element:
    """The root element; entities, DTDs and references to elsewhere are refused. Raises BadPayload."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, RecursionError):
        raise BadPayload("正文不是有效的 XML (或含有 DTD, 实体): 请检查发送方") from None
    return root


def word(fields: Mapping[str, Any], name: str) -> str:
    """A field as text, without what cannot be stored; empty when absent. Raises BadPayload for a list or object."""
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return ""
    if not isinstance(value, str | int | float):
        raise BadPayload(f"字段 {name} 应为文字或数字")
    try:
        return str(value).encode(errors="replace").decode().replace("\0", "").strip()
    except ValueError:  # an integer of thousands of digits
        raise BadPayload(f"字段 {name} 过长") from None


def needed(fields: Mapping[str, Any], name: str) -> str:
    """As `word`, of a field that must be there. Raises BadPayload."""
    if not (value := word(fields, name)):
        raise BadPayload(f"缺少字段 {name}: 请检查发送方")
    return value


def at(value: object, name: str = "时间") -> datetime:
    """A time in seconds or milliseconds since 1970, or ISO 8601, without a zone in Beijing. Raises BadPayload."""
    try:
        if isinstance(value, str) and not value.strip().isdigit():
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=BEIJING)).astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadPayload(f"{name}不是有效的时间: 应为 2026-11-22T09:30:00+08:00 或 1970 年以来的秒数") from None


def when(fields: Mapping[str, Any], name: str) -> datetime | None:
    """The time in a field, None when it is empty. Raises BadPayload."""
    value = fields.get(name)
    return None if value is None or value == "" else at(value, name)


def institution_of(value: str, text: str) -> tuple[str | None, str]:
    """A code, and `text`: what somebody writes into the field is kept there, even where it is a name and no code."""
    if _CODE.fullmatch(value.upper()):
        return value.upper(), text
    return None, f"{text}\n单位：{value[:200]}".strip() if value else text


def message_of(**facts: Any) -> ChannelMessage:
    """A message with these facts. Raises BadPayload naming the fields that do not fit."""
    try:
        return ChannelMessage(**facts)
    except ValidationError as error:
        names = {".".join(map(str, e["loc"])) or "text" for e in error.errors(include_input=False, include_url=False)}
        raise BadPayload(f"内容不合要求, 请检查: {', '.join(sorted(names))}") from None
