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
from typing import Generic, TypeVar

import msgspec

from chassis.batch import Batch
from chassis.errors import Unstorable
from chassis.folding import DELAYS_S, Busy, Folding
from chassis.logging import logger
from chassis.message import Delivery
from chassis.ports import Aggregate, Inbox, Outbox, Store

S = TypeVar("S", bound=msgspec.Struct)

LANES = 2
SUSPECT_AFTER = 4

log = logger(__name__)


def apart(deliveries: Sequence[Delivery]) -> list[Sequence[Delivery]]:
    """One batch, and each message that has failed again and again by itself, so that it holds up nobody else."""
    suspects = [d for d in deliveries if d.deliveries > SUSPECT_AFTER]
    if not suspects:
        return [deliveries] if deliveries else []
    fresh = [d for d in deliveries if d.deliveries <= SUSPECT_AFTER]
    return [*([fresh] if fresh else []), *([d] for d in suspects)]


class _Turn:
    """A lane's turn to fetch and to find its documents: what came first is also first at its document."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock, self._mine = lock, False

    async def __aenter__(self) -> "_Turn":
        self._mine = await self._lock.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.pass_on()

    def pass_on(self) -> None:
        if self._mine:
            self._mine = False
            self._lock.release()


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
        busy: Busy | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        checkpoint: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.name = name
        self._aggregate, self._inbox, self._outbox = aggregate, inbox, outbox
        self._folding = Folding(name, aggregate, store, outbox, {} if busy is None else busy)
        self._most, self._clock, self._checkpoint = batch, clock, checkpoint
        self._outages = 0
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled. Trouble with a server is waited out, with a pause that grows to 5 s."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(self._lane())

    async def _lane(self) -> None:
        lane = asyncio.current_task()
        assert lane is not None
        while not lane.cancelling():  # asked for, because nats-py and asyncio.wait_for swallow a cancellation at times
            try:
                async with _Turn(self._turn) as turn:
                    deliveries = await self._inbox.fetch(self._most, wait_s=5.0)
                    for batch in apart(deliveries):
                        await self.handle(batch, turn.pass_on)
                self._outages = 0
            except Exception as error:
                self._outages += 1
                log.warning("loop waits", loop=self.name, error=f"{type(error).__name__}: {error}"[:100])
                await asyncio.sleep(min(5.0, 0.25 * 2**self._outages))

    async def handle(self, deliveries: Sequence[Delivery], located: Callable[[], None] = lambda: None) -> None:
        """Handle one batch to its end. Raises when a server is out of reach, after handing the batch back."""
        now = self._clock()
        batch = Batch[S](deliveries, now.replace(microsecond=now.microsecond // 1000 * 1000), time.perf_counter())
        self._checkpoint("fetched")
        try:
            await self._folding.write(batch, located)
            self._checkpoint("written")
            await self._settle(batch)
        except Unstorable as error:
            # Alone it is this message that no server takes; among others it is sent apart first.
            if len(deliveries) > 1:
                await self._hand_back(deliveries)
                raise
            await self._folding.bury(deliveries[0], str(error))
        except (Exception, asyncio.CancelledError):  # stopped half-way, too: it comes again at once, not after ack_wait
            await self._hand_back(deliveries)
            raise
        finally:
            self._folding.free(batch)
        for event in batch.said:
            self._aggregate.said(event)
        batch.count(self.name)

    async def _settle(self, batch: Batch[S]) -> None:
        """Publish what the batch said, answer its commands, acknowledge its messages."""
        if batch.outgoing:
            await self._outbox.publish(batch.outgoing)
        self._checkpoint("published")
        for inbox, answer in batch.replies():
            await self._outbox.reply(inbox, answer.model_dump_json().encode())
        self._checkpoint("acknowledging")
        await self._inbox.acknowledge([message.delivery for message in batch.finished()])

    async def _hand_back(self, deliveries: Sequence[Delivery]) -> None:
        # Best effort: what cannot be handed back comes again by itself after ack_wait, or was acknowledged already.
        for delivery in deliveries:
            with suppress(Exception):
                await delivery.nak(DELAYS_S[0] if delivery.deliveries <= SUSPECT_AFTER else DELAYS_S[1])
