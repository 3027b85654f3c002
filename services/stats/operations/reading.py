"""Reads a stream whole, fast: a callback takes messages a batch at a time.

nats-py's `fetch` starts two tasks for every message, and parsing the metadata of each takes as long again: a million
events would take two minutes. Here only the last message of a batch is looked at, which tells whether one was lost.
"""

import asyncio
import json
from collections.abc import AsyncGenerator

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

BATCH, WAIT_S = 500, 10.0


class Lost(Exception):
    """A message was lost on its way, or the consumer is gone: what was read is not all."""


async def read(js: JetStreamContext, stream: str) -> AsyncGenerator[list[bytes], None]:
    """The bodies of all messages that the stream holds now, oldest first. No consumer of the desk is moved.

    Raises Lost, or TimeoutError when nothing comes.
    """
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, inactive_threshold=120.0, mem_storage=True
    )
    made = await js.add_consumer(stream, config)
    heard, left = 0, made.num_pending or 0
    client: Client = js._nc
    asking = _Asking(client, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{made.name}")
    await asking.start()
    try:
        while left:
            messages = await asking.batch(min(BATCH, left))
            heard, left = heard + len(messages), left - len(messages)
            if messages[-1].metadata.sequence.consumer != heard:
                raise Lost(f"{stream}: {heard} messages came, the last is another one")
            yield [message.data for message in messages]
    finally:
        await asking.stop()
        await js.delete_consumer(stream, made.name)


class _Asking:
    """One request at a time, answered by as many messages as it asks for."""

    def __init__(self, client: Client, subject: str) -> None:
        self._client, self._next, self._inbox = client, subject, client.new_inbox()
        self._taken: list[Msg] = []
        self._whole, self._wanted = asyncio.Event(), 0

    async def start(self) -> None:
        self._subscription = await self._client.subscribe(self._inbox, cb=self._take)

    async def stop(self) -> None:
        await self._subscription.unsubscribe()

    async def batch(self, size: int) -> list[Msg]:
        self._taken, self._wanted = [], size
        self._whole.clear()
        request = {"batch": size, "expires": int(WAIT_S * 1e9)}
        await self._client.publish(self._next, json.dumps(request).encode(), reply=self._inbox)
        await asyncio.wait_for(self._whole.wait(), WAIT_S)
        if len(self._taken) < size:
            raise Lost(f"{len(self._taken)} of {size} messages came")
        return self._taken

    async def _take(self, message: Msg) -> None:
        if message.headers is not None and "Status" in message.headers:
            self._whole.set()  # the server ends the request: what is missing will not come
            return
        self._taken.append(message)
        if len(self._taken) == self._wanted:
            self._whole.set()
