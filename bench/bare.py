"""The bare parts without any domain: what JetStream, MongoDB and a loop of nothing but them can do here."""

import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError
from pymongo import InsertOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from bench.load import batches, messages
from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from chassis.provision import stream_config
from contracts.topology import Stream
from services.intake.store import INDEXES

FETCH = 256


async def timed(work: Callable[[], Awaitable[int]]) -> float:
    """Things per second."""
    started = time.perf_counter()
    n = await work()
    return n / (time.perf_counter() - started)


async def _ms(work: Awaitable[Any]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


class Bare:
    """Streams and a collection of its own beside the product's; the same bodies, batches and durability."""

    def __init__(self, nc: Client, js: JetStreamContext, db: AsyncDatabase[Any]) -> None:
        self.nc, self.js, self.cases = nc, js, db["cases"]
        self.db, self.collection = db, db["bare"]
        self.kept = db["bare_originals"].with_options(write_concern=WriteConcern(w=1))
        self.documents: list[dict[str, Any]] = []
        self.originals: dict[Any, dict[str, Any]] = {}
        self.outbox = NatsOutbox(nc)

    async def prepare(self, n: int) -> None:
        """`n` messages wait in a fresh stream; the collection is empty and indexed as intake's is."""
        await self.collection.drop()
        await self.kept.drop()
        await self.collection.create_indexes(INDEXES)
        for name in ("BAREIN", "BAREOUT"):
            await self._fresh(name)
        await self.js.add_consumer(
            "BAREIN", ConsumerConfig(durable_name="intake-barein", ack_policy=AckPolicy.EXPLICIT)
        )
        for batch in batches(messages("bare", n)):
            await self.publish("barein.x", [o.body for o in batch])

    async def borrow(self, n: int) -> None:
        """Take over the documents that intake has just written: the bare loop writes and publishes the same bytes."""
        self.documents = [d async for d in self.cases.find({}, limit=n)]
        assert len(self.documents) == n
        self.originals = {d["_id"]: d async for d in self.db["originals"].find({})}

    async def publish(self, subject: str, bodies: list[bytes]) -> None:
        """One atomic batch, past the topology that knows nothing of these streams."""
        outs = [Outgoing(subject, body, uuid4().hex) for body in bodies]
        await self.outbox._publish_batch(subject.split(".", maxsplit=1)[0].upper(), outs)

    async def loop(self, n: int) -> int:
        """Fetch, bulk write, atomic publish, acknowledge, by the libraries' own calls, one after the other.

        It writes intake's documents and originals and publishes its events without making them.
        """
        subscription = await self.js.pull_subscribe_bind(durable="intake-barein", stream="BAREIN")
        done = 0
        while done < n:
            fetched = await subscription.fetch(FETCH, timeout=5)
            documents = self.documents[done : done + len(fetched)]
            if originals := [o for d in documents if (o := self.originals.get(d["causes"][0]))]:
                await self.kept.insert_many(originals, ordered=False)
            await self.collection.bulk_write([InsertOne(d) for d in documents], ordered=False)
            await self.publish("bareout.x", [d["history"][0].encode() for d in documents])
            for message in fetched:
                await message.ack()
            done += len(fetched)
        await subscription.unsubscribe()
        return done

    async def publish_only(self, n: int) -> int:
        bodies = [o.body for o in messages("p", FETCH)]
        for _ in range(0, n, FETCH):
            await self.publish("bareout.x", bodies)
        return n

    async def fetch_only(self, n: int) -> int:
        subscription = await self.js.pull_subscribe_bind(durable="intake-barein", stream="BAREIN")
        done = 0
        while done < n:
            fetched = await subscription.fetch(FETCH, timeout=5)
            for m in fetched:
                await m.ack()
            done += len(fetched)
        return done

    async def write_only(self, n: int) -> int:
        bodies = [o.body.decode() for o in messages("w", FETCH)]
        for _ in range(0, n, FETCH):
            rows = [InsertOne({"_id": uuid4(), "version": 1, "causes": [uuid4()], "history": [b]}) for b in bodies]
            await self.collection.bulk_write(rows, ordered=False)
        return n

    async def single(self) -> str:
        """One publish and one write, each waited for, in ms: what a hop cannot be faster than."""
        await self._fresh("BAREOUT")
        publish = statistics.median([await _ms(self.publish("bareout.x", [b"{}"])) for _ in range(50)])
        write = statistics.median([await _ms(self.collection.insert_one({"_id": uuid4()})) for _ in range(50)])
        return f"one publish {publish:.1f} ms, one write {write:.1f} ms; a message takes three and two of them"

    async def _fresh(self, name: str) -> None:
        with contextlib.suppress(NotFoundError):
            await self.js.delete_stream(name)
        stream = Stream(name=name, subjects=(f"{name.lower()}.*",), publishers=("bench",), max_age_s=0, purpose="bench")
        await self.js.add_stream(stream_config(stream))
