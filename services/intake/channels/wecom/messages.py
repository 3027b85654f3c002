"""WeCom (企业微信) and WeChat messages of one person, as the decrypted XML of the vendor's callback. Pure."""

from collections.abc import Collection

from contracts.channel import ChannelMessage
from services.intake.channels.reading import at, message_of, needed, word, xml_of
from services.intake.channels.wecom.content import lowered, said

APP, ROOM, KF = "app", "room", "kf"


def encrypted_of(body: bytes) -> str:
    """The cipher text in a callback's outer XML. Raises BadPayload."""
    return needed(lowered(xml_of(body)), "encrypt")


def parse_wecom(xml: bytes, staff: Collection[str] = ()) -> ChannelMessage | None:
    """The message, None for events (subscribed, opened, pressed a menu) and blank texts. Raises BadPayload."""
    fields = lowered(xml_of(xml))
    kind = needed(fields, "msgtype")
    if kind == "event" or (content := said(kind, fields)).nothing:
        return None
    account = needed(fields, "fromusername")
    agent = word(fields, "agentid") or needed(fields, "tousername")
    return message_of(
        message_id=f"wecom:{needed(fields, 'msgid')}",
        channel="wechat",
        conversation_id=f"{APP}:{agent}:{account}",
        sender={"id": account, "role": "staff" if account in staff else "requester"},
        text=content.text,
        attachments=content.attachments,
        occurred_at=at(needed(fields, "createtime"), "CreateTime"),
    )


def address_of(message: ChannelMessage) -> dict[str, str]:
    """Where an answer to this message goes: a person in an application or in customer service, or a room."""
    kind, _, rest = message.conversation_id.partition(":")
    if kind == KF:
        desk, _, account = rest.partition(":")
        return {"kind": KF, "open_kfid": desk, "to_user": account}
    if kind == APP:
        agent, _, account = rest.partition(":")
        return {"kind": APP, "agent_id": agent, "to_user": account}
    return {"kind": ROOM, "chat_id": rest} if kind == ROOM else {"kind": kind, "to_user": rest}
