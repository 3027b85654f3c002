"""Intake, sla and notify under load while servers and services are killed: nothing lost, nothing doubled."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.errors import Error as NatsError

from chassis.broker import PublishRefused
from contracts.channel import ChannelMessage
from tests.faults.ledger import one_case_each, one_outcome_each
from tests.support.desk import Desk, desk_in
from tests.support.make import message
from tests.support.wait import until

pytestmark = pytest.mark.real

SERVICES = ("intake", "sla", "notify")
DISASTERS = ("intake", "nats", "sla", "mongo", "notify", "nats", "intake", "mongo")
PER_DISASTER, CONVERSATIONS, AT_ONCE = 650, 2_600, 50


async def test_nothing_is_lost_or_doubled_when_servers_and_services_are_killed_under_load(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    sent = [
        message(f"m{n}", f"第{n}句, 结算失败", conversation=f"c{n % CONVERSATIONS}", occurred_at=now)
        for n in range(PER_DISASTER * len(DISASTERS))
    ]
    assert len(sent) >= 5_000
    async with desk_in(tmp_path) as desk:
        await desk.hurry(2.0)
        await desk.start(*SERVICES)
        for n, name in enumerate(DISASTERS):
            load = sent[n * PER_DISASTER : (n + 1) * PER_DISASTER]
            await asyncio.gather(publish(desk, load), disaster(desk, name, load[PER_DISASTER // 3]))
        await desk.handled(*SERVICES)
        await count(desk, sent)


async def publish(desk: Desk, messages: Sequence[ChannelMessage]) -> None:
    """As a good adapter does: what was not acknowledged is sent again under the same id."""
    for start in range(0, len(messages), AT_ONCE):

        async def stored(chunk: Sequence[ChannelMessage] = messages[start : start + AT_ONCE]) -> bool:
            with suppress(NatsError, TimeoutError, OSError, PublishRefused):
                await desk.send(*chunk)
                return True
            return False

        await until("the chunk is stored", stored)


async def disaster(desk: Desk, name: str, in_the_middle: ChannelMessage) -> None:
    """SIGKILL while messages flow, and up again."""

    async def flowing() -> bool:
        state = (await desk.js.stream_info("CHANNEL")).state
        return state.messages >= int(in_the_middle.message_id[1:]) and await desk.backlog(*SERVICES) > 0

    await until("messages flow and wait", flowing)
    await desk.kill(name)
    if name in SERVICES:
        await desk.start(name)
    else:
        await desk.servers.start(name)


async def count(desk: Desk, sent: Sequence[ChannelMessage]) -> None:
    events = await desk.stream("CASE")
    assert len(events) == len(sent)
    one_outcome_each(sent, events)
    one_case_each(sent, await desk.documents("cases"))
    cases = {e["case_id"] for e in events}

    clocks = [e for e in await desk.stream("SLA") if e["type"] == "sla.started"]
    assert Counter((e["case_id"], e["clock"]) for e in clocks) == {
        (case, clock): 1 for case in cases for clock in ("first_response", "resolution")
    }
    assert {str(d["_id"]) for d in await desk.documents("clocks")} == cases

    alerts = await desk.stream("NOTIFY")
    assert Counter((e["case_id"], e["audience"], e["rule"]) for e in alerts) == {
        (case, "desk", "new_case"): 1 for case in cases
    }
    assert len(await desk.documents("alerts")) == len(cases)
    assert not await desk.dead()
