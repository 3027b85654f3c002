"""Feeds the index from the KNOWLEDGE stream, for ever.

The consumer is ephemeral, because its place is known to the index and not to the server. It is lost with a restart of
the server: being behind and hearing nothing for a second is how that shows, and the answer is a new one.
"""

import asyncio
import time

import msgspec
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo
from pydantic import ValidationError

from chassis.logging import logger
from contracts.knowledge import ArticleEvent
from contracts.registry import SUBJECTS
from services.knowledge import metrics
from services.knowledge.index import ArticleIndex

STREAM = "KNOWLEDGE"
BATCH, PAUSE_S, IDLE_S, STALE_S = 256, 0.2, 1.0, 15.0

log = logger(__name__)


class Behind(Exception):
    """The index does not show what the stream holds."""


class Feed:
    def __init__(self, js: JetStreamContext, index: ArticleIndex) -> None:
        self._js, self._index = js, index
        self._lag: int | None = None
        self._level_at = time.monotonic()
        self._caught_up = False

    async def run(self) -> None:
        """Until cancelled. Trouble with the server is waited out, with a pause that grows to 5 s."""
        pause = PAUSE_S
        while True:
            try:
                await self._follow()
                pause = PAUSE_S
            except Exception as error:
                log.warning("index waits", error=f"{type(error).__name__}: {error}"[:300])
                pause = min(5.0, pause * 2)
            await asyncio.sleep(pause)

    async def check(self) -> None:
        """Raises Behind until the index has caught up once, and when it has not been level for a while."""
        if not self._caught_up:
            raise Behind(f"索引正在建立, 还差 {'若干' if self._lag is None else self._lag} 条")
        if time.monotonic() - self._level_at > STALE_S:
            raise Behind(f"索引已有 {time.monotonic() - self._level_at:.0f} 秒没有跟上事件流")

    async def _follow(self) -> None:
        """Read on with a new consumer until it is lost."""
        await self._measure()
        subscription = await self._subscribe()
        try:
            while True:
                try:
                    messages = await subscription.fetch(BATCH, timeout=IDLE_S)
                except TimeoutError:
                    if await self._measure():
                        return
                    continue
                await self._take(messages)
                if len(messages) < BATCH:
                    await self._measure()
                    await asyncio.sleep(PAUSE_S)
        finally:
            await subscription.unsubscribe()

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._index.position.sequence + 1,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=30.0,
            mem_storage=True,
        )
        return await self._js.pull_subscribe("", stream=STREAM, config=config)

    async def _take(self, messages: list[Msg]) -> None:
        places = [m.metadata.sequence for m in messages]
        if any(after.consumer != before.consumer + 1 for before, after in zip(places, places[1:], strict=False)):
            raise Behind("a message was lost on its way")
        events = [event for m in messages if (event := _event(m)) is not None]
        await asyncio.to_thread(self._index.apply, events, places[-1].stream)
        metrics.ARTICLES.set(len(self._index))

    async def _measure(self) -> int:
        """How many messages the index is behind its stream; begins anew when it is another stream's."""
        info = await self._js.stream_info(STREAM)
        last, created = info.state.last_seq, _created(info)
        if not self._index.belongs_to(created, last):
            log.warning("index begins anew", had=msgspec.to_builtins(self._index.position), stream=created)
            await asyncio.to_thread(self._index.restart, created)
            self._caught_up = False
        self._lag = last - self._index.position.sequence
        metrics.LAG.set(self._lag)
        metrics.ARTICLES.set(len(self._index))
        if not self._lag:
            self._caught_up, self._level_at = True, time.monotonic()
        return self._lag


def _created(info: StreamInfo) -> str:
    return str(info.created)


def _event(message: Msg) -> ArticleEvent | None:
    """None for a message that is no article: the index goes on without it."""
    model = SUBJECTS.get(message.subject)
    if model is None or not issubclass(model, ArticleEvent):
        return None
    try:
        return model.model_validate_json(message.data)
    except ValidationError:
        log.warning("not an article", sequence=message.metadata.sequence.stream)
        return None
