"""How late warnings and breaches are, with many clocks open: the drill policy's seconds beside waiting clocks."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from nats.aio.msg import Msg

from bench.load import batches, messages
from bench.result import Result, percentile
from bench.world import World
from chassis.outgoing import Outgoing, Timer, from_timer
from contracts.channel import ChannelMessage, Sender
from contracts.sla import SlaBreached, SlaStarted, SlaWarned, TimerDue

DRILL = "P62019900001"
CLOCKS_PER_CASE = 2  # under the standard policy


async def lateness(world: World, open_clocks: int = 10_000, drills: int = 600) -> list[Result]:
    """p99 in seconds from a threshold until a subscriber has the event that says so."""
    before = await world.count("SLA")
    for batch in batches(messages("open", open_clocks // CLOCKS_PER_CASE)):
        await world.outbox.publish(batch)
    await world.grown("SLA", before + open_clocks)
    warn_at: dict[str, datetime] = {}
    late: list[float] = []
    all_heard = asyncio.Event()

    async def hear(msg: Msg) -> None:
        now = datetime.now(UTC)
        match msg.subject:
            case "sla.started":
                started = SlaStarted.model_validate_json(msg.data)
                warn_at[str(started.case_id)] = started.warn_at
            case "sla.warned":
                late.append((now - warn_at[str(SlaWarned.model_validate_json(msg.data).case_id)]).total_seconds())
            case "sla.breached":
                late.append((now - SlaBreached.model_validate_json(msg.data).due_at).total_seconds())
        if len(late) == 2 * drills:
            all_heard.set()

    subscription = await world.nc.subscribe("sla.*", cb=hear)
    await _drill(world, drills)
    with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
        await asyncio.wait_for(all_heard.wait(), 60)
    await subscription.unsubscribe()
    bare = percentile(await _bare_timers(world, 300), 0.99)
    beside = f"{len(late)} of {2 * drills} events, p50 {percentile(late, 0.5):.3f} s, {open_clocks:,} clocks open"
    beside += f"; bare timers p99 {bare:.3f} s"
    value = percentile(late, 0.99) if len(late) == 2 * drills else float("inf")
    return [Result("sla_lateness_p99_s", value, "s", 1, at_least=False, beside=beside)]


async def _bare_timers(world: World, n: int) -> list[float]:
    """How late JetStream's own schedules fire, in seconds: `n` of them, 60 a second, that nobody's loop handles."""
    fired = await world.js.subscribe("due.bench", stream="TIMER", ordered_consumer=True)
    first = datetime.now(UTC) + timedelta(seconds=2)
    times = [first + timedelta(seconds=i / 60) for i in range(n)]
    due = [TimerDue(case_id=uuid4(), clock="resolution", cycle=1, threshold="warn", at=at) for at in times]
    await world.outbox.publish([from_timer(Timer("bench", str(d.case_id), d.at, d)) for d in due])
    late = []
    for _ in due:
        message = await fired.next_msg(timeout=20)
        late.append((datetime.now(UTC) - TimerDue.model_validate_json(message.data).at).total_seconds())
    await fired.unsubscribe()
    return late


async def _drill(world: World, n: int) -> None:
    """`n` messages that nobody will answer, 60 a second."""
    for i in range(n):
        message = ChannelMessage(
            message_id=f"drill-{i}",
            channel="phone",
            conversation_id=f"drill-{i}",
            sender=Sender(id=f"drill-{i}", institution_code=DRILL),
            text="时限演练: 请勿处理",
            occurred_at=datetime.now(UTC),
        )
        await world.outbox.publish(
            [Outgoing("channel.in.phone", message.model_dump_json().encode(), message.dedupe_id)]
        )
        await asyncio.sleep(1 / 60)
