"""A world in memory: streams with dedupe, redelivery, acks and naks on a clock that jumps, and a guarded store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from chassis.message import Delivery, Message
from chassis.outgoing import Outgoing
from chassis.store import Document
from contracts.envelope import Reply
from contracts.topology import stream_of
from tests.chassis.ledger import Ledger, id_of
from tests.chassis.world import DURABLES, Stored

ACK_WAIT_S = 60.0


class AnsweredAlready(Exception):
    """A delivery is answered once, as nats-py has it."""


@dataclass
class FakeStream:
    """`due` says from when on a message may be delivered; one without an entry is acknowledged."""

    stored: list[Stored] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    due: dict[int, float] = field(default_factory=dict)
    delivered: dict[int, int] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    now: float = 0.0

    def put(self, message: Stored, id_: str | None) -> None:
        if id_ is None or id_ not in self.ids:
            self.ids |= {id_} if id_ else set()
            self.stored.append(message)
            self.due[len(self.stored)] = self.now


class FakeDelivery:
    def __init__(self, stream: FakeStream, sequence: int) -> None:
        stream.due[sequence] = stream.now + ACK_WAIT_S
        stream.delivered[sequence] = stream.delivered.get(sequence, 0) + 1
        self._stream, self._answered = stream, False
        self.sequence, self.deliveries = sequence, stream.delivered[sequence]
        self.subject, self.data, self.headers = stream.stored[sequence - 1]

    async def ack(self) -> None:
        self._answer()
        self._stream.due.pop(self.sequence, None)

    async def nak(self, delay_s: float) -> None:
        self._answer()
        self._stream.delays.append(delay_s)
        if self.sequence in self._stream.due:
            self._stream.due[self.sequence] = self._stream.now + delay_s

    def _answer(self) -> None:
        if self._answered:
            raise AnsweredAlready
        self._answered = True


class FakeInbox:
    def __init__(self, stream: FakeStream) -> None:
        self._stream = stream

    async def fetch(self, most: int, wait_s: float) -> Sequence[FakeDelivery]:
        """What is due; where all is delayed, time passes."""
        stream = self._stream
        if stream.due and min(stream.due.values()) > stream.now:
            stream.now = min(stream.due.values())
        return await self.ready(most)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await delivery.ack()

    async def ready(self, most: int) -> Sequence[FakeDelivery]:
        stream = self._stream
        ready = [sequence for sequence, at in sorted(stream.due.items()) if at <= stream.now]
        return [FakeDelivery(stream, sequence) for sequence in ready[:most]]


class FakeOutbox:
    def __init__(self, streams: dict[str, FakeStream]) -> None:
        self._streams = streams
        self.replies: list[tuple[str, Reply]] = []

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        for out in outgoing:
            self._streams[stream_of(out.subject)].put(Stored(out.subject, out.body, out.headers), out.id)

    async def reply(self, inbox: str, body: bytes) -> None:
        self.replies.append((inbox, Reply.model_validate_json(body)))


class FakeStore:
    """Documents as bytes, so that nothing is shared by accident; a write wins only against the version it read."""

    def __init__(self) -> None:
        self.rows: dict[UUID, tuple[int, bytes, set[UUID], list[str]]] = {}

    async def locate(self, messages: Sequence[Message]) -> list[Document[Ledger]]:
        documents = {i: self.document(i) for i in map(id_of, messages)}
        return [documents[id_of(m)] for m in messages]

    async def save(self, documents: Sequence[Document[Ledger]]) -> set[UUID]:
        lost = {d.id for d in documents if self.document(d.id).version != d.stored_version}
        for d in (d for d in documents if d.id not in lost):
            causes, history = self.rows.get(d.id, (0, b"", set(), []))[2:]
            said = [body.decode() for _, body in d.said]
            self.rows[d.id] = (d.version, msgspec.json.encode(d.state), causes | set(d.new_causes), history + said)
        return lost

    async def history(self, id_: UUID) -> list[str] | None:
        return list(self.rows[id_][3]) if id_ in self.rows else None

    def document(self, id_: UUID) -> Document[Ledger]:
        if id_ not in self.rows:
            return Document(id_)
        version, state, causes, _ = self.rows[id_]
        return Document(id_, msgspec.json.decode(state, type=Ledger), version, causes)


class FakeWorld:
    def __init__(self) -> None:
        self.streams = {name: FakeStream() for name in (*DURABLES, "CASE", "DEAD")}
        self.outbox, self.store = FakeOutbox(self.streams), FakeStore()

    def inbox(self, stream: str) -> FakeInbox:
        return FakeInbox(self.streams[stream])

    async def put(self, subject: str, body: bytes, id_: str | None = None, reply_to: str | None = None) -> None:
        headers: Mapping[str, str] = {"Yibao-Reply": reply_to} if reply_to else {}
        self.streams[stream_of(subject)].put(Stored(subject, body, headers), id_)

    async def backlog(self) -> int:
        return sum(len(self.streams[name].due) for name in DURABLES)

    async def stream(self, name: str) -> list[Stored]:
        return self.streams[name].stored

    async def ledgers(self) -> dict[UUID, Document[Ledger]]:
        return {i: self.store.document(i) for i in self.store.rows}

    async def listen(self) -> str:
        return "inbox"

    async def replies(self, inbox: str, n: int) -> list[Reply]:
        return [reply for to, reply in self.outbox.replies if to == inbox]
