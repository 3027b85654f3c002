"""100,000 alerts to 200 people over five providers, one dead and one slow: who misses one, who gets one twice?

`python -m bench --only alerts`, a quarter of an hour. A burst says how much the desk hands over; the run itself is
paced at about half of that, because at saturation the time to a hand-over is the length of a queue and nothing else.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bench.alerts_feed import Load, Memory, Takings
from bench.alerts_people import HEALTHY, SLOW, introduce, nobody_listens, people, write_providers
from bench.result import Result
from bench.world import World, world

ALERTS, BURST, WARM = 100_000, 6_000, 1_000
AT_ONCE = 1e9
PACE = 110.0
SETTING = "YIBAO_NOTIFY_PROVIDERS"


async def alerts(n: int = ALERTS, pace: float = PACE) -> list[Result]:
    """In a desk of its own, whose notify has vendors; `pace` is alerts in a second."""
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory, nobody_listens() as dead:
        home = Path(directory)
        async with _vendors(home / "taken") as url:
            write_providers(home / "providers.yaml", url, dead.getsockname()[1])
            with _configured(home / "providers.yaml"):
                async with world() as here:
                    await introduce(here, people(), url)
                    load = Load(here, Takings(home / "taken"))
                    rate = await _burst(load)
                    return [*await _run(here, load, n, pace), _rate(rate)]


async def _burst(load: Load) -> float:
    """Hand-overs per second of alerts that come all at once, to everybody but those of the slow provider."""
    quick = [person for person in people() if person.first != SLOW]
    await load.taken(await load.feed(quick, WARM, AT_ONCE))
    started = time.time()
    last = await load.taken(await load.feed(quick, BURST, AT_ONCE))
    return BURST / (last - started)


async def _run(here: World, load: Load, n: int, rate: float) -> list[Result]:
    memory = Memory(_notify(here))
    watching = asyncio.create_task(memory.watch())
    started = time.perf_counter()
    numbers = await load.feed(people(), n, rate)
    fed_s = time.perf_counter() - started
    watching.cancel()
    await load.taken(numbers)
    all_s = time.perf_counter() - started
    await load.settled()
    before, after = memory.ends
    told = f"{n:,} alerts to {len(people())} people at {n / fed_s:,.0f}/s, all taken after {all_s:,.0f} s"
    beside = f"{', '.join(HEALTHY)}; dingtalk refuses connections, wecom_app answers after 3 s"
    return [
        Result("notify_lost", load.lost(numbers), "alerts", 0, at_least=False, beside=told),
        Result("notify_doubled", load.doubled(numbers), "messages", 0, at_least=False, beside=beside),
        Result("notify_healthy_p99_s", load.p99_s(numbers), "s", 2, at_least=False),
        Result("notify_rss_growth_mb", after - before, "MB", 50, at_least=False, beside=f"{before:.0f} to {after:.0f}"),
    ]


def _rate(rate: float) -> Result:
    return Result("notify_per_s", rate, "1/s", beside=f"hand-overs of a burst of {BURST:,}, a quarter after a fallback")


def _notify(here: World) -> int:
    pid = next(s.process.pid for s in here.supervisor.services if s.name == "notify")
    assert pid is not None
    return pid


@contextlib.contextmanager
def _configured(path: Path) -> Iterator[None]:
    os.environ[SETTING] = str(path)
    try:
        yield
    finally:
        del os.environ[SETTING]


@contextlib.asynccontextmanager
async def _vendors(taken: Path) -> AsyncIterator[str]:
    """The URL of the vendors' process, until the end."""
    command = (sys.executable, "-m", "bench.alerts_vendors", str(taken))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    try:
        yield (await child.stdout.readline()).decode().strip()
    finally:
        child.terminate()
        await child.wait()
