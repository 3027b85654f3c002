"""The whole stack between start and stop: servers, provisioning, services; stopped in the opposite order."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import nats
from pymongo import AsyncMongoClient

from chassis.provision import provision as provision_streams
from yibao.embedded import mongo_ready, mongod, nats_ready, nats_server
from yibao.problems import Problem, check_disk
from yibao.process import Process
from yibao.services import SERVICES
from yibao.settings import StackSettings
from yibao.supervisor import Supervised, Supervisor

Tell = Callable[[str], None]


@asynccontextmanager
async def running_stack(settings: StackSettings, tell: Tell) -> AsyncIterator[Supervisor]:
    """Everything up and ready. Raises Problem with one sentence when it cannot be."""
    check_disk(settings.data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(_alone(settings))
        located = settings.located()
        supervisor = Supervisor(located, tell)
        supervisor.check_ports()  # before seconds go into servers and streams
        if not settings.external_nats:
            _embed(stack, nats_server(settings), tell)
        if not settings.external_mongo:
            _embed(stack, mongod(settings), tell)
        await nats_ready(located.nats_url)
        await mongo_ready(located.mongo_url, None if settings.external_mongo else settings.mongo_port)
        await provision(located)
        stack.push_async_callback(supervisor.stop)
        supervisor.start()
        await supervisor.ready()
        yield supervisor


async def provision(settings: StackSettings) -> list[str]:
    """Streams, durables and indexes as the code says; safe at any time. Returns a line for each."""
    client = await nats.connect(settings.nats_url, connect_timeout=5, max_reconnect_attempts=3)
    try:
        done = await provision_streams(client.jetstream(timeout=10))
    finally:
        await client.close()
    mongo: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongo_url, serverSelectionTimeoutMS=5_000)
    try:
        for entry in SERVICES:
            for collection, indexes in entry.indexes().items():
                names = await mongo[settings.mongo_db][collection].create_indexes(indexes) if indexes else []
                done.extend(f"index {collection}.{name}" for name in names)
    finally:
        await mongo.close()
    return done


def _embed(stack: AsyncExitStack, process: Process, tell: Tell) -> None:
    """Run a server until the stack ends; one that dies before is told and started again."""
    task = asyncio.create_task(Supervised(process.name, process, tell).run())

    async def stop() -> None:
        task.cancel()
        await process.stop(2.5)

    stack.push_async_callback(stop)


@contextmanager
def _alone(settings: StackSettings) -> Iterator[None]:
    with (settings.data_dir / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem(
                f"{settings.data_dir} 上已有一个 yibao up 在运行: 请先停止它, 或用 YIBAO_DATA_DIR 换一个目录"
            ) from None
        yield
