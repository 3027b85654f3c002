"""Throughput: the whole chain as its users run it, and intake's loop beside a loop without domain."""

import asyncio
import statistics
import time
from contextlib import suppress

from bench.bare import Bare, timed
from bench.load import batches, messages
from bench.result import Result
from bench.world import World
from chassis.aggregate import Folded
from chassis.inbox import NatsInbox
from chassis.loop import Loop
from chassis.provision import consumer_config, stream_config
from chassis.service import calm_collector
from chassis.vault import Vault
from contracts.envelope import Event
from contracts.topology import STREAMS, durables_of
from services.intake.fold import fold
from services.intake.receive import check_again
from services.intake.store import INDEXES, Cases

PAIRS = 9


async def chain(world: World, run: str, n: int) -> float:
    """Messages per second from the first publish until every case has its clocks and its notification."""
    before = {s: await world.count(s) for s in ("CASE", "SLA", "NOTIFY")}
    load = batches(messages(run, n))
    started = time.perf_counter()
    for batch in load:
        await world.outbox.publish(batch)
    ended = [await world.grown(s, before[s] + k * n) for s, k in (("CASE", 1), ("SLA", 2), ("NOTIFY", 1))]
    return n / (max(ended) - started)


async def throughput(world: World, n: int) -> list[Result]:
    await chain(world, "warm", 1_000)
    rates = [await chain(world, f"chain{i}", n) for i in range(3)]
    bare = Bare(world.nc, world.js, world.db)
    await bare.prepare(n)
    parts = {
        "atomic publish": await timed(lambda: bare.publish_only(n)),
        "fetch+ack": await timed(lambda: bare.fetch_only(n)),
        "bulk write": await timed(lambda: bare.write_only(n)),
    }
    beside = ", ".join(f"{name} {rate:,.0f}/s" for name, rate in parts.items())
    return [Result("chain_messages_per_s", statistics.median(rates), "1/s", 1_000, beside=beside)]


async def share(world: World, n: int) -> list[Result]:
    """Intake's loop and the bare loop in turn, in this process, on the same servers, with the services stopped.

    With twice `n` messages: what a loop takes to begin and to end is no part of what it sustains.
    """
    await world.supervisor.stop()
    calm_collector()
    rows = [await _compared(world, f"share{i}", 2 * n) for i in range(PAIRS)][1:]
    ours, bare = (statistics.median(column) for column in zip(*rows, strict=True))
    value = statistics.median(ours / bare for ours, bare in rows)
    beside = f"intake {ours:,.0f}/s, bare loop {bare:,.0f}/s, medians of {len(rows)} runs in turn"
    return [Result("intake_share_of_bare_loop", value, "share", 0.6, beside=beside)]


async def _compared(world: World, run: str, n: int) -> tuple[float, float]:
    """Messages per second of intake's loop and of the bare loop."""
    ours = await _intake(world, run, n)
    bare = Bare(world.nc, world.js, world.db)
    await bare.borrow(n)
    await bare.prepare(n)
    return ours, await timed(lambda: bare.loop(n))


async def _intake(world: World, run: str, n: int) -> float:
    """Messages per second of intake's loop alone, on a stream that waits for it."""
    await world.js.purge_stream("CHANNEL")
    await world.js.update_stream(stream_config(next(s for s in STREAMS if s.name == "CHANNEL")))
    durable = next(d for d in durables_of("intake") if d.stream == "CHANNEL")
    await world.js.delete_consumer("CHANNEL", durable.name)
    await world.js.add_consumer("CHANNEL", consumer_config(durable))
    for batch in batches(messages(run, n)):
        await world.outbox.publish(batch)
    await world.db["cases"].drop()
    await world.db["originals"].drop()
    await world.db["cases"].create_indexes(INDEXES)
    inbox, heard = NatsInbox(world.nc, durable), Heard(n)
    aggregate = Folded(fold, again=check_again, said=heard)
    loop = Loop(durable.name, aggregate, Cases(world.db, Vault(bytes(32))), inbox, world.outbox)
    started = time.perf_counter()
    running = asyncio.create_task(loop.run())
    await asyncio.wait((running, heard.all), return_when=asyncio.FIRST_COMPLETED)
    rate = n / (time.perf_counter() - started)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await inbox.close()
    return rate


class Heard:
    """Counts what a loop has said and acknowledged; `all` is done when that is `n` events."""

    def __init__(self, n: int) -> None:
        self._left = n
        self.all: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __call__(self, event: Event) -> None:
        self._left -= 1
        if not self._left:
            self.all.set_result(None)
