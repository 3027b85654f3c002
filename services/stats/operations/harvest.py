"""Reads the desk's streams whole and has them folded into data sets by a child process.

The service only hands bytes on: what it holds is one batch. Reading all streams again each time is the simplest thing
that is always right; a million events take less than a minute.
"""

import asyncio
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import aclosing, suppress
from datetime import datetime
from pathlib import Path

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.stats.operations.reading import Lost, read
from services.stats.report import Input

STREAMS: Mapping[str, tuple[str, ...]] = {
    "desk_act": ("CASE",), "desk_article": ("KNOWLEDGE",), "desk_article_day": ("KNOWLEDGE",), "desk_case": ("CASE",),
    "desk_clock": ("CASE", "SLA"), "desk_obligation": ("OBLIGATION",),
    "desk_suggestion": ("CASE", "KNOWLEDGE", "SUGGESTION"), "desk_training": ("CASE",),
}  # fmt: skip
"""Each table, and what it is made of."""
_ROOT = Path(__file__).parents[3]


class HarvestFailed(Exception):
    """The message is Chinese and says what to do next."""

    id = "harvest_failed"


async def harvest(
    js: JetStreamContext, out: Path, until: datetime, wanted: Collection[str] = tuple(STREAMS)
) -> tuple[Input, ...]:
    """One data set of each wanted table, of all that the streams hold and that was recorded until then, in `out`.

    The same content of the streams and the same `until` give the same bytes. Raises HarvestFailed, and KeyError for a
    table that is not made of streams.
    """
    streams = sorted({stream for table in wanted for stream in STREAMS[table]})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.stats.operations.folding", str(out), until.isoformat(),
        *sorted(wanted), cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await _feed(process, js, streams)
        assert process.stdout is not None
        told = await process.stdout.read()
        if await process.wait():
            raise HarvestFailed(f"服务台运行数据未能汇总 (退出码 {process.returncode}): 请重试, 多次失败请联系运维")
        return msgspec.json.decode(told, type=tuple[Input, ...])
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _feed(process: asyncio.subprocess.Process, js: JetStreamContext, streams: Iterable[str]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it has died: its exit code tells
        for stream in streams:
            try:
                async with aclosing(read(js, stream)) as batches:
                    async for bodies in batches:
                        process.stdin.write(b"".join(body.replace(b"\n", b" ") + b"\n" for body in bodies))
                        await process.stdin.drain()
            except (Lost, TimeoutError, NatsError) as error:
                told = f"读取事件流 {stream} 中断: 请确认消息服务器正常后重新采集"
                raise HarvestFailed(told) from error
        process.stdin.close()
