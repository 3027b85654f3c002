"""`yibao up` as a user runs it, in a directory of its own and on free ports; and `yibao …` in another terminal."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from pymongo import AsyncMongoClient

from tests.support.wait import until
from yibao.process import Process
from yibao.settings import StackSettings
from yibao.signing import Signed, on_this_machine

Json = dict[str, Any]


class Ended(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


class Up:
    """One `yibao up`; `more` is its environment beyond the directory and the ports."""

    def __init__(self, settings: StackSettings, http: httpx.AsyncClient, **more: str) -> None:
        self.settings, self.http = settings.located(), http
        ports = {f"YIBAO_{n.upper()}": str(getattr(settings, n)) for n in StackSettings.model_fields if "_port" in n}
        own = {k: v for k, v in os.environ.items() if not k.startswith("YIBAO_")}
        # A wide terminal, whatever the one is in which the tests run: no line of a table is folded.
        self.environment = {**own, **ports, "YIBAO_DATA_DIR": str(settings.data_dir), "COLUMNS": "200", **more}
        self.process = Process("up", self._command("up"), settings.data_dir / "up.out", self.environment)

    async def start(self) -> None:
        """Returns when the table of URLs is printed."""
        self.process.log.unlink(missing_ok=True)  # what an earlier one has printed
        await self.process.start()

        async def printed() -> bool:
            assert self.process.pid is not None, self.printed()
            return "Ctrl-C" in self.printed()

        await until("the table of URLs is printed", printed)

    def printed(self) -> str:
        return self.process.log.read_text(encoding="utf-8")

    def children(self) -> dict[int, str]:
        """The servers' and services' names by process id."""
        pid = self.process.pid
        return {child: _name(child) for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())}

    async def interrupt(self) -> tuple[int, list[str]]:
        """Ctrl-C. Returns the exit code and the names of the children in the order in which they ended."""
        assert self.process.pid is not None
        ended: list[str] = []
        with _watched(self.children(), ended):
            os.kill(self.process.pid, signal.SIGINT)
            return await asyncio.wait_for(self.process.wait(), 10), ended

    async def yibao(self, *words: str | Path) -> Ended:
        """Another terminal."""
        child = await asyncio.create_subprocess_exec(
            *self._command(*words), env=self.environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(child.communicate(), 150)
        assert child.returncode is not None
        return Ended(child.returncode, out.decode(), err.decode())

    def url(self, service: str, path: str) -> str:
        return self.settings.url(service) + path

    async def get(self, service: str, path: str, headers: Mapping[str, str] | None = None, **parameters: Any) -> Any:
        answer = await self.http.get(self.url(service, path), params=parameters, headers=headers)
        return answer.raise_for_status().json()

    async def whole(self, paths: Iterable[str]) -> list[Json]:
        """What intake answers at each of these paths, in order."""
        return [await self.get("intake", path) for path in paths]

    async def stored(self, collection: str) -> list[Json]:
        """Every document as it lies in MongoDB."""
        async with AsyncMongoClient[Json](self.settings.mongo_url, uuidRepresentation="standard") as mongo:
            return await mongo[self.settings.mongo_db][collection].find().to_list()

    def _command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "yibao", *map(str, words)]


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return words[-1] if "yibao.serve" in words else Path(words[0]).name


@contextmanager
def _watched(processes: dict[int, str], ended: list[str]) -> Iterator[None]:
    """Each name goes into `ended` when its process has ended."""
    loop = asyncio.get_running_loop()
    handles = {name: os.pidfd_open(pid) for pid, name in processes.items()}

    def gone(name: str) -> None:
        ended.append(name)
        loop.remove_reader(handles[name])

    for name, handle in handles.items():
        loop.add_reader(handle, gone, name)
    try:
        yield
    finally:
        for handle in handles.values():
            loop.remove_reader(handle)
            os.close(handle)


@asynccontextmanager
async def running(settings: StackSettings, **more: str) -> AsyncIterator[Up]:
    """Up, and gone at the end."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=20))
        http.auth = Signed(settings, on_this_machine())
        up = Up(settings, http, **more)
        stack.push_async_callback(up.process.stop, 12.0)
        await up.start()
        yield up
