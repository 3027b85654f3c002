"""A desk for tests: real servers, services as processes of their own, and a look at everything they leave behind."""

import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo, RawStreamMsg
from nats.js.errors import NotFoundError
from pymongo import AsyncMongoClient

from chassis import broker
from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from chassis.provision import consumer_config
from contracts.channel import ChannelMessage
from contracts.topology import DURABLES, Durable
from tests.support.servers import Servers, real_servers
from tests.support.wait import until
from yibao.process import Process

Json = dict[str, Any]


class Desk:
    """`client`, `js` and `outbox` are this test's own connection to the broker, as an adapter has one."""

    def __init__(self, servers: Servers, http: httpx.AsyncClient) -> None:
        self.servers, self.settings, self.http = servers, servers.settings, http
        self.processes: dict[str, Process] = {}
        self.mongo: AsyncMongoClient[Json] = AsyncMongoClient(self.settings.mongo_url, uuidRepresentation="standard")

    async def connect(self) -> None:
        self._frame = broker.connect(self.settings.nats_url, "desk")
        self.client = await self._frame.connect()
        self.js, self.outbox = self.client.jetstream(timeout=5), NatsOutbox(self.client)

    async def close(self) -> None:
        for process in self.processes.values():
            await process.stop(within_s=5)
        await self._frame.stop()
        await self.mongo.close()

    async def start(self, *names: str, **environment: str) -> None:
        """Services by name, one after the other is started; returns when all are ready."""
        for name in names:
            command = [sys.executable, "-m", "yibao.serve", name]
            log = self.settings.data_dir / "logs" / f"{name}.log"
            self.processes[name] = Process(name, command, log, {**self.settings.environment(), **environment})
            await self.processes[name].start()
        for name in names:
            await self.ready(name)

    async def ready(self, name: str) -> None:
        async def look() -> bool:
            with suppress(httpx.HTTPError):
                return (await self.http.get(self.url(name, "/health/ready"))).status_code == httpx.codes.OK
            return False

        await until(f"{name} is ready", look, within_s=30)

    def running(self, name: str) -> Process:
        """The process of a service or a server."""
        process = {**self.servers.processes, **self.processes}[name]
        assert process.pid is not None, f"{name} does not run: {process.last_words()}"
        return process

    async def kill(self, name: str) -> None:
        """SIGKILL a service or a server."""
        await self.running(name).kill()

    async def stop(self, name: str) -> None:
        """SIGTERM a service or a server, which ends in time."""
        process = self.running(name)
        await process.stop(within_s=20)
        assert await process.wait() != -signal.SIGKILL, f"{name} does not end: {process.last_words()}"

    async def connected(self) -> None:
        """Returns when this test's own connection is back after an outage."""

        async def look() -> bool:
            with suppress(NatsError, TimeoutError):
                return bool(await self.js.account_info())
            return False

        await until("the desk is connected", look)

    def url(self, service: str, path: str) -> str:
        return self.settings.url(service) + path

    async def get(self, service: str, path: str, **parameters: Any) -> Any:
        return (await self.http.get(self.url(service, path), params=parameters)).json()

    async def hurry(self, ack_wait_s: float) -> None:
        """What a killed process held comes again after `ack_wait_s`, not after a minute."""
        for durable in DURABLES:
            config = consumer_config(durable.model_copy(update={"ack_wait_s": ack_wait_s}))
            await self.js.add_consumer(durable.stream, config)

    async def send(self, *messages: ChannelMessage) -> None:
        """As an adapter does; in atomic batches, which is faster."""
        await self.outbox.publish(
            [Outgoing(f"channel.in.{m.channel}", m.model_dump_json().encode(), m.dedupe_id) for m in messages]
        )

    async def put(self, body: bytes, subject: str = "channel.in.wechat") -> None:
        """Whatever an adapter may send by mistake, without an id."""
        await self.outbox.publish([Outgoing(subject, body)])

    async def backlog(self, *names: str) -> int:
        return sum([_left(await self.js.consumer_info(d.stream, d.name)) for d in DURABLES if d.service in names])

    async def handled(self, *names: str, within_s: float = 30) -> None:
        """Returns when these services have nothing left to do."""

        async def look() -> bool:
            with suppress(NatsError, TimeoutError):
                return all([await self._handled(d) for d in DURABLES if d.service in names])
            return False

        await until(f"{', '.join(names)} handled everything", look, within_s)

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


@asynccontextmanager
async def desk_in(directory: Path, *services: str, **environment: str) -> AsyncIterator[Desk]:
    """Servers up and provisioned, these services ready; everything gone at the end."""
    async with real_servers(directory) as servers, httpx.AsyncClient(timeout=5, trust_env=False) as http:
        desk = Desk(servers, http)
        await desk.connect()
        try:
            await desk.start(*services, **environment)
            yield desk
        finally:
            await desk.close()
