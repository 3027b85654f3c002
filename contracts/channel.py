"""What channel adapters publish (`channel.in.<channel>`) and what they are asked to send (`channel.out.*`)."""

import hashlib
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from contracts.envelope import Contract, Event, Key, derive_id

Channel = Literal["wechat", "qq", "phone", "web", "email", "onsite"]
CHANNELS: tuple[Channel, ...] = ("wechat", "qq", "phone", "web", "email", "onsite")

InstitutionCode = Annotated[str, Field(pattern=r"^[HP]\d{11}$")]
"""定点医药机构编号: `H` (hospital) or `P` (pharmacy) + administrative division (6) + serial (5)."""


class Sender(Contract):
    """The person or account in the channel; `id` is the channel's own (openid, QQ number, mailbox, phone)."""

    id: Key
    name: Annotated[str, Field(max_length=100)] = ""
    institution_code: InstitutionCode | None = None


class Attachment(Contract):
    """A file that came along; the adapter keeps it where `url` says."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    media_type: Annotated[str, Field(max_length=200)] = "application/octet-stream"


class ChannelMessage(Contract):
    """One message of one person (渠道消息). Publishing a valid one is all that an adapter does.

    `message_id` is the channel's own id, `conversation_id` its chat, thread or call; `occurred_at` is when the
    person spoke, `recorded_at` when somebody typed it in (a phone note), both with a time zone.
    """

    message_id: Key
    channel: Channel
    conversation_id: Key
    sender: Sender
    text: str = ""
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and not self.attachments:
            raise ValueError("text is blank and there is no attachment")
        return self

    @property
    def cause_id(self) -> UUID:
        """The id of this message as a cause: the channel's own id decides, not the content."""
        return derive_id("channel", self.channel, self.message_id)

    @property
    def dedupe_id(self) -> str:
        """`Nats-Msg-Id` for publishing: the same id with other content must reach intake and be judged there."""
        digest = hashlib.sha256(f"{self.sender.id}\x1f{self.text}".encode()).hexdigest()[:16]
        return f"{self.channel}:{self.message_id}:{digest}"


class ChannelReply(Event):
    """Send this to the person (渠道回复): published on `channel.out.<channel>`, executed by the adapter."""

    case_id: UUID
    channel: Channel
    conversation_id: Key
    text: str
