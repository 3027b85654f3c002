"""QQ by OneBot 11: events of a bot implementation become messages. Pure."""

import hmac
from collections.abc import Collection

from contracts.channel import ChannelMessage, Quote
from services.intake.channels.onebot.segments import parts_of
from services.intake.channels.reading import BadPayload, at, message_of, needed, object_of, word

GROUP, PRIVATE = "group", "private"
_LONGEST_NAME, _LONGEST_ID = 100, 200


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """`X-Signature` of an HTTP POST: HMAC-SHA1 of the body under the shared secret."""
    signed = "sha1=" + hmac.digest(secret.encode(), body, "sha1").hex()
    return hmac.compare_digest(signed.encode(), signature.encode(errors="replace"))


def parse_onebot(event: object, staff: Collection[str] = ()) -> ChannelMessage | None:
    """The message of an event; None for heartbeats, notices, requests and what says nothing. Raises BadPayload."""
    fields = object_of(event, "事件")
    if word(fields, "post_type") != "message":
        return None
    self_id, account = needed(fields, "self_id"), needed(fields, "user_id")
    kind = needed(fields, "message_type")
    if kind not in (GROUP, PRIVATE):
        raise BadPayload(f"message_type 应为 {GROUP} 或 {PRIVATE}: 请使用 OneBot 11")
    parts = parts_of(fields.get("message"), self_id)
    if account == self_id or not (parts.text or parts.attachments):
        return None
    speaker = object_of(fields.get("sender") or {}, "sender")
    name = word(speaker, "card") or word(speaker, "nickname")
    return message_of(
        message_id=_message_id(self_id, needed(fields, "message_id")),
        channel="qq",
        conversation_id=f"{kind}:{needed(fields, 'group_id') if kind == GROUP else account}",
        sender={"id": account, "name": name[:_LONGEST_NAME], "role": "staff" if account in staff else "requester"},
        text=parts.text,
        attachments=parts.attachments,
        group=kind == GROUP,
        quote=_quote(self_id, parts.replies_to),
        occurred_at=at(fields.get("time"), "time"),
    )


def address_of(message: ChannelMessage, self_id: str) -> dict[str, str]:
    """Where an answer to this message goes."""
    kind, _, target = message.conversation_id.partition(":")
    return {"kind": kind, "target": target, "self_id": self_id}


def send_msg(address: dict[str, str], text: str) -> dict[str, object]:
    """The parameters of the `send_msg` call; as an array, so that brackets in the text stay text."""
    kind, target = address["kind"], address["target"]
    name = "group_id" if kind == GROUP else "user_id"
    return {
        "message_type": kind,
        name: int(target) if target.isdigit() else target,
        "message": [{"type": "text", "data": {"text": text}}],
    }


def _message_id(self_id: str, number: str) -> str:
    return f"qq:{self_id}:{number}"


def _quote(self_id: str, replies_to: str) -> Quote | None:
    """None for an id that no message can have: the log would not take what answers to it."""
    id_ = _message_id(self_id, replies_to)
    return Quote.model_construct(message_id=id_, text="") if replies_to and len(id_) <= _LONGEST_ID else None
