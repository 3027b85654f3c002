"""The parts (消息段) of a QQ message in OneBot 11, as an array or as a string with CQ codes. Pure."""

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from contracts.channel import Attachment
from services.intake.channels.reading import BadPayload, Json, object_of, word

MOST_SEGMENTS, MOST_ATTACHED, LONGEST_NAME, LONGEST_URL = 1_000, 20, 255, 2_000
FACE = "qq-face:"
_CQ = re.compile(r"\[CQ:([A-Za-z0-9_.\-]+)((?:,[^,\[\]]*)*)\]")
_ESCAPED = (("&#91;", "["), ("&#93;", "]"), ("&#44;", ","), ("&amp;", "&"))  # & comes last

Kind = Literal["file", "image", "audio", "video", "sticker"]
_MEDIA: dict[str, tuple[Kind, str, str]] = {  # kind, name, media type
    "image": ("image", "图片.jpg", "image/jpeg"),
    "record": ("audio", "语音.amr", "audio/amr"),
    "video": ("video", "视频.mp4", "video/mp4"),
    "file": ("file", "文件", "application/octet-stream"),
    "mface": ("sticker", "表情.gif", "image/gif"),
}
_WORDS = {
    "share": "[链接]", "location": "[位置]", "contact": "[推荐名片]", "music": "[音乐]", "forward": "[合并转发]",
    "node": "[合并转发]", "json": "[卡片消息]", "xml": "[卡片消息]", "poke": "[戳一戳]", "shake": "[窗口抖动]",
    "rps": "[猜拳]", "dice": "[骰子]", "anonymous": "",
}  # fmt: skip


class Parts(NamedTuple):
    text: str
    attachments: tuple[Attachment, ...]
    replies_to: str


def parts_of(message: object, self_id: str) -> Parts:
    """The words, the media, and the id of the message that is answered. Raises BadPayload."""
    words: list[str] = []
    attached: dict[str, Attachment] = {}
    replies_to = ""
    for kind, data in _segments(message):
        if kind == "reply":
            replies_to = word(data, "id")
        elif (attachment := _attachment(kind, data)) is not None:
            attached.setdefault(attachment.url, attachment)
        else:
            words.append(_words(kind, data, self_id))
    return Parts("".join(words).strip(), tuple(attached.values())[:MOST_ATTACHED], replies_to)


def _segments(message: object) -> Iterator[tuple[str, Json]]:
    if isinstance(message, str):
        yield from _coded(message)
        return
    segments = [message] if isinstance(message, dict) else message
    if not isinstance(segments, list) or len(segments) > MOST_SEGMENTS:
        raise BadPayload("message 应为消息段数组或 CQ 码文字: 请检查 OneBot 的消息格式设置")
    for segment in segments:
        fields = object_of(segment, "消息段")
        yield word(fields, "type"), object_of(fields.get("data") or {}, "消息段的 data")


def _coded(message: str) -> Iterator[tuple[str, Json]]:
    """Text between CQ codes is text; inside and outside, brackets and commas are escaped."""
    done = 0
    for code in _CQ.finditer(message):
        if code.start() > done:
            yield "text", {"text": _plain(message[done : code.start()])}
        pairs = (pair.partition("=") for pair in code[2].split(",")[1:])
        yield code[1], {name: _plain(value) for name, _, value in pairs}
        done = code.end()
    if done < len(message):
        yield "text", {"text": _plain(message[done:])}


def _plain(text: str) -> str:
    for escaped, character in _ESCAPED:
        text = text.replace(escaped, character)
    return text


def _attachment(kind: str, data: Json) -> Attachment | None:
    if kind in ("face", "bface", "sface"):
        return Attachment(name="表情", url=f"{FACE}{word(data, 'id')[:20]}", kind="sticker", media_type="text/x-face")
    if kind not in _MEDIA or not (source := _source(data)):
        return None
    attached, name, media_type = _MEDIA[kind]
    if kind == "image" and word(data, "sub_type") not in ("", "0"):
        attached = "sticker"  # favourites and stickers travel as pictures
    if kind == "file":
        name = word(data, "name") or word(data, "file") or name
    return Attachment(
        name=name[-LONGEST_NAME:], url=source, media_type=media_type, kind=attached, size=_size(data, "file_size")
    )


def _source(data: Json) -> str:
    return next(
        (
            s
            for name in ("url", "file")
            if (s := word(data, name)).startswith(("http://", "https://")) and len(s) <= 2_000
        ),
        "",
    )


def _size(data: Json, name: str) -> int | None:
    digits = word(data, name)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _words(kind: str, data: Json, self_id: str) -> str:
    if kind == "text":
        return _raw(data.get("text"))
    if kind == "at":
        return _mention(word(data, "qq"), word(data, "name"), self_id)
    if kind in _MEDIA:
        return f"[{_MEDIA[kind][1].partition('.')[0]}]"  # nothing to fetch it by
    label = _WORDS.get(kind, f"[暂不支持的消息段: {kind[:40] or '未知'}]")
    parts: list[Any] = (
        [word(data, name) for name in ("title", "content", "url", "lat", "lon")]
        if label[1:3] in ("链接", "位置")
        else []
    )
    return " ".join([label, *filter(None, parts)])


def _raw(value: object) -> str:
    """Text as it was written, spaces kept: segments follow each other without a gap."""
    return word({"text": f"|{value}|"}, "text")[1:-1] if isinstance(value, str) else word({"text": value}, "text")


def _mention(account: str, name: str, self_id: str) -> str:
    """Being addressed ourselves is no part of the question."""
    if account == self_id:
        return ""
    return "@全体成员 " if account == "all" else f"@{name or account} "
