"""A case (工单) as intake knows it: what was asked, how far it is, who has it."""

from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from contracts.case import Category, Priority, WaitingFor
from contracts.channel import Channel, ChannelMessage
from contracts.envelope import derive_id

Status = Literal["new", "in_progress", "waiting", "escalated", "resolved", "closed"]

# What one document may hold. MongoDB refuses documents over 16 MiB; at these limits a case stays under 2 MiB.
MAX_LINES, MAX_CHARACTERS, MAX_RECEIVED = 200, 200_000, 1_000


class Line(msgspec.Struct, frozen=True):
    """Something the requester said, masked; `message_ids` are all messages that said it in these words."""

    at: datetime
    message_ids: tuple[str, ...]
    fingerprint: str
    text: str


class Found(msgspec.Struct, frozen=True):
    """See `contracts.case.Findings`."""

    infno: str | None = None
    error: str | None = None
    institution_code: str | None = None
    msgid: str | None = None


class Case(msgspec.Struct, frozen=True):
    """`current` is the case that the conversation's next message joins."""

    conversation: UUID
    number: str
    channel: Channel
    conversation_id: str
    requester_id: str
    requester_name: str
    institution_code: str | None
    title: str
    lines: tuple[Line, ...]
    category: Category
    priority: Priority
    found: Found
    opened_at: datetime
    touched_at: datetime
    status: Status = "new"
    current: bool = True
    received: int = 1
    repeats: int = 0
    assignee: str | None = None
    waiting_for: WaitingFor | None = None
    external_number: str | None = None
    responded_at: datetime | None = None
    last_response_at: datetime | None = None
    resolution: str | None = None

    @property
    def question(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def is_full(self) -> bool:
        characters = sum(len(line.text) for line in self.lines)
        return len(self.lines) >= MAX_LINES or characters >= MAX_CHARACTERS or self.received >= MAX_RECEIVED


@lru_cache(maxsize=1_024)
def _conversation(channel: str, conversation_id: str) -> UUID:
    return derive_id("conversation", channel, conversation_id)


def conversation_of(message: ChannelMessage) -> UUID:
    return _conversation(message.channel, message.conversation_id)


def case_id_of(conversation: UUID, earlier_cases: int) -> UUID:
    """The id of a conversation's next case: whichever message comes first, the case is the same."""
    return derive_id("case", conversation, earlier_cases)


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to mishear on the phone
_BITS = 50


def number_of(case_id: UUID) -> str:
    """What staff quote (工单号), for example `YB-7K3QM-9XW2P`: the first 50 bits of the id."""
    value = case_id.int >> (128 - _BITS)
    digits = "".join(_ALPHABET[value >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return f"YB-{digits[:5]}-{digits[5:]}"


def ids_of(number: str) -> tuple[UUID, UUID]:
    """The range of ids that `number` may stand for. Raises ValueError when it is no case number."""
    value = 0
    for digit in number.upper().removeprefix("YB").replace("-", ""):
        value = value << 5 | _ALPHABET.index(digit)
    low = value << (128 - _BITS)
    return UUID(int=low), UUID(int=low | (1 << (128 - _BITS)) - 1)
