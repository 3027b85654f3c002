"""sla and nats-server killed with 10,000 clocks open: how late the breaches are, whether any is lost or said twice.

The deadlines begin at the kill, 250 to 500 in each second, so the first of them fall into the outage. Nobody helps: the
supervisor starts both again, as it does under `yibao up`.
"""

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from nats.errors import Error as NatsError

from bench.load import batches, messages
from bench.processes import family, name
from bench.result import Result, percentile, show
from bench.world import World, world
from chassis.outgoing import Outgoing
from chassis.replay import replay
from contracts.channel import ChannelMessage
from contracts.sla import SlaBreached

CASES, CLOCKS_PER_CASE = 5_000, 2
SPREAD_S, WITHIN_S, LATER_S = 20, 36, 2
LET_S = 30  # after the last deadline, for what is delivered again: longer than any `ack_wait`
POLICY = f"""\
- name: 演习
  first_response: {{within: {WITHIN_S}s, thresholds: {{100%: [assignee]}}}}
  resolution: {{within: {WITHIN_S + LATER_S}s, thresholds: {{100%: [assignee]}}}}
"""
Clock = tuple[UUID, str, int]


async def recovery() -> list[Result]:
    """In a desk of its own, because the promise is."""
    with _promise(POLICY):
        async with world() as here:
            n = CASES * CLOCKS_PER_CASE
            first = await _open(here)
            size = await _bytes(here, n)
            await asyncio.sleep((first - datetime.now(UTC)).total_seconds())
            back_s = await _kill(here)
            last = first + timedelta(seconds=SPREAD_S + LATER_S)
            return [*await _count(here, n, last, f"both ready again after {back_s:.1f} s"), size]


@contextlib.contextmanager
def _promise(policy: str) -> Iterator[None]:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(policy)
        file.flush()
        os.environ["YIBAO_SLA_POLICIES"] = file.name
        try:
            yield
        finally:
            del os.environ["YIBAO_SLA_POLICIES"]


async def _open(world: World) -> datetime:
    """Questions of the last 20 seconds, so that their deadlines are as far apart; returns the first of these."""
    begun = datetime.now(UTC) - timedelta(seconds=SPREAD_S)
    for n, batch in enumerate(batches(messages("recovery", CASES))):
        spoken = [begun + timedelta(seconds=SPREAD_S * (256 * n + i) / CASES) for i in range(len(batch))]
        await world.outbox.publish([_spoken(o, at) for o, at in zip(batch, spoken, strict=True)])
    await world.grown("TIMER", CASES * CLOCKS_PER_CASE)
    return begun + timedelta(seconds=WITHIN_S)


def _spoken(outgoing: Outgoing, at: datetime) -> Outgoing:
    message = ChannelMessage.model_validate_json(outgoing.body).model_copy(update={"occurred_at": at})
    return outgoing._replace(body=message.model_dump_json().encode())


async def _bytes(world: World, n: int) -> Result:
    """On disk, of what is kept for open clocks alone: the documents, their indexes, the pending timers."""
    await world.db.client.admin.command("fsync")
    stats = await world.db.command("collStats", "clocks")
    timers = (await world.js.stream_info("TIMER")).state.bytes
    parts = {"documents": stats["storageSize"], "indexes": stats["totalIndexSize"], "timers": timers}
    split = ", ".join(f"{part} {size / n:,.0f}" for part, size in parts.items())
    beside = f"{split}; documents are {stats['size'] / n:,.0f} before compression"
    return Result("bytes_per_open_clock", sum(parts.values()) / n, "B", beside=beside)


async def _kill(world: World) -> float:
    """SIGKILL to both by pid; seconds until the supervisor has both ready again."""
    servers = [pid for pid in family(os.getpid()) if name(pid) == "nats-server"]
    [sla] = [service.process.pid for service in world.supervisor.services if service.name == "sla"]
    logging.getLogger("nats").setLevel(logging.CRITICAL)  # this client's own: a traceback for every attempt
    killed = time.perf_counter()
    for pid in (*servers, sla):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.2)  # so that who is dead does not answer
    await world.supervisor.ready()
    return time.perf_counter() - killed


async def _count(world: World, n: int, last: datetime, beside: str) -> list[Result]:
    while datetime.now(UTC) < last + timedelta(seconds=LET_S):
        if await _settled(world, n):
            break
        await asyncio.sleep(1)
    breaches: dict[Clock, list[float]] = {}
    async for clock, seconds in _breaches(world):
        breaches.setdefault(clock, []).append(seconds)
    late = [said[0] for said in breaches.values()]
    doubled = sum(len(said) - 1 for said in breaches.values())
    beside = f"p50 {percentile(late, 0.5):.2f} s, latest {max(late, default=0):.2f} s; {beside}"
    swept = f"of {n:,}, sla and nats-server killed at once; the sweep had to catch {await _swept(world):.0f}"
    return [
        Result("sla_recovery_lateness_p99_s", percentile(late, 0.99), "s", 5, at_least=False, beside=beside),
        Result("timers_lost", n - len(breaches), "", 0, at_least=False, beside=swept),
        Result("timers_doubled", doubled, "", 0, at_least=False),
    ]


async def _settled(world: World, n: int) -> bool:
    """All is said and nothing is left that could be said once more."""
    with contextlib.suppress(NatsError, TimeoutError):
        said = (await world.js.stream_info("SLA", subjects_filter="sla.breached")).state.subjects or {}
        loop = await world.js.consumer_info("TIMER", "sla-timer")
        return sum(said.values()) >= n and not loop.num_pending and not loop.num_ack_pending
    return False


async def _swept(world: World) -> float:
    """What the sweep of the new sla has counted."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        lines = (await http.get(f"{world.settings.url('sla')}/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("yibao_sla_sweep_catches_total "))


async def _breaches(world: World) -> AsyncIterator[tuple[Clock, float]]:
    """Each breach in the stream, with the seconds from its deadline until it was stored."""
    async for stored in replay(world.js, "SLA", ["sla.breached"]):
        event = SlaBreached.model_validate_json(stored.body)
        yield (event.case_id, event.clock, event.cycle), (stored.at - event.due_at).total_seconds()


if __name__ == "__main__":
    show(asyncio.run(recovery()))
