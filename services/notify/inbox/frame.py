"""One event as readers of the live inbox get it: the bytes are made once, however many read them. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

NAMES = {
    "notify.queued": "alert", "notify.grew": "grew", "notify.read": "read", "notify.acknowledged": "acknowledged",
    "notify.settled": "settled",
}  # fmt: skip
RETRY_MS = 2_000


class _Actor(msgspec.Struct):
    id: str


class _Said(msgspec.Struct):
    """What the live inbox needs of an event; the rest goes to the readers as it is."""

    id: UUID
    alert_id: UUID
    audience: str
    recorded_at: datetime
    actor: _Actor


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """`audiences` are all that the alert is for; `sequence` is its place in the stream, by which readers resume."""

    sequence: int
    name: str
    id: UUID
    alert: UUID
    audiences: frozenset[str]
    actor: str
    recorded_at: datetime
    stored_at: datetime
    text: bytes


def frame_of(subject: str, sequence: int, stored_at: datetime, data: bytes) -> Frame | None:
    """None for what readers do not hear of, and for what is no event."""
    name = NAMES.get(subject)
    if name is None:
        return None
    try:
        said = msgspec.json.decode(data, type=_Said)
    except msgspec.DecodeError:
        return None
    return Frame(
        sequence=sequence, name=name, id=said.id, alert=said.alert_id, audiences=frozenset((said.audience,)),
        actor=said.actor.id, recorded_at=said.recorded_at, stored_at=stored_at, text=text_of(name, sequence, data),
    )  # fmt: skip


def text_of(name: str, sequence: int | None, data: bytes) -> bytes:
    """As it goes over the wire. JSON has no line breaks of its own, so it is one line of `data`."""
    id_ = b"" if sequence is None else b"id: %d\r\n" % sequence
    return b"%bevent: %b\r\ndata: %b\r\n\r\n" % (id_, name.encode(), data)


def comment(words: str, sequence: int) -> bytes:
    """Keeps the connection, and says how far the reader has read although nothing was for them."""
    return b": %b\r\nretry: %d\r\nid: %d\r\n\r\n" % (words.encode(), RETRY_MS, sequence)


class Wish(msgspec.Struct, frozen=True):
    """Who listens: for these audiences; `reader` is who reads, empty where nobody says so.

    Somebody who does not say who reads hears of new alerts only.
    """

    audiences: frozenset[str]
    reader: str = ""

    def wants(self, frame: Frame) -> bool:
        if not self.audiences & frame.audiences:
            return False
        if frame.name == "alert":
            return True
        # What a colleague has read is still to be read by oneself.
        return bool(self.reader) and (frame.name != "read" or frame.actor == self.reader)
