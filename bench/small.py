"""A desk of two servers and few services, each started, stopped and killed by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from bench.processes import rss_mb
from chassis import broker, store
from chassis.broker import NatsOutbox
from yibao.embedded import mongod, nats_server
from yibao.passwords import made
from yibao.preparing import mongo_ready, provision
from yibao.process import Process
from yibao.settings import StackSettings
from yibao.supervisor import serving

WITHIN_S = 120.0


class Small:
    """`js`, `db` and `outbox` are the bench's own connections."""

    def __init__(self, own: StackSettings, http: httpx.AsyncClient) -> None:
        made(own.data_dir)
        self._own, self._http, self.settings = own, http, own.located()
        self._processes: dict[str, Process] = {}

    async def connect(self) -> None:
        self._frame = broker.connect(self.settings, "bench")
        client = await self._frame.connect()
        self.js, self.outbox = client.jetstream(timeout=30), NatsOutbox(client)
        self.mongo = store.connect(self.settings.mongo_url)
        self.db = self.mongo[self.settings.mongo_db]

    async def close(self) -> None:
        await self._frame.stop()
        await self.mongo.close()

    async def start(self, name: str) -> float:
        """`nats`, `mongo` or a service; seconds from the command until it is ready."""
        started = time.perf_counter()
        self._processes[name] = process = self._made(name)
        await process.start()
        if name == "nats":
            await self._listening()
        elif name == "mongo":
            await mongo_ready(self.settings.mongo_url, self._own.mongo_port, WITHIN_S)
        else:
            await self.ready(name)
        return time.perf_counter() - started

    def _made(self, name: str) -> Process:
        if name in ("nats", "mongo"):
            return nats_server(self._own) if name == "nats" else mongod(self._own)
        return serving(self.settings, name, YIBAO_SLA_CANARY_S="0")

    async def end(self, name: str, kill: bool = False) -> None:
        process = self._processes[name]
        await (process.kill() if kill else process.stop(WITHIN_S))

    async def stop(self) -> None:
        for name in reversed(self._processes):
            await self.end(name)

    async def ready(self, service: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while True:
                with suppress(httpx.HTTPError):
                    if (await self._http.get(f"{self.settings.url(service)}/health/ready")).is_success:
                        return
                await asyncio.sleep(0.02)

    async def _listening(self) -> None:
        # A client waits two seconds after a first attempt that is refused, longer than the server takes.
        client = await broker.dial(self.settings, reconnect_time_wait=0.01, max_reconnect_attempts=-1, error_cb=_quiet)
        async with asyncio.timeout(WITHIN_S):
            await _answers(client.jetstream(timeout=WITHIN_S))
        await client.close()

    async def connected(self) -> None:
        """Returns when the bench's own connection is back."""
        async with asyncio.timeout(WITHIN_S):
            await _answers(self.js)

    def rss_mb(self, name: str) -> float:
        pid = self._processes[name].pid
        assert pid is not None
        return rss_mb(pid)

    async def grown(self, stream: str, to: int) -> None:
        """Returns when `stream` holds `to` messages."""
        async with asyncio.timeout(10 * WITHIN_S):
            while True:
                if (await self.js.stream_info(stream)).state.messages >= to:
                    return
                await asyncio.sleep(0.2)


async def _answers(js: JetStreamContext) -> None:
    while True:
        with suppress(NatsError, TimeoutError):
            await js.account_info()
            return
        await asyncio.sleep(0.01)


async def _quiet(_: Exception) -> None: ...


@asynccontextmanager
async def small(directory: Path) -> AsyncIterator[Small]:
    """Both servers ready and provisioned; everything gone at the end."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        here = Small(StackSettings.apart(directory), http)
        try:
            await here.start("nats")
            await here.start("mongo")
            await provision(here.settings)
            await here.connect()
            yield here
            await here.close()
        finally:
            await here.stop()
