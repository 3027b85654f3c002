"""A case (工单) as intake knows it: what was asked, how far it is, who has it."""

from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from contracts import channel
from contracts.case import Category, DecidedBy, Kind, Priority, WaitingFor, Why
from contracts.casework import Owes, Phase
from contracts.channel import Channel, ChannelMessage
from contracts.envelope import derive_id

Status = Literal["new", "in_progress", "waiting", "escalated", "resolved", "closed"]

# What one document may hold. MongoDB refuses documents over 16 MiB; at these limits a case stays under 2 MiB.
MAX_LINES, MAX_CHARACTERS, MAX_RECEIVED = 200, 200_000, 1_000


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that was said, masked; `message_ids` are all messages that said it in these words.

    `why` is why it joined this case. `sender` is its masked name where it is not the requester's own; `staff` says
    that a colleague wrote it in the group. `asked_from` is the institution of whoever said it, None where that is the
    case's own, empty where nobody knows.
    """

    at: datetime
    message_ids: tuple[str, ...]
    fingerprint: str
    text: str
    why: Why = "open"
    sender: str = ""
    staff: bool = False
    sealed: bool = False  # the original differs and is kept encrypted
    asked_from: str | None = None

    def joined(self, other: "Line") -> "Line":
        """The same words said again: the earlier of the two, with the ids of both."""
        earlier = min(self, other, key=lambda said: (said.at, said.text))
        return msgspec.structs.replace(
            earlier,
            message_ids=tuple(sorted({*self.message_ids, *other.message_ids})),
            sealed=self.sealed or other.sealed,
            asked_from=None if None in (self.asked_from, other.asked_from) else earlier.asked_from,
        )


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.case.Findings`."""

    infno: str | None = None
    error: str | None = None
    error_code: str | None = None
    institution_code: str | None = None
    msgid: str | None = None
    setl_ids: tuple[str, ...] = ()
    mdtrt_ids: tuple[str, ...] = ()
    admdvs: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    pasted: Literal["request", "response", "log"] | None = None
    happened_at: str | None = None


class Visited(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stage of a visit on site."""

    at: datetime
    engineer: str
    phase: Phase
    place: str = ""
    note: str = ""


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """`current` is a case that its conversation's next message may join.

    `step`, `fields` and `owes` are where its workflow stands. `heard_at` is when the requester last spoke and
    `replies` how often the desk has answered since, which is what a channel's reply budget counts.
    `asked_from` is the institution whose people asked; `institution_code` is the one that the case is about.
    """

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
    status: Status
    current: bool
    why: Why  # it is a case of its own
    requester: UUID  # a keyed hash of the channel's own id: the same account, whatever the mask shows
    asked_from: str | None = None
    contact: str | None = None
    kind: Kind = "consultation"
    step: str = "open"
    fields: dict[str, str] = {}
    owes: Owes = "desk"
    category_by: DecidedBy = "rule"
    confidence: float | None = None
    priority_by: DecidedBy = "rule"
    marked: bool = False  # began with an explicit marker: takes nothing that was said before
    follows: UUID | None = None
    merged_into: UUID | None = None
    outage: UUID | None = None
    received: int = 1
    repeats: int = 0
    assignee: str | None = None
    assigned_because: str = ""
    waiting_for: WaitingFor | None = None
    external_number: str | None = None
    chases: int = 0
    next_chase_at: datetime | None = None
    chase_due_at: datetime | None = None  # when it became time to remind them; nobody has since
    heard_at: datetime | None = None
    replies: int = 0
    window_warned: bool = False
    announced: bool = False  # only colleagues have spoken, to nobody: not a case that anybody may join
    group: bool = False  # many people talk in this conversation: no channel limits its answers
    responded_at: datetime | None = None
    last_response_at: datetime | None = None
    resolution: str | None = None
    ended_at: datetime | None = None
    visits: tuple[Visited, ...] = ()

    @property
    def question(self) -> str:
        return "\n".join(line.text for line in self.lines if not line.staff)

    @property
    def is_full(self) -> bool:
        characters = sum(len(line.text) for line in self.lines)
        return len(self.lines) >= MAX_LINES or characters >= MAX_CHARACTERS or self.received >= MAX_RECEIVED


class Brief(msgspec.Struct, frozen=True):
    """A case as lists show it: without what was said in it."""

    number: str
    title: str
    status: Status
    category: Category
    priority: Priority
    channel: Channel
    requester_name: str
    opened_at: datetime
    touched_at: datetime
    institution_code: str | None = None
    kind: Kind = "consultation"
    asked_from: str | None = None
    assignee: str | None = None
    waiting_for: WaitingFor | None = None
    owes: Owes = "desk"
    outage: UUID | None = None
    responded_at: datetime | None = None


_conversation = lru_cache(maxsize=1_024)(channel.conversation_of)


def conversation_of(message: ChannelMessage) -> UUID:
    return _conversation(message.channel, message.conversation_id)


@lru_cache(maxsize=4_096)
def case_id_of(conversation: UUID, earlier_cases: int) -> UUID:
    """The id of a conversation's next case: whichever message comes first, the case is the same."""
    return derive_id("case", conversation, earlier_cases)


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to mishear on the phone
_BITS = 50
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


def number_of(case_id: UUID) -> str:
    """What staff quote (工单号), for example `YB-7K3QM-9XW2P`: the first 50 bits of the id."""
    value = case_id.int >> (128 - _BITS)
    digits = "".join([_PAIRS[value >> shift & 1023] for shift in (40, 30, 20, 10, 0)])
    return f"YB-{digits[:5]}-{digits[5:]}"


def ids_of(number: str) -> tuple[UUID, UUID]:
    """The range of ids that `number` may stand for. Raises ValueError when it is no case number."""
    value = 0
    for digit in number.upper().removeprefix("YB").replace("-", ""):
        value = value << 5 | _ALPHABET.index(digit)
    low = value << (128 - _BITS)
    return UUID(int=low), UUID(int=low | (1 << (128 - _BITS)) - 1)
