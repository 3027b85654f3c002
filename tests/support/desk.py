"""A desk for tests: real servers, services as processes of their own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from nats.errors import Error as NatsError
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from chassis import broker
from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from chassis.provision import consumer_config
from contracts.channel import ChannelMessage
from contracts.topology import DURABLES
from tests.support.servers import Servers, real_servers
from tests.support.signing import AsTold
from tests.support.traces import Json, Traces
from tests.support.wait import until
from yibao.process import Process
from yibao.signing import on_this_machine
from yibao.supervisor import serving


class Desk(Traces):
    """`client`, `js` and `outbox` are this test's own connection to the broker, as an adapter has one."""

    def __init__(self, servers: Servers, http: httpx.AsyncClient) -> None:
        self.servers, self.settings, self.http = servers, servers.settings, http
        self.processes: dict[str, Process] = {}
        self.mongo = AsyncMongoClient[Json](self.settings.mongo_url, uuidRepresentation="standard")

    async def connect(self) -> None:
        self._frame = broker.connect(self.settings, "desk")
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
            # Unless a test is about it: tests count events, so no canaries, and are faster than people.
            own = {"YIBAO_SLA_CANARY_S": "0", "YIBAO_CONSOLE_REQUESTS_PER_MIN": "0", **environment}
            self.processes[name] = serving(self.settings, name, **own)
            await self.processes[name].start()
        for name in names:
            await self.ready(name)

    async def ready(self, name: str) -> None:
        async def look() -> bool:
            self.running(name)
            with suppress(httpx.HTTPError):
                return (await self.http.get(self.url(name, "/health/ready"))).status_code == httpx.codes.OK
            return False

        await until(f"{name} is ready", look)

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

    def refused(self) -> list[str]:
        """What the broker did not let its users do."""
        log = self.settings.data_dir / "logs" / "nats.log"
        return [line for line in log.read_text().splitlines() if " Violation - " in line]

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

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Runs `yibao` as its user would: the exit code, and all that it said."""
        urls = {"YIBAO_NATS_URL": self.settings.nats_url, "YIBAO_MONGO_URL": self.settings.mongo_url}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "yibao", *arguments, env={**self.settings.environment(), **urls, "COLUMNS": "300"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def put(self, body: bytes, subject: str = "channel.in.wechat") -> None:
        """Whatever an adapter may send by mistake, without an id."""
        await self.outbox.publish([Outgoing(subject, body)])


@asynccontextmanager
async def desk_in(directory: Path, *services: str, **environment: str) -> AsyncIterator[Desk]:
    """Servers up and provisioned, these services ready; everything gone at the end."""
    async with real_servers(directory) as servers, httpx.AsyncClient(timeout=5, trust_env=False) as http:
        key = {"secret_key": SecretStr(environment.get("YIBAO_SECRET_KEY", ""))}
        http.auth = AsTold(servers.settings.model_copy(update=key), on_this_machine())
        desk = Desk(servers, http)
        await desk.connect()
        try:
            await desk.start(*services, **environment)
            yield desk
            refused = desk.refused()
            assert not refused, f"a service lacks a permission on the broker, see contracts/topology.py: {refused[:3]}"
        finally:
            await desk.close()
