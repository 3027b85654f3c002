"""Keeps every service running as its own process: restarts with back-off, reports a crash loop, stops in order."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable

import httpx
from rich.markup import escape

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
                self._tell(f"[red]服务 {self.name} 无法启动[/]: {error.strerror}")
                code = -1
            if time.monotonic() - started > LOOP_WITHIN_S:
                self._pause_s = FIRST_PAUSE_S
            self._exits.append(time.monotonic())
            self.restarts += 1
            self._report(code)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _report(self, code: int) -> None:
        log = escape(str(self.process.log))
        if self.in_crash_loop:
            self._tell(
                f"[red]服务 {self.name} 反复崩溃[/] (一分钟内 {LOOP_EXITS} 次), {self._pause_s:.0f} 秒后再试; "
                f"日志: {log}\n{escape(self.process.last_words())}"
            )
        else:
            self._tell(f"[yellow]服务 {self.name} 退出[/] (代码 {code}), {self._pause_s:.1f} 秒后重启; 日志: {log}")


class Supervisor:
    """All services of the stack."""

    def __init__(self, settings: StackSettings, tell: Callable[[str], None]) -> None:
        self._settings = settings
        env = settings.environment()
        logs = settings.data_dir / "logs"
        self.services = [
            Supervised(
                e.name,
                Process(e.name, [sys.executable, "-m", "yibao.serve", e.name], logs / f"{e.name}.log", env),
                tell,
            )
            for e in SERVICES
        ]
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
        async with httpx.AsyncClient(timeout=3.0, trust_env=False) as http:
            await asyncio.gather(*(self._ready(http, s, within_s) for s in self.services))

    async def _ready(self, http: httpx.AsyncClient, service: Supervised, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        answer = "没有回应"
        while time.monotonic() < deadline and not service.in_crash_loop:
            try:
                response = await http.get(f"{self._settings.url(service.name)}/health/ready")
                if response.status_code == httpx.codes.OK:
                    return
                answer = ", ".join(f"{k}: {v}" for k, v in response.json()["parts"].items() if v != "ok")
            except httpx.HTTPError:
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
