"""What channel adapters publish (`channel.in.<channel>`) and what they are asked to send (`channel.out.*`)."""

import hashlib
import re
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from contracts.envelope import Contract, Event, Key, derive_id

Channel = Literal["wechat", "qq", "phone", "web", "email", "onsite"]
CHANNELS: tuple[Channel, ...] = ("wechat", "qq", "phone", "web", "email", "onsite")

InstitutionCode = Annotated[str, Field(pattern=r"^[HP]\d{11}$")]
"""定点医药机构编号: `H` (hospital) or `P` (pharmacy) + administrative division (6) + serial (5)."""

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U, which are taken for others."""
CODE_LENGTH = 6
_CODE = re.compile(
    r"(?:(?:已?知悉|已?收到|已?确认|好的|明白)(?:了)?)?[\s:：,，。.#【\[]*([0-9A-Za-z]{6})[】\]\s,，。.!！~～]*(?:已?知悉|已?收到)?[\s。.!！]*"
)
_TYPED = str.maketrans("OIL", "011")
_LONGEST_ANSWER = 40


def checked_code(five: str) -> str:
    """Five characters and the one that follows from them: any other in place of one of the six is noticed."""
    total = sum((2 * i + 1) * CODE_ALPHABET.index(c) for i, c in enumerate(five))
    return five + CODE_ALPHABET[total % 32]


def answer_code(text: str) -> str | None:
    """The code of an alert that a message acknowledges (`知悉 K7Q2MX`, or the code alone); None for all others.

    A code has two letters and a digit and checks itself, so that what somebody writes for another reason, such as the
    number of an error, is hardly ever one. O, I and L count as 0 and 1.
    """
    # WeChat puts the words that are answered in front.
    said = text.rpartition("\n")[2] if text.startswith("「") else text
    if len(said) > _LONGEST_ANSWER or (found := _CODE.fullmatch(said.strip())) is None:
        return None
    code = found[1].upper().translate(_TYPED)
    if not set(code) <= set(CODE_ALPHABET) or not 2 <= sum(map(str.isalpha, code)) < CODE_LENGTH:
        return None
    return code if checked_code(code[:-1]) == code else None


class Sender(Contract):
    """The person or account in the channel; `id` is the channel's own (openid, QQ number, mailbox, phone).

    `role` is `staff` when the adapter knows that one of the desk spoke, in a group for example.
    """

    id: Key
    name: Annotated[str, Field(max_length=100)] = ""
    institution_code: InstitutionCode | None = None
    role: Literal["requester", "staff"] = "requester"


class Attachment(Contract):
    """A file that came along; the adapter keeps it where `url` says."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    media_type: Annotated[str, Field(max_length=200)] = "application/octet-stream"
    size: Annotated[int, Field(ge=0)] | None = None
    kind: Literal["file", "image", "audio", "video", "sticker"] = "file"


class Quote(Contract):
    """What a message answers to: the channel's id of the earlier message, its words, or both."""

    message_id: Key | None = None
    text: Annotated[str, Field(max_length=2_000)] = ""


class Call(Contract):
    """A telephone call (来电): times in the switch's own words; `recording` is where it lies, never its content."""

    direction: Literal["in", "out"] = "in"
    rang_at: AwareDatetime
    answered_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    recording: Annotated[str, Field(max_length=2_000)] = ""


class Visit(Contract):
    """A visit on site (现场服务): where, when there and when gone."""

    place: Annotated[str, Field(min_length=1, max_length=200)]
    arrived_at: AwareDatetime
    left_at: AwareDatetime | None = None


class ChannelMessage(Contract):
    """One message of one person (渠道消息). Publishing a valid one is all that an adapter does.

    `message_id` is the channel's own id, `conversation_id` its chat, thread or call; `occurred_at` is when the
    person spoke, `recorded_at` when somebody typed it in (a phone note), both with a time zone.
    `subject` is the subject line of a mail or form; `group` says that many people talk in this conversation.
    `case_id` is the case that the person goes on with, where the channel shows people their cases (the console).
    """

    message_id: Key
    channel: Channel
    conversation_id: Key
    sender: Sender
    subject: Annotated[str, Field(max_length=500)] = ""
    text: str = ""
    group: bool = False
    quote: Quote | None = None
    case_id: UUID | None = None
    call: Call | None = None
    visit: Visit | None = None
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


def conversation_of(channel: str, conversation_id: str) -> UUID:
    """The id of a conversation: known to an adapter that keeps the channel's own, of which the desk stores a mask."""
    return derive_id("conversation", channel, conversation_id)


class ChannelReply(Event):
    """Send this to the person (渠道回复): published on `channel.out.<channel>`, executed by the adapter.

    `conversation` finds the conversation where `conversation_id` is masked: see `conversation_of`.
    """

    case_id: UUID
    channel: Channel
    conversation_id: Key
    conversation: UUID | None = None
    text: str


class ChannelReceipt(Contract):
    """What became of a reply (回执), published by the adapter on `channel.receipt.<channel>`.

    `refused` is a channel that would not take it, for a budget that is used up for example; `failed` is the rest.
    """

    reply_id: UUID
    case_id: UUID
    channel: Channel
    outcome: Literal["sent", "read", "refused", "failed"]
    reason: Annotated[str, Field(max_length=500)] = ""
    at: AwareDatetime
