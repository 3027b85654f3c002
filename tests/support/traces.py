"""What the services leave behind: in the streams, in the documents, and still undone."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, RawStreamMsg
from nats.js.errors import NotFoundError
from pymongo import AsyncMongoClient

from contracts.topology import DURABLES, Durable
from tests.support.wait import until
from yibao.settings import StackSettings

Json = dict[str, Any]


class Traces:
    settings: StackSettings
    js: JetStreamContext
    mongo: AsyncMongoClient[Json]

    async def backlog(self, *names: str) -> int:
        return sum([_left(await self.js.consumer_info(d.stream, d.name)) for d in DURABLES if d.service in names])

    async def handled(self, *names: str) -> None:
        """Returns when these services have nothing left to do."""

        async def look() -> bool:
            with suppress(NatsError, TimeoutError):
                return all([await self._handled(d) for d in DURABLES if d.service in names])
            return False

        await until(f"{', '.join(names)} handled everything", look)

    async def _handled(self, durable: Durable) -> bool:
        # The server counts a stored message as pending a moment after it has acknowledged it to the publisher.
        stored = max([await self._last(durable.stream, subject) for subject in durable.filters])
        info = await self.js.consumer_info(durable.stream, durable.name)
        return info.delivered is not None and info.delivered.stream_seq >= stored and not _left(info)

    async def _last(self, stream: str, subject: str) -> int:
        with suppress(NotFoundError):
            return (await self.js.get_last_msg(stream, subject)).seq or 0
        return 0

    async def stream(self, name: str) -> list[Json]:
        """The events in a stream, in order."""
        info = await self.js.stream_info(name)
        subscription = await self.js.subscribe(">", stream=name, ordered_consumer=True)
        found: list[Json] = []
        for _ in range(info.state.messages):
            found.append(msgspec.json.decode((await subscription.next_msg(timeout=5)).data))
        await subscription.unsubscribe()
        return found

    async def dead(self) -> Sequence[RawStreamMsg]:
        state = (await self.js.stream_info("DEAD")).state
        return [await self.js.get_msg("DEAD", n) for n in range(max(1, state.first_seq), state.last_seq + 1)]

    async def documents(self, collection: str) -> list[Json]:
        return await self.mongo[self.settings.mongo_db][collection].find().to_list()


def _left(info: ConsumerInfo) -> int:
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
