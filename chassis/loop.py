"""The loop of every service: fetch, decode, load, fold, one bulk write, one atomic publish, acknowledge.

A message that cannot be decoded or folded goes to the dead-letter stream, alone. A lost race is folded anew at
once. An outage naks with a delay and waits for the servers; nothing is ever dropped.
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
from chassis.deadletter import dead_letter
from chassis.errors import Refused, Unacceptable
from chassis.logging import logger
from chassis.message import Delivery, Message, Moment, decode
from chassis.outgoing import Outgoing, Timer, from_event, from_timer
from chassis.store import Document, events_of
from contracts.envelope import Event, Reply

S = TypeVar("S", bound=msgspec.Struct)

DELAYS_S = (1.0, 5.0, 30.0, 120.0, 600.0)
ROUNDS = 4

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
        self._batch, self._clock, self._checkpoint = batch, clock, checkpoint
        self._outages = 0

    async def run(self) -> None:
        """Until cancelled. Trouble with a server is waited out, with a pause that grows to 5 s."""
        while True:
            try:
                if deliveries := await self._inbox.fetch(self._batch, wait_s=5.0):
                    await self.handle(deliveries)
                self._outages = 0
            except Exception as error:
                self._outages += 1
                log.warning("loop waits", loop=self.name, error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(min(5.0, 0.25 * 2**self._outages))

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Handle one batch to its end. Raises when a server is out of reach, after handing the batch back."""
        started = time.perf_counter()
        now = self._clock().replace(microsecond=self._clock().microsecond // 1000 * 1000)
        self._checkpoint("fetched")
        try:
            pending = await self._decode(deliveries, now)
            for _ in range(ROUNDS):
                if not pending:
                    break
                pending = await self._round(pending, now)
            for message in pending:
                await message.delivery.nak(DELAYS_S[0])
        except Exception:
            await self._hand_back(deliveries)
            raise
        metrics.BATCH.labels(self.name).observe(len(deliveries))
        metrics.HANDLING.labels(self.name).observe(time.perf_counter() - started)

    async def _decode(self, deliveries: Sequence[Delivery], now: datetime) -> list[Message]:
        messages = []
        for delivery in deliveries:
            if delivery.deliveries > 1:
                metrics.REDELIVERIES.labels(self.name).inc()
            try:
                messages.append(decode(delivery, now))
            except Unacceptable as error:
                await self._bury(delivery, str(error))
        return messages

    async def _round(self, messages: list[Message], now: datetime) -> list[Message]:
        """Load, fold, write, publish and acknowledge; returns the messages whose aggregate lost a race."""
        documents = await self._store.locate(messages)
        turn = _Turn[S]()
        for message, document in zip(messages, documents, strict=True):
            await self._fold(turn, message, document, now)
        changed = [d for d in {id(d): d for d in documents}.values() if d.changed]
        lost = await self._store.save(changed) if changed else set()
        self._checkpoint("written")
        if lost:
            metrics.CONFLICTS.labels(self.name).inc(len(lost))
        saved = [d for d in changed if d.id not in lost]
        await self._publish(saved, await self._again(turn.repeated))
        self._checkpoint("published")
        for document in saved:
            for event in document.events:
                self._aggregate.said(event)
        again = [m for m, d in turn.folded if d.id in lost]
        await self._finish([(m, d) for m, d in turn.folded if d.id not in lost], "handled")
        await self._finish(turn.repeated, "repeated")
        return again + turn.later

    async def _fold(self, turn: "_Turn[S]", message: Message, document: Document[S], now: datetime) -> None:
        if message.cause_id in document.causes:
            await self._known(turn, message, document)
            return
        moment = Moment(now, message, document.id, document.version)
        try:
            state, events = self._aggregate.fold(document.state, moment)
        except Refused as error:
            await self._refuse(message, error)
        except Full:
            turn.later.append(message)
        except Unacceptable as error:
            await self._bury(message.delivery, str(error))
        except Exception as error:
            await self._failed(message.delivery, error)
        else:
            if events or state is not document.state:
                document.take(message.cause_id, state, events)
            turn.folded.append((message, document))

    async def _known(self, turn: "_Turn[S]", message: Message, document: Document[S]) -> None:
        assert document.state is not None
        try:
            self._aggregate.again(document.state, message)
        except Unacceptable as error:
            await self._bury(message.delivery, str(error))
        else:
            stored = message.cause_id not in document.new_causes
            (turn.repeated if stored else turn.folded).append((message, document))

    async def _publish(self, saved: list[Document[S]], again: list[Outgoing]) -> None:
        out = again + [from_event(e) for d in saved for e in d.events]
        for d in saved:
            before = self._aggregate.timers(d.stored_state) if d.stored_state is not None else ()
            assert d.state is not None
            out.extend(from_timer(t) for t in self._aggregate.timers(d.state) if t not in before)
        if out:
            await self._outbox.publish(out)

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

    async def _finish(self, done: Sequence[tuple[Message, Document[S]]], outcome: str) -> None:
        for message, document in done:
            if inbox := message.reply_to:
                await self._reply(inbox, message, aggregate_id=str(document.id), version=document.version)
        self._checkpoint("acknowledging")
        for message, _ in done:
            await message.delivery.ack()
        metrics.MESSAGES.labels(self.name, outcome).inc(len(done))

    async def _refuse(self, message: Message, error: Refused) -> None:
        if inbox := message.reply_to:
            await self._reply(inbox, message, ok=False, code=error.code, message_=str(error))
        await message.delivery.ack()
        metrics.MESSAGES.labels(self.name, "refused").inc()

    async def _reply(
        self, inbox: str, message: Message, *, ok: bool = True, aggregate_id: str = "", version: int = 0,
        code: str = "", message_: str = "",
    ) -> None:  # fmt: skip
        reply = Reply(
            command_id=message.cause_id,
            ok=ok,
            aggregate_id=aggregate_id,
            version=version,
            code=code,
            message=message_,
        )
        await self._outbox.reply(inbox, reply.model_dump_json().encode())

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


class Full(Exception):
    """The aggregate takes no more: locate again, the message belongs to the next one."""


class _Turn(Generic[S]):
    """One round's bookkeeping: what was folded, what was known already, what must be located anew."""

    def __init__(self) -> None:
        self.folded: list[tuple[Message, Document[S]]] = []
        self.repeated: list[tuple[Message, Document[S]]] = []
        self.later: list[Message] = []
