"""WeChat customer service (微信客服): its callback only says that there is something; the records are fetched. Pure."""

from typing import Any, NamedTuple

from contracts.channel import ChannelMessage
from services.intake.channels.reading import BadPayload, at, message_of, needed, object_of, word, xml_of
from services.intake.channels.wecom.content import lowered, said
from services.intake.channels.wecom.messages import KF

EVENT = "kf_msg_or_event"
CUSTOMER, SERVICER = "3", "5"  # who spoke; 4 is the system. What the interface itself sends is not among the records


class Ring(NamedTuple):
    """`token` is good for ten minutes and only makes the vendor answer more often; `desk` is the 客服账号."""

    desk: str
    token: str


class Page(NamedTuple):
    """`cursor` is where the next page begins; `wrong` are records that cannot be read, by their index."""

    messages: tuple[ChannelMessage, ...]
    cursor: str
    more: bool
    wrong: tuple[tuple[int, str], ...]


def parse_ring(xml: bytes) -> Ring | None:
    """What a callback announces, None when it is about something else. Raises BadPayload."""
    fields = lowered(xml_of(xml))
    if word(fields, "msgtype") != "event" or word(fields, "event") != EVENT:
        return None
    return Ring(word(fields, "openkfid"), word(fields, "token"))


def parse_record(record: object) -> ChannelMessage | None:
    """One record; None for events and what says nothing. Raises BadPayload."""
    fields = object_of(record, "客服记录")
    kind, origin = needed(fields, "msgtype"), word(fields, "origin")
    if kind == "event" or origin not in (CUSTOMER, SERVICER):
        return None
    body = fields.get(kind, {})
    if (content := said(kind, object_of(body, kind[:40]))).nothing:
        return None
    customer = needed(fields, "external_userid")
    servicer = origin == SERVICER
    account = (word(fields, "servicer_userid") or "servicer") if servicer else customer
    return message_of(
        message_id=f"{KF}:{needed(fields, 'msgid')}",
        channel="wechat",
        conversation_id=f"{KF}:{needed(fields, 'open_kfid')}:{customer}",
        sender={"id": account, "role": "staff" if servicer else "requester"},
        text=content.text,
        attachments=content.attachments,
        occurred_at=at(fields.get("send_time"), "send_time"),
    )


def parse_page(answer: dict[str, Any], cursor: str) -> Page:
    """A page of records in the order in which they were said. Raises BadPayload when it is none."""
    records = answer.get("msg_list", [])
    if not isinstance(records, list):
        raise BadPayload("msg_list 应为数组: 请检查企业微信接口")
    messages, wrong = [], []
    for n, record in enumerate(records):
        try:
            message = parse_record(record)
        except BadPayload as error:
            wrong.append((n, str(error)))
        else:
            messages += [message] if message else []
    following = word(answer, "next_cursor") or cursor
    # Without a new cursor the next page would be this one for ever.
    more = answer.get("has_more") in (1, True) and following != cursor
    return Page(tuple(messages), following, more, tuple(wrong))
