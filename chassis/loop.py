"""The loop of every service: fetch, decode, load, fold, one bulk write, one atomic publish, acknowledge.

A message that cannot be decoded or folded goes to the dead-letter stream, alone. A lost race is folded anew at
once. An outage naks with a delay and waits for the servers; nothing is ever dropped.

Two lanes do this side by side, so that one folds while the other waits for a server. Batches that touch the same
aggregate follow each other.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from chassis import metrics
from chassis.batch import Batch
from chassis.deadletter import dead_letter
from chassis.errors import Full, Refused, Unacceptable
from chassis.logging import logger
from chassis.message import Delivery, Message, Moment, decode
from chassis.outgoing import Outgoing, Timer, from_timer
from chassis.store import Document, events_of
from contracts.envelope import Event

S = TypeVar("S", bound=msgspec.Struct)

DELAYS_S = (1.0, 5.0, 30.0, 120.0, 600.0)
ROUNDS = 4
LANES = 2

log = logger(__name__)


class Inbox(Protocol):
    async def fetch(self, most: int, wait_s: float) -> Sequence[Delivery]: ...


class Outbox(Protocol):
    async def publish(self, outgoing: Sequence[Outgoing]) -> None: ...
    async def reply(self, inbox: str, body: bytes) -> None: ...


class Store(Protocol[S]):
    async def locate(self, messages: Sequence[Message]) -> list[Document[S]]: ...
    async def save(self, documents: Sequence[Document[S]]) -> set[UUID]: ...
    async def history(self, id_: UUID) -> list[str] | None: ...


class Aggregate(Protocol[S]):
    """What a service supplies: the pure fold, the timers that follow from a state, and what metrics see.

    `again` may refuse (Unacceptable) a known cause that comes back with other content.
    """

    def fold(self, state: S | None, moment: Moment) -> tuple[S, Sequence[Event]]: ...
    def again(self, state: S, message: Message) -> None: ...
    def timers(self, state: S) -> Sequence[Timer]: ...
    def said(self, event: Event) -> None: ...


class Loop(Generic[S]):
    """Drives one durable consumer; several loops of a service may share an aggregate and a store."""

    def __init__(
        self,
        name: str,
        aggregate: Aggregate[S],
        store: Store[S],
        inbox: Inbox,
        outbox: Outbox,
        *,
        batch: int = 256,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        checkpoint: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.name = name
        self._aggregate, self._store, self._inbox, self._outbox = aggregate, store, inbox, outbox
        self._most, self._clock, self._checkpoint = batch, clock, checkpoint
        self._outages = 0
        self._fetching = asyncio.Lock()
        self._busy: dict[UUID, asyncio.Future[None]] = {}

    async def run(self) -> None:
        """Until cancelled. Trouble with a server is waited out, with a pause that grows to 5 s."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(self._lane())

    async def _lane(self) -> None:
        while True:
            try:
                async with self._fetching:
                    deliveries = await self._inbox.fetch(self._most, wait_s=5.0)
                if deliveries:
                    await self.handle(deliveries)
                self._outages = 0
            except Exception as error:
                self._outages += 1
                log.warning("loop waits", loop=self.name, error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(min(5.0, 0.25 * 2**self._outages))

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Handle one batch to its end. Raises when a server is out of reach, after handing the batch back."""
        now = self._clock()
        batch = Batch[S](deliveries, now.replace(microsecond=now.microsecond // 1000 * 1000), time.perf_counter())
        self._checkpoint("fetched")
        try:
            await self._write(batch)
            self._checkpoint("written")
            await self._settle(batch)
        except Exception:
            await self._hand_back(deliveries)
            raise
        finally:
            self._free(batch)
        for event in batch.said:
            self._aggregate.said(event)
        batch.count(self.name)

    async def _write(self, batch: Batch[S]) -> None:
        """Decode, load, fold and write; what is left to publish and acknowledge is in the batch."""
        pending = await self._decode(batch)
        for _ in range(ROUNDS):
            if pending:
                pending = await self._round(batch, pending)
        for message in pending:
            await message.delivery.nak(DELAYS_S[0])

    async def _settle(self, batch: Batch[S]) -> None:
        """Publish what the batch said, answer its commands, acknowledge its messages."""
        if batch.outgoing:
            await self._outbox.publish(batch.outgoing)
        self._checkpoint("published")
        for inbox, answer in batch.replies():
            await self._outbox.reply(inbox, answer.model_dump_json().encode())
        self._checkpoint("acknowledging")
        for message in batch.finished():
            await message.delivery.ack()

    async def _decode(self, batch: Batch[S]) -> list[Message]:
        messages = []
        for delivery in batch.deliveries:
            if delivery.deliveries > 1:
                metrics.REDELIVERIES.labels(self.name).inc()
            try:
                messages.append(decode(delivery, batch.now))
            except Unacceptable as error:
                await self._bury(delivery, str(error))
        return messages

    async def _round(self, batch: Batch[S], messages: list[Message]) -> list[Message]:
        """Load, fold and write; returns the messages whose aggregate lost a race or is full."""
        documents = await self._locate(batch, messages)
        batch.begin_round()
        for message, document in zip(messages, documents, strict=True):
            await self._fold(batch, message, document)
        changed = [d for d in {id(d): d for d in documents}.values() if d.changed]
        lost = await self._store.save(changed) if changed else set()
        if lost:
            metrics.CONFLICTS.labels(self.name).inc(len(lost))
        for document in changed:
            if document.id not in lost:
                batch.say(document, self._new_timers(document))
        batch.outgoing.extend(await self._again(batch.round_repeated))
        return batch.end_round(lost)

    async def _locate(self, batch: Batch[S], messages: list[Message]) -> list[Document[S]]:
        """The messages' documents, once no other lane is busy with one of them."""
        documents = await self._store.locate(messages)
        # A lane that holds documents itself must not wait for another's; its write is guarded by version anyway.
        while not batch.holds and (busy := {self._busy[d.id] for d in documents if d.id in self._busy}):
            await asyncio.wait(busy)
            documents = await self._store.locate(messages)
        ids = {d.id for d in documents} - self._busy.keys()
        self._busy |= dict.fromkeys(ids, batch.settled)
        batch.holds |= ids
        return documents

    def _free(self, batch: Batch[S]) -> None:
        for id_ in batch.holds:
            del self._busy[id_]
        batch.settled.set_result(None)

    async def _fold(self, batch: Batch[S], message: Message, document: Document[S]) -> None:
        try:
            if message.cause_id in document.causes:
                assert document.state is not None
                self._aggregate.again(document.state, message)
                batch.known(message, document)
                return
            moment = Moment(batch.now, message, document.id, document.version)
            state, events = self._aggregate.fold(document.state, moment)
        except Refused as error:
            batch.refuse(message, error)
        except Full:
            batch.later.append(message)
        except Unacceptable as error:
            await self._bury(message.delivery, str(error))
        except Exception as error:
            await self._failed(message.delivery, error)
        else:
            if events or state is not document.state:
                document.take(message.cause_id, state, events)
            batch.round_folded.append((message, document))

    def _new_timers(self, document: Document[S]) -> list[Outgoing]:
        assert document.state is not None
        before = self._aggregate.timers(document.stored_state) if document.stored_state is not None else ()
        return [from_timer(t) for t in self._aggregate.timers(document.state) if t not in before]

    async def _again(self, repeated: Sequence[tuple[Message, Document[S]]]) -> list[Outgoing]:
        """What these causes brought about when they came first, from history; their timers are armed anew."""
        causes: dict[UUID, tuple[Document[S], set[UUID]]] = {}
        for message, document in repeated:
            causes.setdefault(document.id, (document, set()))[1].add(message.cause_id)
        out: list[Outgoing] = []
        for id_, (document, ids) in causes.items():
            said = events_of(await self._store.history(id_) or (), ids)
            out.extend(Outgoing(e["type"], text.encode(), e["id"]) for text, e in said)
            if document.stored_state is not None:
                out.extend(map(from_timer, self._aggregate.timers(document.stored_state)))
        return out

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        await self._outbox.publish([dead_letter(delivery, self.name, reason)])
        await delivery.ack()
        metrics.DEAD.labels(self.name).inc()
        metrics.MESSAGES.labels(self.name, "dead").inc()
        log.warning("dead letter", loop=self.name, sequence=delivery.sequence, reason=reason[:200])

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        """A fold that raises is our own fault: try again later, then put the message where it can be replayed."""
        log.exception("fold failed", loop=self.name, sequence=delivery.sequence)
        if delivery.deliveries > len(DELAYS_S):
            await self._bury(delivery, f"处理时出错: {type(error).__name__}")
            return
        await delivery.nak(DELAYS_S[delivery.deliveries - 1])
        metrics.MESSAGES.labels(self.name, "retried").inc()

    async def _hand_back(self, deliveries: Sequence[Delivery]) -> None:
        # Best effort: what cannot be handed back comes again by itself after ack_wait, or was acknowledged already.
        for delivery in deliveries:
            with suppress(Exception):
                await delivery.nak(DELAYS_S[0])
