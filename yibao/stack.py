"""The whole stack between start and stop: servers, provisioning, services; stopped in the opposite order."""

import asyncio
import fcntl
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from yibao.embedded import mongod, nats_server
from yibao.passwords import made
from yibao.problems import Problem, check_disk
from yibao.process import Process
from yibao.settings import StackSettings
from yibao.supervisor import Supervised, Supervisor

Tell = Callable[[str], None]


@asynccontextmanager
async def running_stack(settings: StackSettings, tell: Tell) -> AsyncIterator[Supervisor]:
    """Everything up and ready. Raises Problem with one sentence when it cannot be."""
    check_disk(settings.data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(_alone(settings))
        if not settings.external_nats:
            made(settings.data_dir)
        located = settings.located()
        supervisor = Supervisor(located, tell)
        supervisor.check_ports()  # before seconds go into servers and streams
        if not settings.external_nats:
            _embed(stack, nats_server(settings), tell)
        if not settings.external_mongo:
            _embed(stack, mongod(settings), tell)
        await aside(located, "yibao.preparing", *([] if settings.external_mongo else [str(settings.mongo_port)]))
        stack.push_async_callback(supervisor.stop)
        supervisor.start()
        await supervisor.ready()
        yield supervisor


async def aside(settings: StackSettings, module: str, *words: str) -> str:
    """What `python -m module` prints: for work whose libraries a process that stays is not to keep.

    Raises Problem with the last line of its complaints when it fails.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words,
        env=settings.environment(), stdout=PIPE, stderr=PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        said, complaints = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise Problem((complaints.decode(errors="replace").strip() or f"{module}: {child.returncode}").splitlines()[-1])
    return said.decode().strip()


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
