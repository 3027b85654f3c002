"""The middle of the loop: messages become documents and events; what cannot become any is set aside."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from chassis import metrics
from chassis.batch import Batch
from chassis.deadletter import dead_letter
from chassis.errors import Full, Refused, Unacceptable
from chassis.logging import logger
from chassis.message import Delivery, Message, Moment, decode
from chassis.outgoing import Outgoing, from_timer
from chassis.ports import Aggregate, Outbox, Store
from chassis.store import Document, events_of

S = TypeVar("S", bound=msgspec.Struct)

Busy = dict[UUID, "asyncio.Future[None]"]
"""Documents that a batch is at work on, and when it is done; shared by the loops of one store."""

DELAYS_S = (1.0, 5.0, 30.0, 120.0, 600.0)
ROUNDS = 4

log = logger(__name__)


class Folding(Generic[S]):
    """Decodes, loads, folds and writes the batches of one durable consumer."""

    def __init__(self, name: str, aggregate: Aggregate[S], store: Store[S], outbox: Outbox, busy: Busy) -> None:
        self.name = name
        self._aggregate, self._store, self._outbox = aggregate, store, outbox
        self._busy = busy

    async def write(self, batch: Batch[S], located: Callable[[], None]) -> None:
        """Decode, load, fold and write; what is left to publish and acknowledge is in the batch.

        `located` is called once when the batch's documents are found and marked busy.
        """
        pending = await self._decode(batch)
        for _ in range(ROUNDS):
            if pending:
                pending = await self._round(batch, pending, located)
        for message in pending:
            await message.delivery.nak(DELAYS_S[0])

    def free(self, batch: Batch[S]) -> None:
        """The batch is settled, or handed back: other lanes may go on with its documents."""
        for id_ in batch.holds:
            del self._busy[id_]
        batch.settled.set_result(None)

    async def _decode(self, batch: Batch[S]) -> list[Message]:
        messages = []
        for delivery in batch.deliveries:
            if delivery.deliveries > 1:
                metrics.REDELIVERIES.labels(self.name).inc()
            try:
                messages.append(decode(delivery, batch.now))
            except Unacceptable as error:
                await self.bury(delivery, str(error))
        return messages

    async def _round(self, batch: Batch[S], messages: list[Message], located: Callable[[], None]) -> list[Message]:
        """Load, fold and write; returns the messages whose aggregate lost a race or is full."""
        documents = await self._locate(batch, messages)
        located()
        batch.begin_round()
        for message, document in zip(messages, documents, strict=True):
            await self._fold(batch, message, document)
        changed = [d for d in {id(d): d for d in documents}.values() if d.changed]
        lost = await self._store.save(changed) if changed else set()
        if lost:
            metrics.CONFLICTS.labels(self.name).inc(len(lost))
        for document in changed:
            if not lost or document.id not in lost:
                batch.say(document, self._new_timers(document))
        batch.outgoing.extend(await self._again(batch.round_repeated))
        return batch.end_round(lost)

    async def _locate(self, batch: Batch[S], messages: list[Message]) -> list[Document[S]]:
        """The messages' documents, once no other lane is busy with one of them."""
        documents = await self._store.locate(messages)
        # A lane that holds documents itself must not wait for another's; its write is guarded by version anyway.
        while self._busy and not batch.holds and (busy := {self._busy[d.id] for d in documents if d.id in self._busy}):
            await asyncio.wait(busy)
            documents = await self._store.locate(messages)
        ids = {d.id for d in documents} - self._busy.keys()
        self._busy |= dict.fromkeys(ids, batch.settled)
        batch.holds |= ids
        return documents

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
            batch.refuse(message, document, error)
        except Full:
            batch.later.append(message)
        except Unacceptable as error:
            await self.bury(message.delivery, str(error))
        except Exception as error:
            await self._failed(message.delivery, error)
        else:
            if events or state is not document.state:
                document.take(message.cause_id, state, events, moment.asides)
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

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """The message is a dead letter, alone, byte for byte."""
        await self._outbox.publish([dead_letter(delivery, self.name, reason)])
        await delivery.ack()
        metrics.DEAD.labels(self.name).inc()
        metrics.MESSAGES.labels(self.name, "dead").inc()
        log.warning("dead letter", loop=self.name, sequence=delivery.sequence, reason=reason[:200])

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        """A fold that raises is our own fault: try again later, then put the message where it can be replayed."""
        log.exception("fold failed", loop=self.name, sequence=delivery.sequence)
        if delivery.deliveries > len(DELAYS_S):
            await self.bury(delivery, f"处理时出错: {type(error).__name__}")
            return
        await delivery.nak(DELAYS_S[delivery.deliveries - 1])
        metrics.MESSAGES.labels(self.name, "retried").inc()
