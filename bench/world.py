"""A desk of the bench's own: fresh directory, free ports, real servers, real services as processes."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from pymongo.asynchronous.database import AsyncDatabase

from chassis import store
from chassis.broker import NatsOutbox, dial
from yibao.settings import StackSettings
from yibao.stack import running_stack
from yibao.supervisor import Supervisor


class World:
    """What a bench needs of the running desk."""

    def __init__(self, settings: StackSettings, supervisor: Supervisor, nc: Client, db: AsyncDatabase[Any]) -> None:
        self.settings, self.supervisor, self.nc, self.db = settings, supervisor, nc, db
        self.js: JetStreamContext = nc.jetstream(timeout=30)
        self.outbox = NatsOutbox(nc)

    async def count(self, stream: str) -> int:
        return (await self.js.stream_info(stream)).state.messages

    async def grown(self, stream: str, to: int, within_s: float = 300.0) -> float:
        """The time (perf_counter) at which `stream` held `to` messages."""
        deadline = time.perf_counter() + within_s
        while (have := await self.count(stream)) < to:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{stream} holds {have} of {to} messages after {within_s:g} s")
            await asyncio.sleep(0.02)
        return time.perf_counter()


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    # The benches count events, none of the desk's own among them, and ask faster than people.
    os.environ |= {"YIBAO_SLA_CANARY_S": "0", "YIBAO_CONSOLE_REQUESTS_PER_MIN": "0"}
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        own = StackSettings.apart(Path(directory))
        async with running_stack(own, print) as supervisor:
            settings = own.located()
            nc = await dial(settings)
            client = store.connect(settings.mongo_url)
            here = World(settings, supervisor, nc, client[settings.mongo_db])
            try:
                yield here
            finally:
                await nc.close()
                await client.close()
