"""Work in a process of its own: what reads hostile files or takes long must neither harm nor hold up the service, and
gives its memory back. The child limits itself before it reads anything; who waits limits the time and the answer.
"""

import asyncio
import os
import re
import resource
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

_ROOT: Final = Path(__file__).parents[2]
_BLOCK: Final = 1 << 16
_MB: Final = 1 << 20
_KIND: Final = re.compile(r"([A-Za-z_.]{1,100})(?::|$)")


class Stopped(Exception):
    """The child gave no answer: it took too long, too much memory, or said too much."""


class Crashed(Exception):
    """The child ended with an error of its own; `returncode` is negative for a signal."""

    def __init__(self, returncode: int, words: str) -> None:
        super().__init__(f"{returncode}: {words}")
        self.returncode = returncode


class Bounds(NamedTuple):
    """`wall_s` is for all of it, `answer_mb` the most that is read of what the child writes."""

    wall_s: float
    answer_mb: int


def confine(memory_mb: int, cpu_s: int) -> None:
    """Called by the child first: no more memory and time than this, no files written, no dump of what it has read."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def answer_of(module: str, feed: AsyncIterable[bytes], bounds: Bounds) -> bytes:
    """What `python -m <module>` writes when it is fed this. Raises Stopped or Crashed."""
    # Nothing of the environment but what Python needs: the key of originals is none of the child's business.
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=_ROOT, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    work: list[asyncio.Task[Any]] = [
        asyncio.create_task(_read(process.stdout, bounds.answer_mb * _MB)),
        asyncio.create_task(_last_words(process.stderr)),
        asyncio.create_task(_fed(process.stdin, feed)),
    ]
    try:
        async with asyncio.timeout(bounds.wall_s):
            await asyncio.gather(*work)
            returncode = await process.wait()
    except TimeoutError:
        raise Stopped("time") from None
    finally:
        await _end(process, work)
    if returncode:
        raise Crashed(returncode, work[1].result())
    answer: bytes = work[0].result()
    return answer


async def _end(process: Process, work: list[asyncio.Task[Any]]) -> None:
    """Nothing of it is left. What it still had to say is read away, for asyncio waits until its pipes are empty."""
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    for pipe in (process.stdout, process.stderr):
        while pipe is not None and await pipe.read(_BLOCK):
            pass
    await process.wait()


async def at_once(*parts: bytes) -> AsyncIterator[bytes]:
    """A feed of bytes that are there already."""
    for part in parts:
        yield part


async def _fed(stdin: asyncio.StreamWriter | None, feed: AsyncIterable[bytes]) -> None:
    assert stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it has ended already: its code says why
        async for part in feed:
            stdin.write(part)
            await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


async def _read(stdout: asyncio.StreamReader | None, most: int) -> bytes:
    assert stdout is not None
    answer = bytearray()
    while part := await stdout.read(_BLOCK):
        answer += part
        if len(answer) > most:
            raise Stopped("answer")
    return bytes(answer)


async def _last_words(stderr: asyncio.StreamReader | None) -> str:
    """The kind of error that it ended with and nothing else: an error's message may quote what was read, in its last
    line too.
    """
    assert stderr is not None
    last = b""
    while part := await stderr.read(_BLOCK):
        last = (last + part)[-2_000:]
    named = _KIND.match(last.decode(errors="replace").strip().rsplit("\n", 1)[-1])
    return named[1] if named else ""
