"""Makers of messages with sensible defaults, so that a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any

from contracts.channel import Channel, ChannelMessage, Sender

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Beijing


def message(
    message_id: str = "m1", text: str = "门诊结算失败", channel: Channel = "wechat", **more: Any
) -> ChannelMessage:
    """A channel message; `conversation` and `institution` are short for the nested fields."""
    sender = Sender(id=more.pop("sender", "u1"), institution_code=more.pop("institution", None))
    return ChannelMessage(
        message_id=message_id,
        channel=channel,
        conversation_id=more.pop("conversation", "c1"),
        sender=sender,
        text=text,
        occurred_at=more.pop("occurred_at", NOON),
        **more,
    )
