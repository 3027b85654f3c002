"""A service that dies is started again, later each time; one that keeps dying is reported with its last words."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.support.wait import until
from yibao import supervisor
from yibao.process import Process
from yibao.supervisor import LOOP_EXITS, Supervised


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.4)


@asynccontextmanager
async def supervised(script: str, log: Path, tell: Callable[[str], None]) -> AsyncIterator[Supervised]:
    """A service that is a few words of shell."""
    service = Supervised("fake", Process("fake", ["/bin/sh", "-c", script], log), tell)
    running = asyncio.create_task(service.run())
    try:
        yield service
        assert not running.done(), "the supervisor itself has died"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await service.process.stop(within_s=2)


async def test_a_service_that_crashed_is_running_again(tmp_path: Path) -> None:
    told: list[str] = []
    once = f"test -e {tmp_path}/crashed && exec sleep 60; touch {tmp_path}/crashed; exit 3"
    async with supervised(once, tmp_path / "log", told.append) as service:

        async def again() -> bool:
            return service.restarts == 1 and service.process.pid is not None

        await until("it runs again", again)
        assert len(told) == 1 and "服务 fake 退出" in told[0] and "(代码 3)" in told[0]
        assert not service.in_crash_loop


async def test_pauses_grow_and_a_crash_loop_is_reported_with_the_services_last_words(tmp_path: Path) -> None:
    told: list[str] = []
    words = "cannot read [/etc/yibao]"  # reads like a style of the terminal
    async with supervised(f"echo '{words}'; exit 3", tmp_path / "log", told.append) as service:

        async def goes_on() -> bool:
            return service.restarts > LOOP_EXITS

        await until("it is started even after a loop is found", goes_on)
    pauses = [float(found) for line in told if (found := "".join(re.findall(r"([\d.]+) 秒后重启", line)))]
    assert pauses == [0.1, 0.2, 0.4][: LOOP_EXITS - 1]
    loop = told[LOOP_EXITS - 1]
    assert "服务 fake 反复崩溃" in loop and str(tmp_path / "log") in loop
    assert words in loop
