"""What the stack costs when nobody asks anything: `yibao up` as a user runs it."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.processes import family, name, rss_mb
from bench.result import Result
from yibao.embedded import mongod, nats_server
from yibao.preparing import mongo_ready, nats_ready
from yibao.settings import StackSettings

SETTLED_S = 8.0


async def rest() -> list[Result]:
    """Seconds from the command until the table of URLs, and resident memory of all processes a while later."""
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        own = StackSettings.apart(Path(directory))
        ports = {f"YIBAO_{n.upper()}": str(v) for n, v in own.model_dump().items() if n.endswith("_port")}
        started = time.perf_counter()
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "yibao", "up",
            env={**os.environ, **ports, "YIBAO_DATA_DIR": directory},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            while "已就绪" not in (line := (await child.stdout.readline()).decode()):
                if not line:
                    raise RuntimeError("yibao up ended before it was ready")
            ready_s = time.perf_counter() - started
            await asyncio.sleep(SETTLED_S)
            sizes = {name(pid): rss_mb(pid) for pid in family(child.pid)}
        finally:
            child.send_signal(signal.SIGINT)
            await child.communicate()
    beside = ", ".join(f"{who} {mb:.0f}" for who, mb in sizes.items())
    alone = f"nats-server and mongod alone {await _servers():.1f} s"
    return [
        Result("rest_rss_mb", sum(sizes.values()), "MB", 700, at_least=False, beside=beside),
        Result(
            "start_to_ready_s",
            ready_s,
            "s",
            10,
            at_least=False,
            beside=alone,
        ),
    ]


async def _servers() -> float:
    """Seconds until both embedded servers are ready on an empty directory."""
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        own = StackSettings.apart(Path(directory))
        started = time.perf_counter()
        processes = [nats_server(own), mongod(own)]
        located = own.located()
        try:
            for process in processes:
                await process.start()
            await nats_ready(located)
            await mongo_ready(located.mongo_url, own.mongo_port)
            return time.perf_counter() - started
        finally:
            for process in processes:
                await process.stop(5)
