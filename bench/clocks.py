"""What 200,000 open clocks cost: `python -m bench.clocks`, minutes, and no part of `make bench`.

sla and the two servers alone, on the shipped promises: a clock is open and nothing is due meanwhile. The cases are in
their stream before sla starts, so the rate is that of sla and not of who asks.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.opened import opened
from bench.result import machine, percentile
from bench.small import Small, small
from chassis.outgoing import Outgoing
from chassis.sweep import overdue
from chassis.token import Principal
from contracts.sla import ClockEvent
from services.sla.editions import Editions
from services.sla.fold import timers
from services.sla.store import Clocks

CLOCKS_PER_CASE = 2
AT_ONCE = 1_000
PARTS = ("sla", "nats", "mongo")
SETTLED_S = 10.0
LOOKS = 20
_LEAD = Principal("bench", "lead")

Figures = dict[str, float]


async def measure(n: int) -> tuple[Figures, Figures]:
    """The same figures with no clock open and with `n` of them."""
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        async with small(Path(directory)) as here:
            await here.start("sla")
            empty = await _figures(here)
            print(f"{n:,} clocks …", flush=True)
            rate = await _open(here, n)
            full = {"clocks opened per second": rate, **await _figures(here), **await _disk(here, n)}
            return empty, {**full, "timers handled per second": await _fire(here, n)}


async def _open(here: Small, n: int) -> float:
    """Clocks per second, by what their events say."""
    await here.end("sla")
    for start in range(0, n // CLOCKS_PER_CASE, AT_ONCE):
        await here.outbox.publish(opened(start, min(AT_ONCE, n // CLOCKS_PER_CASE - start)))
    await here.start("sla")
    await here.grown("TIMER", n)
    return await _rate(here, 1, n)


async def _fire(here: Small, n: int) -> float:
    """Warnings per second, a tenth as many as there are clocks, all due at once."""
    due = [timers(d.state)[0].body for d in await Clocks(here.db).read({}, limit=n // 10) if d.state]
    await here.end("sla")
    for start in range(0, len(due), AT_ONCE):
        await here.outbox.publish([Outgoing("due.sla", t.model_dump_json().encode()) for t in due[start:][:AT_ONCE]])
    await here.start("sla")
    await here.grown("SLA", n + len(due))
    return await _rate(here, n + 1, n + len(due))


async def _rate(here: Small, first: int, last: int) -> float:
    """Events per second between two of the SLA stream."""
    ends = [await here.js.get_msg("SLA", seq) for seq in (first, last)]
    begun, ended = [ClockEvent.model_validate_json(end.data or b"").recorded_at for end in ends]
    return (last - first + 1) / (ended - begun).total_seconds()


async def _figures(here: Small) -> Figures:
    await here.mongo.admin.command("fsync")
    await asyncio.sleep(SETTLED_S)
    figures = {f"{name}: MB resident": here.rss_mb(name) for name in PARTS}
    for how in ("stopped", "killed"):
        for name in PARTS:
            await here.end(name, kill=how == "killed")
            figures[f"{name} {how}: s until it is ready again"] = await here.start(name)
            await here.connected()
            await here.ready("sla")
    await asyncio.sleep(SETTLED_S)
    figures |= {f"{name} after that: MB resident": here.rss_mb(name) for name in PARTS}
    return {**figures, **await _looks(here)}


async def _looks(here: Small) -> Figures:
    """Milliseconds of what sla asks the database again and again, and once at each start."""
    clocks, now = Clocks(here.db), datetime.now(UTC)
    edition = (await Editions(here.db).after(0))[-1].version

    async def elsewhere() -> None:
        async for _ in clocks.elsewhere(edition, datetime.now(UTC), 500):
            raise AssertionError("every clock goes by the edition that holds")

    return {
        "sweep, nothing late, ms": await _ms(lambda: overdue(clocks, now - timedelta(seconds=5), 500)),
        "sweep, 500 late, ms": await _ms(lambda: overdue(clocks, now + timedelta(days=30), 500)),
        "gauge of open cases (each minute), ms": await _ms(clocks.waiting),
        "clocks of another edition (each start), ms": await _ms(elsewhere, 3),
        "GET /clocks/counts, ms": await _ms(lambda: clocks.counts(_LEAD), 3),
    }


async def _disk(here: Small, n: int) -> Figures:
    await here.mongo.admin.command("fsync")
    stats: dict[str, Any] = await here.db.command("collStats", "clocks")
    streams = {name: (await here.js.stream_info(name)).state.bytes / n for name in ("TIMER", "SLA")}
    return {
        "document of a clock, bytes": stats["size"] / n,
        "the same on disk, bytes": stats["storageSize"] / n,
        "its indexes, bytes": stats["totalIndexSize"] / n,
        "its pending timer, bytes": streams["TIMER"],
        "what was said of it in the SLA stream, bytes": streams["SLA"],
    }


async def _ms(work: Callable[[], Awaitable[Any]], times: int = LOOKS) -> float:
    """The median of several."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        await work()
        took.append((time.perf_counter() - started) * 1000)
    return percentile(took, 0.5)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 1_000 else f"{value:,.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.clocks", description=__doc__)
    parser.add_argument("-n", type=int, default=200_000, help="open clocks")
    n = parser.parse_args().n
    empty, full = asyncio.run(measure(n))
    table = Table("", "none open", f"{n:,} open", title=machine())
    for what, value in full.items():
        table.add_row(what, _shown(empty.get(what)), _shown(value))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
