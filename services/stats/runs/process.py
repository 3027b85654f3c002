"""Carries a job out in a process of its own and hands on what it says; the process never outlives the call."""

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from services.stats.runs.job import Job, Line
from services.stats.runs.model import Result

ROOT = Path(__file__).parents[3]
# Arrow's own pool reserves a gigabyte of addresses, which counts against the bound of the process.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
_LONGEST_LINE = 4 << 20
SCRATCH = ".work-"
"""How folders begin that only a running process needs."""

OnProgress = Callable[[int, Line], Awaitable[None]]
_line = msgspec.json.Decoder(Line)


class Died(Exception):
    """The process ended without a result: killed from outside, out of memory at a bad place, or a crash."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


async def run(job: Job, time_limit_s: float, on_progress: OnProgress) -> Result | str:
    """The result, or the Chinese reason why there is none. Raises Died."""
    await asyncio.to_thread(tidy, Path(job.out))  # of a service that was killed
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.stats.runs.work", cwd=ROOT, limit=_LONGEST_LINE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=os.environ | _ENVIRONMENT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(time_limit_s) as limit:
            await _hand_over(process, job)
            return await _listen(process, on_progress)
    except TimeoutError:
        if not limit.expired():  # another one, such as of the server that progress is told to
            raise
        return f"统计超过 {time_limit_s:g} 秒被停止: 请缩短统计期或按月拆分文件, 或调大 YIBAO_STATS_TIME_LIMIT_S"
    finally:
        await _end(process)
        await asyncio.to_thread(tidy, Path(job.out))


def tidy(folder: Path) -> None:
    """Remove what a process that was killed has left behind: copies of rows, as large as the data."""
    for scratch in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch, ignore_errors=True)


async def _hand_over(process: asyncio.subprocess.Process, job: Job) -> None:
    # A line, and then silence: the pipe stays open, and its end tells the process that the service is gone.
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(job) + b"\n")
    with suppress(ConnectionError):
        await process.stdin.drain()


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
