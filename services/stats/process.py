"""Runs one report in a process of its own and hands on what it says; the process never outlives the call."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from services.stats.job import Job, Line
from services.stats.model import Result

ROOT = Path(__file__).parents[2]

OnProgress = Callable[[int, Line], Awaitable[None]]
_line = msgspec.json.Decoder(Line)


class Died(Exception):
    """The process ended without a result: killed from outside, out of memory at a bad place, or a crash."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


async def run(job: Job, time_limit_s: float, on_progress: OnProgress) -> Result | str:
    """The result, or the Chinese reason why there is none. Raises Died."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.stats.work", msgspec.json.encode(job).decode(), cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(time_limit_s):
            return await _listen(process, on_progress)
    except TimeoutError:
        return f"统计超过 {time_limit_s:g} 秒被停止: 请按月拆分文件, 或调大 YIBAO_STATS_TIME_LIMIT_S"
    finally:
        await _end(process)


async def _listen(process: asyncio.subprocess.Process, on_progress: OnProgress) -> Result | str:
    assert process.stdout is not None
    n = 0
    async for text in process.stdout:
        line = _line.decode(text)
        if line.result is not None or line.problem:
            return line.result or line.problem
        await on_progress(n, line)
        n += 1
    raise Died(await process.wait())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
