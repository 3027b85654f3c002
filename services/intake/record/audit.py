"""Whether what a case has said is what it said then: each event carries the hash of the one before it.

Whoever changes, removes, inserts or reorders events breaks the chain, unless all hashes after it are computed anew;
then the copies in the CASE stream are the witness (`yibao audit`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

from chassis.chain import hash_of

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
ON_ITS_WAY = timedelta(minutes=2)  # written, and not yet published because the broker was away


class Verdict(NamedTuple):
    """`broken_at` is the index of the first event that is not what it was, or does not follow the one before it."""

    events: int
    head: str
    broken_at: int | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.broken_at is None


class Difference(NamedTuple):
    """`at` is the index in the history; None for an event that is gone from it."""

    at: int | None
    why: str


class _Link(msgspec.Struct):
    id: str
    type: str
    previous: str
    recorded_at: datetime = _LONG_AGO  # wishes to other aggregates have none


_link = msgspec.json.Decoder(_Link)


def verify(history: Sequence[str], head: str) -> Verdict:
    """Walk the chain from its first event to `head`, the hash that the document keeps of the last."""
    before = ""
    for at, text in enumerate(history):
        if not _follows(text, before):
            return _broken(history, head, at, "与前一条的哈希不符: 前一条被改动, 或有记录被删除、插入、调换")
        before = hash_of(text.encode())
    if before != head:
        return _broken(history, head, max(0, len(history) - 1), "与链尾的哈希不符: 最后一条被改动, 或末尾有记录被删除")
    return Verdict(len(history), head)


def _broken(history: Sequence[str], head: str, at: int, why: str) -> Verdict:
    return Verdict(len(history), head, at, why)


def _follows(text: str, before: str) -> bool:
    """Both as a parser reads it and at its very end: a second `previous` somewhere inside must not do."""
    link = _read(text)
    return link is not None and link.previous == before and text.endswith(f',"previous":"{before}"}}')


def witness(history: Sequence[str], published: Mapping[str, bytes], since: datetime, now: datetime) -> list[Difference]:
    """Where `history` differs from `published`, digests of the stream's copies by event id.

    The stream goes back to `since`. Events without a copy may be older than that, when none before them has one; or so
    new that they are still on their way.
    """
    found: list[Difference] = []
    missing = set(published)
    known = False
    for at, text in enumerate(history):
        if (link := _read(text)) is None or not link.type.startswith("case."):
            continue
        missing.discard(link.id)
        copy = published.get(link.id)
        known = known or copy is not None or link.recorded_at >= since
        if copy is not None and copy != digest_of(text.encode()):
            found.append(Difference(at, f"与事件流中的原件不同: {link.type}"))
        elif copy is None and known and abs(now - link.recorded_at) > ON_ITS_WAY:
            found.append(Difference(at, f"事件流中没有这条记录, 是事后加上的: {link.type}"))
    return [*found, *(Difference(None, f"事件流中有, 工单里没有: 事件 {id_}") for id_ in sorted(missing))]


def _read(text: str) -> _Link | None:
    try:
        return _link.decode(text)
    except msgspec.DecodeError:
        return None


def digest_of(body: bytes) -> bytes:
    """Half of a SHA-256: enough to tell texts apart, in half of the memory for a million of them."""
    return sha256(body).digest()[:16]
