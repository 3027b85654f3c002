"""WeChat groups: what a group robot (群机器人) hears, and what the chat archive (会话存档) recorded. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from contracts.channel import ChannelMessage, Quote
from services.intake.channels.reading import BadPayload, Json, at, json_of, message_of, needed, object_of, word, xml_of
from services.intake.channels.wecom.content import Said, lowered, said, without_mention
from services.intake.channels.wecom.messages import ROOM

SINGLE = "single"
_LONGEST_QUOTE, _LONGEST_NAME = 2_000, 100


def robot_fields(payload: bytes) -> Json:
    """A robot's callback, XML or JSON, by lower-case names. Raises BadPayload."""
    return object_of(json_of(payload)) if payload.lstrip()[:1] == b"{" else lowered(xml_of(payload))


def parse_robot(payload: bytes, now: datetime, staff: Collection[str] = ()) -> ChannelMessage | None:
    """What somebody said to the robot; None for events and blank texts. Raises BadPayload.

    The older shape carries no time: `now`, when it was received, stands in.
    """
    fields = robot_fields(payload)
    kind = needed(fields, "msgtype")
    if kind == "event":
        return None
    content = said(kind, _body(fields, kind))
    content = content._replace(text=without_mention(content.text))
    speaker = object_of(fields.get("from"), "from")
    account, created = needed(speaker, "userid"), fields.get("create_time")
    group = word(fields, "chattype") != SINGLE
    return None if content.nothing else message_of(
        message_id=f"wecom:{needed(fields, 'msgid')}",
        channel="wechat",
        conversation_id=f"{ROOM}:{needed(fields, 'chatid')}" if group else f"{SINGLE}:{account}",
        sender=_sender(account, word(speaker, "name") or word(speaker, "alias"), staff),
        text=content.text,
        attachments=content.attachments,
        group=group,
        quote=_quote(fields.get("quote")),
        occurred_at=at(created, "create_time") if created else now,
    )  # fmt: skip


def reply_url(payload: bytes) -> str:
    """Where the vendor takes an answer to this very message, empty when it does not say. Raises BadPayload."""
    fields = robot_fields(payload)
    return word(fields, "response_url") or word(fields, "webhookurl")


def parse_archive(item: object, staff: Collection[str] = ()) -> ChannelMessage | None:
    """One decrypted record of the archive; None for recalls and for people switching firms. Raises BadPayload.

    The archive gives accounts only; the program that reads it may add `fromname` and, for media, `url`.
    """
    fields = object_of(item, "存档记录")
    kind = word(fields, "msgtype")
    if word(fields, "action") not in ("", "send") or kind == "revoke":
        return None
    if (content := said(kind, _body(fields, kind))).nothing:
        return None
    account, room = needed(fields, "from"), word(fields, "roomid")
    return message_of(
        message_id=f"wecom:{needed(fields, 'msgid')}",
        channel="wechat",
        conversation_id=f"{ROOM}:{room}" if room else f"{SINGLE}:{_other(fields, account, staff)}",
        sender=_sender(account, word(fields, "fromname") or word(fields, "sender_name"), staff),
        text=content.text,
        attachments=content.attachments,
        group=bool(room),
        occurred_at=at(fields.get("msgtime"), "msgtime"),
    )


def _body(fields: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The part that the type names; a mixed message has two names for it."""
    names = (kind, "mixedmessage", "mixed") if kind.startswith("mixed") else (kind,)
    body: object = next((fields[name] for name in names if name in fields), {})
    if not isinstance(body, dict):
        raise BadPayload(f"{kind[:40]} 消息没有内容: 请检查发送方")
    return body


def _other(fields: Mapping[str, Any], account: str, staff: Collection[str]) -> str:
    """In a chat of two the conversation is the requester's, whoever spoke."""
    to = fields.get("tolist")
    first = to[0] if isinstance(to, list) and to else ""
    return first if account in staff and isinstance(first, str) and first else account


def _quote(quote: object) -> Quote | None:
    if not isinstance(quote, dict):
        return None
    kind = word(quote, "msgtype")
    body = quote.get(kind)
    quoted: Said = said(kind, body) if isinstance(body, dict) else Said()
    return Quote(text=quoted.text[:_LONGEST_QUOTE]) if quoted.text else None


def _sender(account: str, name: str, staff: Collection[str]) -> dict[str, str]:
    return {"id": account, "name": name[:_LONGEST_NAME], "role": "staff" if account in staff else "requester"}
