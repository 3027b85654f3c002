"""What one WeCom message says, whichever of the vendor's three shapes it came in: words and what is attached.

A picture or voice message is named by where the vendor keeps it: a URL, `wecom-media:<id>` or `wecom-archive:<id>`;
`media.settle` turns that into an address of ours. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple
from xml.etree.ElementTree import Element

from contracts.channel import Attachment
from services.intake.channels.reading import BadPayload, Json, json_of, object_of, word

MEDIA, ARCHIVE = "wecom-media:", "wecom-archive:"
MOST_ATTACHED, LONGEST_NAME, LONGEST_URL = 20, 255, 2_000
_MENTION = re.compile(r"\s*@[^\s@]{1,64}[\s\u2005]+")

Kind = Literal["file", "image", "audio", "video", "sticker"]
_MEDIA: dict[str, tuple[Kind, str, str]] = {  # kind, name, media type
    "image": ("image", "图片.jpg", "image/jpeg"),
    "voice": ("audio", "语音.amr", "audio/amr"),
    "video": ("video", "视频.mp4", "video/mp4"),
    "shortvideo": ("video", "视频.mp4", "video/mp4"),
    "emotion": ("sticker", "表情.gif", "image/gif"),
    "file": ("file", "文件", "application/octet-stream"),
}


class Said(NamedTuple):
    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.text.strip() and not self.attachments


def said(kind: str, body: Mapping[str, Any]) -> Said:
    """The words and media of one message of type `kind`. Raises BadPayload."""
    if kind in ("text", "markdown"):
        return Said(word(body, "content"))
    if kind in _MEDIA:
        return _media(kind, body)
    if kind == "location":
        return Said(_location(body))
    if kind == "link":
        parts = [word(body, name) for name in ("title", "description", "desc", "url", "link_url")]
        return Said("\n".join(["[链接]", *filter(None, parts)]))
    if kind == "mixed":
        return _mixed(body)
    # Whatever the vendor invents next must still be seen by somebody.
    return Said(f"[暂不支持的消息类型: {kind[:40] or '未知'}]")


def lowered(element: Element, depth: int = 0) -> Json:
    """An element's children by lower-case name; children of one name become a list. Raises BadPayload."""
    if depth > 8:
        raise BadPayload("XML 嵌套过深: 请检查发送方")
    found: Json = {}
    for child in element:
        value = lowered(child, depth + 1) if len(child) else (child.text or "")
        name = child.tag.lower()
        if name in found:
            earlier = found[name]
            found[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            found[name] = value
    return found


def without_mention(text: str) -> str:
    """A group robot is always addressed first; its name is no part of the question."""
    return _MENTION.sub("", text, count=1) if _MENTION.match(text) else text


def _media(kind: str, body: Mapping[str, Any]) -> Said:
    attached, name, media_type = _MEDIA[kind]
    words = word(body, "recognition") or (word(body, "content") if kind == "voice" else "")
    if not (source := _source(body)):
        return Said(words or f"[{name.partition('.')[0]}]")
    name = word(body, "filename") or (word(body, "title") if kind == "file" else "") or name
    size = body.get("filesize")
    attachment = Attachment(
        name=name[-LONGEST_NAME:],
        url=source,
        media_type=media_type,
        kind=attached,
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
    )
    return Said(words, (attachment,))


def _source(body: Mapping[str, Any]) -> str:
    urls = [word(body, name) for name in ("url", "imageurl", "picurl")]
    media = [MEDIA + id_ for name in ("mediaid", "media_id") if (id_ := word(body, name))]
    archived = [ARCHIVE + id_ for name in ("sdkfileid",) if (id_ := word(body, name))]
    return next((s for s in (*urls, *media, *archived) if 0 < len(s) <= LONGEST_URL), "")


def _location(body: Mapping[str, Any]) -> str:
    names = ("label", "title", "name", "address")
    label = " ".join(filter(None, dict.fromkeys(word(body, name) for name in names)))
    latitude = word(body, "location_x") or word(body, "latitude")
    longitude = word(body, "location_y") or word(body, "longitude")
    return f"[位置] {label} ({latitude}, {longitude})" if latitude else f"[位置] {label}"


def _mixed(body: Mapping[str, Any]) -> Said:
    items: object = next((body[name] for name in ("msg_item", "msgitem", "item") if name in body), [])
    parts = [_item(item) for item in (items if isinstance(items, list) else [items])[:200]]
    attachments = [a for part in parts for a in part.attachments]
    return Said("\n".join(p.text for p in parts if p.text), within(attachments))


def _item(item: object) -> Said:
    """One part of a mixed message; the archive puts its content into a string of JSON."""
    fields = object_of(item, "图文消息的每一段")
    kind = word(fields, "msgtype") or word(fields, "type")
    content = fields.get(kind, fields.get("content"))
    if isinstance(content, str) and content.startswith("{"):
        content = json_of(content.encode(errors="replace"))
    if kind == "mixed":
        raise BadPayload("图文消息中不能再有图文消息")
    return said(kind, content if isinstance(content, dict) else {"content": content if content is not None else ""})


def within(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """No more than one message may carry."""
    return tuple(attachments[:MOST_ATTACHED])
