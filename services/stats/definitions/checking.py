"""Looks a drafted definition over, in a process of its own: reading SQL takes memory that the service should not keep.

`python -m services.stats.definitions.checking` reads `{"source": …, "sql": …}` and prints a list of Chinese sentences.
"""

import asyncio
import resource
import sys
from pathlib import Path

import msgspec

_ROOT = Path(__file__).parents[3]
_TIMEOUT_S = 30.0
_MEMORY = 1 << 30
_one = asyncio.Semaphore(1)


async def problems(source: str, sql: str) -> list[str]:
    """What is wrong with it; nothing when it can be counted."""
    async with _one:  # they wait for each other: each takes as much memory as the service itself
        return await _problems(source, sql)


async def _problems(source: str, sql: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.stats.definitions.checking", cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    text = msgspec.json.encode({"source": source, "sql": sql})
    try:
        told, _ = await asyncio.wait_for(process.communicate(text), _TIMEOUT_S)
        return msgspec.json.decode(told, type=list[str])
    except (TimeoutError, msgspec.DecodeError):
        return ["口径检查没有完成: 请简化 SQL 后重试"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def main() -> None:
    from services.stats.definitions.definition import UNREADABLE, read

    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    asked = msgspec.json.decode(sys.stdin.buffer.read())
    try:
        definition = read(asked["source"], asked["sql"])
    except UNREADABLE as error:
        found = [f"口径的 YAML 写法不对: {str(error)[:300]}"]
    else:
        from services.stats.engine.parameters import check_sql
        from services.stats.sources.table import tables

        found = check_sql(definition, tables())
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
