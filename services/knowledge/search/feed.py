"""Feeds the index from the KNOWLEDGE stream, for ever.

The consumer is ephemeral, because its place is known to the index and not to the server. It is lost with a restart of
the server: being behind and hearing nothing for a second is how that shows, and the answer is a new one.
"""

import asyncio
import time
from typing import Any

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chassis.errors import Refused
from chassis.logging import logger
from services.knowledge import metrics
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.messages import STREAM, Lost, events_of, fetched
from services.knowledge.search.rebuild import Rebuild

BATCH, PAUSE_S, IDLE_S, STALE_S = 1_000, 0.2, 1.0, 15.0

log = logger(__name__)


class Behind(Lost):
    """The index does not show what the stream holds, and has to read on from where it is."""


class Feed:
    def __init__(self, js: JetStreamContext, index: ArticleIndex) -> None:
        self._js, self._index = js, index
        self.rebuilding = Rebuild(js, index)
        self._heard = 0  # messages of the present consumer
        self._lag: int | None = None
        self._level_at: float | None = None
        self._pause = PAUSE_S
        self._wanted, self._level = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Trouble with the server is waited out, with a pause that grows to 5 s."""
        while True:
            try:
                await self._follow()
            except Exception as error:
                log.warning("index reads on", error=f"{type(error).__name__}: {error}"[:300])
                self._pause = min(5.0, self._pause * 2)
            await asyncio.sleep(self._pause)

    async def check(self) -> None:
        """Raises Behind until the index has caught up once, and when it has not been level for a while. One that is
        built anew beside an older one serves."""
        if self._level_at is None and self.rebuilding.running and len(self._index):
            return
        if self._level_at is None:
            raise Behind(f"索引正在建立, 还差 {'若干' if self._lag is None else self._lag} 条")
        if (silent := time.monotonic() - self._level_at) > STALE_S:
            raise Behind(f"索引已有 {silent:.0f} 秒没有跟上事件流")

    async def level(self) -> None:
        """Returns when the index has caught up once."""
        await self._level.wait()

    def rebuild(self) -> None:
        """Have the index built anew, beside the one that serves. Raises Refused while that goes on already."""
        if self.rebuilding.running or self._wanted.is_set():
            raise Refused("rebuilding", "索引正在重建: 请在 GET /index 查看进度, 完成后再试")
        self._wanted.set()

    async def rebuilds(self) -> None:
        """Until cancelled: builds anew whenever somebody wants it."""
        while True:
            await self._wanted.wait()
            try:
                await self.rebuilding.run()
            except Exception as error:
                log.warning("index was not built anew", error=f"{type(error).__name__}: {error}"[:300])
            finally:
                self._wanted.clear()

    def told(self) -> dict[str, Any]:
        """How far the index has read, how far it is behind (None: not known yet), and how the last rebuild went."""
        position, rebuild = self._index.position, self.rebuilding
        return {
            "position": {"stream": position.stream, "sequence": position.sequence},
            "behind": self._lag,
            "rebuild": {
                "running": rebuild.running or self._wanted.is_set(), "done": rebuild.done, "of": rebuild.of,
                "documents": rebuild.documents, "per_second": round(rebuild.per_second), "failed": rebuild.failed,
            },
        }  # fmt: skip

    async def _follow(self) -> None:
        """Read on with a new consumer until it is lost."""
        await self._own()
        subscription = await self._subscribe()
        try:
            while True:
                if not (messages := await fetched(subscription, BATCH, IDLE_S)):
                    await self._expect_nothing(subscription)
                    continue
                await self._take(messages)
                if len(messages) < BATCH:
                    await self._measure(drained=True)
                    await asyncio.sleep(PAUSE_S)
        finally:
            await subscription.unsubscribe()

    async def _own(self) -> None:
        """Build the index anew when it is another stream's, or of an older format; what it holds serves until then."""
        last, created = await self._stream()
        if not self._index.belongs_to(created, last):
            self._level_at = None
            await self.rebuilding.run()

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._index.position.sequence + 1,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=30.0,
            mem_storage=True,
        )
        self._heard = 0
        return await self._js.pull_subscribe("", stream=STREAM, config=config)

    async def _take(self, messages: list[Msg]) -> None:
        places = [m.metadata.sequence for m in messages]
        if [p.consumer for p in places] != list(range(self._heard + 1, self._heard + 1 + len(places))):
            raise Behind("a message was lost on its way")
        await asyncio.to_thread(self._index.apply, events_of(messages), places[-1].stream)
        self._heard += len(messages)

    async def _expect_nothing(self, subscription: JetStreamContext.PullSubscription) -> None:
        """Raises Behind (or NotFoundError) when something should have come; messages that were removed will not."""
        if not await self._measure():
            return
        last, _ = await self._stream()
        info = await subscription.consumer_info()
        if info.num_pending or info.delivered is None or info.delivered.consumer_seq != self._heard:
            raise Behind("the consumer is lost")
        await asyncio.to_thread(self._index.apply, [], last)
        await self._measure()

    async def _measure(self, drained: bool = False) -> int:
        """How many messages the index is behind. Raises Behind when the stream is another one now.

        A batch that was not full had drained the stream: under load that is as level as it gets.
        """
        last, created = await self._stream()
        if not self._index.belongs_to(created, last):
            raise Behind("the stream is another one now")
        self._lag = last - self._index.position.sequence
        metrics.LAG.set(self._lag)
        metrics.ARTICLES.set(len(self._index))
        if drained or not self._lag:
            self._level_at, self._pause = time.monotonic(), PAUSE_S
            self._level.set()
        return self._lag

    async def _stream(self) -> tuple[int, str]:
        """The stream's last sequence, and when it was created: its identity."""
        info = await self._js.stream_info(STREAM)
        return info.state.last_seq, str(info.created)
