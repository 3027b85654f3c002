"""A real nats-server and a real mongod on free loopback ports, which tests may kill and start again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree

from yibao.embedded import mongod, nats_server
from yibao.passwords import made
from yibao.preparing import mongo_ready, nats_ready, provision
from yibao.process import Process
from yibao.settings import StackSettings


def settings_in(directory: Path) -> StackSettings:
    """Settings of a stack of its own: its directory, its ports."""
    return StackSettings.apart(directory)


class Servers:
    """Both servers; `settings` has their URLs, `processes` the running ones by name."""

    def __init__(self, settings: StackSettings) -> None:
        made(settings.data_dir)
        self._own = settings
        self.settings = settings.located()
        self.processes: dict[str, Process] = {}

    async def start(self, name: str) -> None:
        """Start `nats` or `mongo` and wait until it is ready; data from before is found again."""
        process = nats_server(self._own) if name == "nats" else mongod(self._own)
        self.processes[name] = process
        await process.start()
        if name == "nats":
            await nats_ready(self.settings)
        else:
            await mongo_ready(self.settings.mongo_url, self._own.mongo_port)

    async def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would."""
        await self.processes[name].kill()

    async def stop(self) -> None:
        """Their data goes too: an empty mongod has 300 MB of journal, and a hundred tests start one."""
        for process in self.processes.values():
            await process.stop(within_s=5)
        for name in self.processes:
            rmtree(self.settings.data_dir / name, ignore_errors=True)


@asynccontextmanager
async def real_servers(directory: Path) -> AsyncIterator[Servers]:
    """Both servers up and provisioned, gone at the end."""
    servers = Servers(settings_in(directory))
    try:
        await servers.start("nats")
        await servers.start("mongo")
        await provision(servers.settings)
        yield servers
    finally:
        await servers.stop()
