"""A service, assembled: settings, broker, store, loops, background work and HTTP, started and stopped in order."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from faststream.nats import NatsBroker
from litestar import Litestar
from nats.aio.client import Client
from nats.js import JetStreamContext
from pymongo.asynchronous.database import AsyncDatabase

from chassis import broker as nats
from chassis import store
from chassis.commands import CommandBus
from chassis.errors import CannotStart
from chassis.folding import Busy
from chassis.health import Health, measure_backlog
from chassis.inbox import NatsInbox
from chassis.logging import logger
from chassis.loop import Loop
from chassis.ports import Aggregate, Store
from chassis.provision import missing
from chassis.settings import Settings
from chassis.token import Signer
from contracts.topology import durables_of

log = logger(__name__)

STOP_WITHIN_S = 3.0


@dataclass
class Service:
    """What runs: handed to `main.py` of a service, which fills in loops and background work."""

    name: str
    settings: Settings
    broker: NatsBroker
    nc: Client
    js: JetStreamContext
    outbox: nats.NatsOutbox
    commands: CommandBus
    db: AsyncDatabase[dict[str, Any]]
    health: Health
    state: dict[str, Any] = field(default_factory=dict)  # what `main.py` builds and `api.py` needs
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _inboxes: list[NatsInbox] = field(default_factory=list)

    def listen(
        self, aggregate: Aggregate[Any], repository: Store[Any], only: Sequence[str] = (), part: str = ""
    ) -> None:
        """Run the loop on this service's durables of `part` (all of them, or those of the streams in `only`)."""
        busy: Busy = {}
        for durable in durables_of(self.name):
            if durable.part == part and (not only or durable.stream in only):
                inbox = NatsInbox(self.nc, durable)
                loop = Loop(
                    durable.name, aggregate, repository, inbox, self.outbox, batch=self.settings.batch, busy=busy
                )
                self.background(durable.name, loop.run())
                self._inboxes.append(inbox)

    def background(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until the service stops; readiness fails when it ends before."""
        task = asyncio.create_task(work, name=part)
        self._tasks.append(task)

        async def running() -> None:
            if task.done():
                raise RuntimeError(f"stopped: {task.exception()}" if not task.cancelled() else "cancelled")

        self.health.add(part, running)

    def every(self, seconds: float, part: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do `work` again and again; trouble with a server only delays it."""

        async def repeat() -> None:
            while True:
                try:
                    await work()
                except Exception as error:
                    log.warning("put off", work=part, error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(seconds)

        self.background(part, repeat())

    async def stop(self) -> None:
        """End background work, then hand back what was fetched and not handled."""
        deadline = time.monotonic() + STOP_WITHIN_S
        while (alive := [t for t in self._tasks if not t.done()]) and time.monotonic() < deadline:
            # Again and again: on Python 3.11 a wait_for that just got its answer swallows a cancellation.
            for task in alive:
                task.cancel()
            await asyncio.wait(alive, timeout=0.2)
        if self.nc.is_connected:
            await asyncio.gather(*(inbox.close() for inbox in self._inboxes))


Start = Callable[[Service], Awaitable[None]]


class NotProvisioned(CannotStart):
    """Streams or durables are missing; the message says which and what to do."""

    def __init__(self, absent: list[str]) -> None:
        super().__init__(f"缺少 JetStream 消费者 {', '.join(absent)}: 请先运行 yibao provision")


def calm_collector() -> None:
    """Let the garbage collector pass over what lives for ever, and come less often.

    A batch makes some 20,000 short-lived objects without cycles; with the defaults the collector walks the
    whole heap for them and takes 7 % of a busy service's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@asynccontextmanager
async def running(name: str, settings: Settings, start: Start) -> AsyncIterator[Service]:
    """The service between start and stop. Raises NotProvisioned when the server lacks what it needs."""
    broker = nats.connect(settings, name)
    client = store.connect(settings.mongo_url)
    nc = await broker.connect()
    js = nc.jetstream(timeout=nats.TIMEOUT_S)
    durables = durables_of(name)
    if absent := await missing(js, durables):
        raise NotProvisioned(absent)
    outbox = nats.NatsOutbox(nc)
    commands = CommandBus(nc, outbox, settings.command_wait_s)
    await commands.start()
    service = Service(name, settings, broker, nc, js, outbox, commands, client[settings.mongo_db], Health())
    _add_server_checks(service, client)
    _answer_health(service)
    try:
        await start(service)
        await broker.start()
        calm_collector()
        service.every(5, "backlog", lambda: measure_backlog(js, durables))
        service.every(10, "readiness", service.health.report)
        log.info("ready", durables=[d.name for d in durables])
        yield service
    finally:
        await service.stop()
        await broker.stop()
        await client.close()
        log.info("stopped")


def _add_server_checks(service: Service, client: Any) -> None:
    async def mongo() -> None:
        await client.admin.command("ping")

    async def nats_server() -> None:
        if not await service.broker.ping(timeout=1.0):
            raise ConnectionError("not connected")

    async def durable_consumers() -> None:
        if absent := await missing(service.js, durables_of(service.name)):
            raise LookupError(f"missing: {', '.join(absent)}")

    service.health.add("mongo", mongo)
    service.health.add("nats", nats_server)
    service.health.add("durables", durable_consumers)


def _answer_health(service: Service) -> None:
    """Readiness by request/reply too, for those who have the broker but not the port."""

    @service.broker.subscriber(f"{service.name}.query.health")
    async def health() -> dict[str, str]:
        return await service.health.report()


def lifespan(name: str, settings: Settings, start: Start) -> Callable[[Litestar], Any]:
    """Litestar's lifespan owns the broker: HTTP serves exactly while the service runs."""

    @asynccontextmanager
    async def run(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                service = await stack.enter_async_context(running(name, settings, start))
            except CannotStart as error:
                # The server would wrap an exception in a page of traceback; nothing runs any more.
                log.critical(str(error))
                os._exit(os.EX_CONFIG)
            app.state.service, app.state.signer = service, Signer(settings.desk_key)
            yield

    return run
