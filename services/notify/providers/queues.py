"""The queues of providers: two durables each on the stream DELIVERY, the urgent one always first.

A message is taken one at a time and only by who can hand it over now: nothing waits unacknowledged in memory, and an
urgent one overtakes a backlog of any length. The consumers follow from the file of providers, so notify makes them.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Literal

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.provision import consumer_config
from contracts.topology import Durable
from services.notify.providers.pulls import Pulls, Taken

STREAM = "DELIVERY"
Lane = Literal["urgent", "normal"]
LANES: tuple[Lane, Lane] = ("urgent", "normal")
ACK_WAIT_S = 25.0
LOOK_EVERY_S = 2.0
_SOON_S = (0.01, 0.03, 0.1, 0.3)


def durables(provider: str) -> tuple[Durable, Durable]:
    """The urgent one first: `notify-delivery-<provider>-urgent`, `-normal`."""
    urgent, normal = (
        Durable(
            service="notify", stream=STREAM, part=f"{provider}-{lane}", filters=(f"delivery.{lane}.{provider}",),
            ack_wait_s=ACK_WAIT_S,
        )
        for lane in LANES
    )  # fmt: skip
    return urgent, normal


async def provide(js: JetStreamContext, provider: str) -> None:
    """Make or update both durables; safe at any time."""
    for durable in durables(provider):
        await js.add_consumer(STREAM, consumer_config(durable))


async def remove(js: JetStreamContext, provider: str) -> None:
    for durable in durables(provider):
        with suppress(NotFoundError):
            await js.delete_consumer(STREAM, durable.name)


async def strangers(js: JetStreamContext, known: Collection[str]) -> set[str]:
    """Providers that have durables or messages, and are not in the file any more."""
    subjects = (await js.stream_info(STREAM, subjects_filter=">")).state.subjects or {}
    found = {subject.rsplit(".", 1)[1] for subject in subjects}
    for info in await js.consumers_info(STREAM):
        provider, _, lane = info.name.removeprefix("notify-delivery-").rpartition("-")
        if info.name.startswith("notify-delivery-") and lane in LANES:
            found.add(provider)
    return found - set(known)


class Queue:
    """Both durables of one provider. Each caller of `take` gets a message of his own."""

    def __init__(self, nc: Client, js: JetStreamContext, provider: str) -> None:
        self._nc, self._js, self._provider = nc, js, provider
        self._names = [durable.name for durable in durables(provider)]
        self._news = asyncio.Event()
        self._heard: Subscription | None = None
        self._pulls = Pulls(nc)

    async def provide(self) -> None:
        await provide(self._js, self._provider)

    async def listen(self) -> None:
        """Hear of new messages at once; without it they are found within LOOK_EVERY_S."""

        async def hear(_: Msg) -> None:
            self._news.set()

        self._heard = await self._nc.subscribe(f"delivery.*.{self._provider}", cb=hear)

    async def close(self) -> None:
        """Give up what the connection would otherwise hear for ever."""
        if self._heard is not None:
            await self._heard.unsubscribe()
        await self._pulls.close()

    async def take(self) -> Taken:
        """The next message, urgent before normal; waits for one. Raises ConsumerGone."""
        while True:
            if taken := await self._look():
                return taken
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            if self._news.is_set() and (taken := await self._look_soon()):
                return taken

    async def _look_soon(self) -> Taken | None:
        """The news of a message may be here before the message is stored."""
        self._news.clear()
        for pause_s in _SOON_S:
            if taken := await self._look():
                return taken
            await asyncio.sleep(pause_s)
        return None

    async def _look(self) -> Taken | None:
        for name in self._names:
            if taken := await self._pulls.pull(STREAM, name):
                return taken
        return None
