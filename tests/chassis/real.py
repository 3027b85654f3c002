"""The same world on a real nats-server and a real mongod; a message that is not acknowledged is back in a second."""

from contextlib import suppress
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError
from pymongo import AsyncMongoClient

from chassis import broker
from chassis.broker import NatsOutbox
from chassis.inbox import NatsDelivery, NatsInbox
from chassis.message import REPLY_TO, Message
from chassis.outgoing import Outgoing
from chassis.provision import consumer_config, stream_config
from chassis.store import Document, Raw, Repository
from contracts.envelope import Reply
from contracts.topology import STREAMS, Durable
from tests.chassis.ledger import Ledger, id_of
from tests.chassis.world import DURABLES, Stored
from tests.support.wait import until

ACK_WAIT_S = 1.0
_STREAMS = {s.name: s for s in STREAMS if s.name in (*DURABLES, "CASE", "DEAD")}


class Whole(NatsInbox):
    """All that waits, up to `most`, in one batch: what a test calls a batch is not the network's accident."""

    async def fetch(self, most: int, wait_s: float) -> list[NatsDelivery]:
        batch = await super().fetch(most, wait_s)
        while batch and len(batch) < most and (more := await super().fetch(most - len(batch), 0.2)):
            batch += more
        return batch


class Ledgers(Repository[Ledger]):
    def id_of(self, message: Message) -> UUID:
        return id_of(message)


class RealWorld:
    def __init__(self, nc: Client, mongo: AsyncMongoClient[Raw]) -> None:
        self.nc, self.js = nc, nc.jetstream(timeout=broker.TIMEOUT_S)
        self.outbox = NatsOutbox(nc)
        self.store = Ledgers(mongo["suite"]["ledgers"], Ledger)
        self._inboxes: dict[str, Whole] = {}
        self._heard: dict[str, list[Reply]] = {}

    async def clear(self) -> None:
        """Streams, durables and documents as on the first day."""
        for inbox in self._inboxes.values():
            await inbox.close()
        await self.store.collection.delete_many({})
        for name, stream in _STREAMS.items():
            with suppress(NotFoundError):
                await self.js.delete_stream(name)
            await self.js.add_stream(stream_config(stream))
        for durable in DURABLES.values():
            config = consumer_config(durable.model_copy(update={"ack_wait_s": ACK_WAIT_S}))
            await self.js.add_consumer(durable.stream, config)
            self._inboxes[durable.stream] = Whole(self.nc, durable)

    def inbox(self, stream: str) -> Whole:
        return self._inboxes[stream]

    async def put(self, subject: str, body: bytes, id_: str | None = None, reply_to: str | None = None) -> None:
        headers = {REPLY_TO: reply_to} if reply_to else {}
        await self.outbox.publish([Outgoing(subject, body, id_, headers)])

    async def backlog(self) -> int:
        return sum([await self._left(durable) for durable in DURABLES.values()])

    async def _left(self, durable: Durable) -> int:
        # The server counts a stored message as pending a moment after it has acknowledged it to the publisher.
        stored = (await self.js.stream_info(durable.stream)).state.last_seq
        info = await self.js.consumer_info(durable.stream, durable.name)
        delivered = info.delivered.stream_seq if info.delivered else 0
        return max(info.num_pending or 0, stored - delivered) + (info.num_ack_pending or 0)

    async def stream(self, name: str) -> list[Stored]:
        state = (await self.js.stream_info(name)).state
        letters = [await self.js.get_msg(name, seq) for seq in range(max(1, state.first_seq), state.last_seq + 1)]
        return [Stored(m.subject or "", m.data or b"", m.headers or {}) for m in letters]

    async def ledgers(self) -> dict[UUID, Document[Ledger]]:
        return {d.id: d for d in await self.store.read({})}

    async def listen(self) -> str:
        inbox = self.nc.new_inbox()
        heard = self._heard[inbox] = []

        async def hear(msg: Msg) -> None:
            heard.append(Reply.model_validate_json(msg.data))

        await self.nc.subscribe(inbox, cb=hear)
        return inbox

    async def replies(self, inbox: str, n: int) -> list[Reply]:
        async def all_of_them() -> list[Reply] | None:
            return self._heard[inbox] if len(self._heard[inbox]) >= n else None

        return await until(f"{n} replies", all_of_them)
