"""Follows a stream from its first message on, so that a process can keep a picture of it in memory.

Every process that follows hears everything, unlike with a durable, whose messages are divided among the processes.
The consumer is ephemeral: its place is known here and not to the server, and where it is lost, another begins behind
the last message that was heard.
"""

import asyncio
from collections.abc import Callable, Sequence

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from pydantic import ValidationError

from chassis.logging import logger
from contracts.envelope import Event
from contracts.subjects import model_of

BATCH, IDLE_S, PAUSE_S = 256, 5.0, 0.2

log = logger(__name__)


class Behind(Exception):
    """What is in memory does not show yet what the stream holds."""


class Follower:
    """Calls `hear` with every event of `stream`, in order; `forget` when the stream is another one now.

    An event may come twice: the broker keeps a repeated one that comes after its window of duplicates.
    """

    def __init__(
        self,
        js: JetStreamContext,
        stream: str,
        hear: Callable[[Event], None],
        forget: Callable[[], None],
        subjects: Sequence[str] = (),
    ) -> None:
        self._js, self._stream, self._subjects = js, stream, subjects
        self._hear, self._forget = hear, forget
        self._created = ""
        self._position = 0  # the stream's sequence of the last message that was heard
        self._heard = 0  # messages of the present consumer
        self._level = asyncio.Event()
        self._pause = PAUSE_S

    async def run(self) -> None:
        """Until cancelled. Trouble with the server is waited out, with a pause that grows to 5 s."""
        while True:
            try:
                await self._follow()
            except Exception as error:
                log.warning("reads on", stream=self._stream, error=f"{type(error).__name__}: {error}"[:300])
                self._pause = min(5.0, self._pause * 2)
            await asyncio.sleep(self._pause)

    async def caught_up(self) -> None:
        """Returns when everything that was in the stream at the start has been heard."""
        await self._level.wait()

    async def check(self) -> None:
        """For readiness. Raises Behind until the stream has been heard once; an outage later leaves the picture."""
        if not self._level.is_set():
            raise Behind(f"{self._stream} 正在读取, 已读到第 {self._position} 条")

    async def _follow(self) -> None:
        await self._own()
        subscription = await self._subscribe()
        try:
            await self._expect_nothing(subscription)
            while True:
                try:
                    self._take(await subscription.fetch(BATCH, timeout=IDLE_S))
                except TimeoutError:
                    await self._expect_nothing(subscription)
                self._pause = PAUSE_S
        finally:
            await subscription.unsubscribe()

    async def _own(self) -> None:
        """Begin anew when the stream was created anew."""
        info = await self._js.stream_info(self._stream)
        created = str(info.created)
        if created != self._created or info.state.last_seq < self._position:
            self._created, self._position = created, 0
            self._level.clear()
            self._forget()

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._position + 1,
            filter_subjects=list(self._subjects) or None,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60.0,
            mem_storage=True,
        )
        self._heard = 0
        return await self._js.pull_subscribe("", stream=self._stream, config=config)

    def _take(self, messages: list[Msg]) -> None:
        for message in messages:
            place = message.metadata.sequence
            if place.consumer != self._heard + 1:
                raise Behind("a message was lost on its way")
            if (event := _event(message)) is not None:
                self._hear(event)
            self._heard, self._position = place.consumer, place.stream
        if messages and not messages[-1].metadata.num_pending:
            self._level.set()

    async def _expect_nothing(self, subscription: JetStreamContext.PullSubscription) -> None:
        """Nothing came: either there is nothing, or the consumer is lost, as after a restart of the server."""
        info = await subscription.consumer_info()
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if delivered != self._heard:
            raise Behind("the consumer is lost")
        if not info.num_pending:
            self._level.set()


def _event(message: Msg) -> Event | None:
    """None for what is no event that we know: whoever follows goes on without it."""
    model = model_of(message.subject)
    if model is None or not issubclass(model, Event):
        return None
    try:
        return model.model_validate_json(message.data)
    except ValidationError:
        log.warning("not by its contract", subject=message.subject, sequence=message.metadata.sequence.stream)
        return None
