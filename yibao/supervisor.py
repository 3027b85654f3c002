"""Keeps every service running as its own process: restarts with back-off, reports a crash loop, stops in order."""

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from yibao.problems import Problem, check_port
from yibao.process import Process
from yibao.services import SERVICES
from yibao.settings import StackSettings

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LOOP_EXITS, LOOP_WITHIN_S = 4, 60.0


class Supervised:
    """One service's process and how often it has died lately."""

    def __init__(self, name: str, process: Process, tell: Callable[[str], None]) -> None:
        self.name, self.process = name, process
        self.restarts = 0
        self._tell = tell
        self._exits: deque[float] = deque(maxlen=LOOP_EXITS)
        self._pause_s = FIRST_PAUSE_S

    @property
    def in_crash_loop(self) -> bool:
        return len(self._exits) == LOOP_EXITS and time.monotonic() - self._exits[0] < LOOP_WITHIN_S

    async def run(self) -> None:
        """For ever; every unexpected end is told."""
        while True:
            started = time.monotonic()
            try:
                await self.process.start()
                code = await self.process.wait()
            except OSError as error:  # a full disk, or no more processes
                self._tell(f"服务 {self.name} 无法启动: {error.strerror}")
                code = -1
            if time.monotonic() - started > LOOP_WITHIN_S:
                self._pause_s = FIRST_PAUSE_S
            self._exits.append(time.monotonic())
            self.restarts += 1
            self._report(code)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _report(self, code: int) -> None:
        log = self.process.log
        if self.in_crash_loop:
            self._tell(
                f"服务 {self.name} 反复崩溃 (一分钟内 {LOOP_EXITS} 次), {self._pause_s:.0f} 秒后再试; "
                f"日志: {log}\n{self.process.last_words()}"
            )
        else:
            self._tell(f"服务 {self.name} 退出 (代码 {code}), {self._pause_s:.1f} 秒后重启; 日志: {log}")


def serving(settings: StackSettings, name: str, **more: str) -> Process:
    """The process of a service, as its own user of the broker; `more` is its environment's too."""
    own = settings.acting(name).environment() | more
    log = settings.data_dir / "logs" / f"{name}.log"
    return Process(name, [sys.executable, "-m", "yibao.serve", name], log, own)


class Supervisor:
    """All services of the stack."""

    def __init__(self, settings: StackSettings, tell: Callable[[str], None]) -> None:
        self._settings = settings
        self.services = [Supervised(entry.name, serving(settings, entry.name), tell) for entry in SERVICES]
        self._tasks: list[asyncio.Task[None]] = []

    def check_ports(self) -> None:
        """Raises Problem when a port is taken."""
        for entry in SERVICES:
            check_port(self._settings.port(entry.name), f"服务 {entry.name} ", f"YIBAO_{entry.name.upper()}_PORT")

    def start(self) -> None:
        """Raises Problem when a port is taken."""
        self.check_ports()
        self._tasks = [asyncio.create_task(s.run(), name=s.name) for s in self.services]

    async def ready(self, within_s: float = 60.0) -> None:
        """Returns when every service says so. Raises Problem with the part that fails."""
        await asyncio.gather(*(self._ready(service, within_s) for service in self.services))

    async def _ready(self, service: Supervised, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        answer = "没有回应"
        while time.monotonic() < deadline and not service.in_crash_loop:
            try:
                said = await _health(self._settings.host, self._settings.port(service.name))
                if said["ready"]:
                    return
                answer = ", ".join(f"{k}: {v}" for k, v in said["parts"].items() if v != "ok")
            except (OSError, ValueError, LookupError):
                pass
            await asyncio.sleep(0.1)
        raise Problem(
            f"服务 {service.name} 未就绪 ({answer}): 见 {service.process.log}\n{service.process.last_words()}"
        )

    async def stop(self, within_s: float = 4.0) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(s.process.stop(within_s) for s in self.services))


async def _health(host: str, port: int) -> dict[str, Any]:
    """What a service says of itself. Raises OSError or ValueError without an answer.

    A library for this one question would stay as long as the desk runs, with its 10 MB.
    """
    async with asyncio.timeout(3.0):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET /health/ready HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            body = (await reader.read()).partition(b"\r\n\r\n")[2]
        finally:
            writer.close()
    said: dict[str, Any] = json.loads(body)
    return said
