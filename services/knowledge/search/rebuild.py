"""Builds the index anew from the stream's first message, beside the generation that serves, and swaps them.

A crash, or a server that is lost, leaves the one that served. A new one takes over only when it knows at least as much.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chassis.errors import Refused
from chassis.logging import logger
from chassis.position import Position
from services.knowledge import metrics
from services.knowledge.search.building import Building
from services.knowledge.search.generation import Generation
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.messages import STREAM, Lost, events_of, fetched
from services.knowledge.search.schema import FORMAT

BATCH, WAIT_S = 2_000, 1.0

log = logger(__name__)


class Rebuild:
    """`done` of `of` messages of the stream are read, by the rebuild that goes on or by the last one."""

    def __init__(self, js: JetStreamContext, index: ArticleIndex) -> None:
        self._js, self._index = js, index
        self.running = False
        self.done = self.of = self.documents = 0
        self.failed = ""
        self._began = self._took = 0.0

    @property
    def per_second(self) -> float:
        """Messages read per second."""
        took = time.monotonic() - self._began if self.running else self._took
        return self.done / took if took else 0.0

    async def run(self) -> None:
        """Returns when the new generation serves. Raises Refused while another rebuild goes on."""
        if self.running:
            raise Refused("rebuilding", "索引正在重建: 请在 GET /index 查看进度, 完成后再试")
        self.running, self.failed, self._began = True, "", time.monotonic()
        self.done = self.of = self.documents = 0
        try:
            await self._run()
        except BaseException as error:
            self.failed = type(error).__name__
            raise
        finally:
            self.running, self._took = False, time.monotonic() - self._began
            metrics.REBUILDING.set(0)

    async def _run(self) -> None:
        info = await self._js.stream_info(STREAM)
        created, self.of = str(info.created), info.state.last_seq
        log.info("index is built anew", stream=created, messages=self.of)
        metrics.REBUILDING.set(1)
        building = await asyncio.to_thread(self._index.building, created)
        try:
            reached = await self._read(building)
            new = await asyncio.to_thread(building.finished, reached)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(building.given_up))
            raise
        await self._catch_up(new)
        log.info("index was built anew", documents=self.documents, seconds=round(time.monotonic() - self._began, 1))

    async def _read(self, building: Building) -> int:
        """Everything that was in the stream at first; the next messages are fetched while these are taken in."""
        taking: asyncio.Task[None] | None = None
        try:
            async for messages in self._messages(1, self.of):
                if taking:
                    await taking
                taking = asyncio.create_task(asyncio.to_thread(_take, building, messages))
                self.done, self.documents = messages[-1].metadata.sequence.stream, building.documents
                metrics.REBUILT.set(self.done)
        finally:
            if taking:
                await taking
        self.documents = building.documents
        return self.of

    async def _catch_up(self, new: Generation) -> None:
        """Take in what was said meanwhile, until it may take over."""
        try:
            while not await asyncio.to_thread(self._index.swap, new):
                last = self._index.position.sequence
                async for messages in self._messages(new.position.sequence + 1, last):
                    at = Position(FORMAT, new.position.stream, messages[-1].metadata.sequence.stream)
                    await asyncio.to_thread(_take_more, new, messages, at)
                await asyncio.to_thread(new.commit, Position(FORMAT, new.position.stream, last))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_give_up, new))
            raise

    async def _messages(self, first: int, last: int) -> AsyncIterator[list[Msg]]:
        """The messages from `first` to `last`, in batches. Raises Lost when one of them is lost on its way."""
        if first > last:
            return
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=first, ack_policy=AckPolicy.NONE,
            inactive_threshold=30.0, mem_storage=True,
        )  # fmt: skip
        subscription = await self._js.pull_subscribe("", stream=STREAM, config=config)
        heard, at = 0, first - 1
        try:
            while at < last:
                if not (messages := await fetched(subscription, BATCH, WAIT_S)):
                    info = await subscription.consumer_info()
                    if info.num_pending or info.delivered is None or info.delivered.consumer_seq != heard:
                        raise Lost("the consumer is lost")
                    return  # the rest was removed
                heard += len(messages)
                if messages[-1].metadata.sequence.consumer != heard:
                    raise Lost("a message was lost on its way")
                at = messages[-1].metadata.sequence.stream
                yield messages
        finally:
            await subscription.unsubscribe()


def _take(building: Building, messages: list[Msg]) -> None:
    building.take(events_of(messages))


def _take_more(new: Generation, messages: list[Msg], at: Position) -> None:
    new.take(events_of(messages))
    new.commit(at)


def _give_up(new: Generation) -> None:
    new.close()
    new.delete()
