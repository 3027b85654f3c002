"""Limits are counted for many recipients at once, by several processes, and never one message too many."""

import asyncio
from datetime import UTC, datetime

import pytest

from chassis import store
from services.notify.alerts.plan import Decision, Plan
from services.notify.alerts.quotas import Quotas
from tests.support.servers import Servers

pytestmark = pytest.mark.real
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WANG, LI = "staff:wang", "staff:li"


def plan(*recipients: str, why: str | None = None) -> Plan:
    return Plan(decisions=tuple(Decision(r, ("sms",), why) for r in recipients))  # type: ignore[arg-type]


async def test_messages_of_a_batch_and_of_the_next_one_have_places_one_after_the_other(servers: Servers) -> None:
    async with store.connect(servers.settings.mongo_url) as client:
        quotas = Quotas(client[servers.settings.mongo_db])
        first = await quotas.placed([plan(WANG, LI), plan(WANG)], AT)
        [second] = await quotas.placed([plan(LI, WANG)], AT)
    assert [p.places for p in (*first, second)] == [{WANG: 1, LI: 1}, {WANG: 2}, {LI: 2, WANG: 3}]


async def test_what_waits_for_a_digest_takes_no_place(servers: Servers) -> None:
    async with store.connect(servers.settings.mongo_url) as client:
        quotas = Quotas(client[servers.settings.mongo_db])
        waiting, going = await quotas.placed([plan(WANG, why="quiet"), plan(WANG)], AT)
    assert waiting.places == {} and going.places == {WANG: 1}


async def test_processes_that_count_at_once_never_let_one_too_many_pass(servers: Servers) -> None:
    async with store.connect(servers.settings.mongo_url) as client:
        processes = [Quotas(client[servers.settings.mongo_db]) for _ in range(8)]
        plans = await asyncio.gather(*(q.placed([plan(WANG, LI)] * 3, AT) for q in processes for _ in range(5)))
        [after] = await processes[0].placed([plan(WANG, LI)], AT)
    places = {r: sorted(p.places[r] for batch in plans for p in batch) for r in (WANG, LI)}
    for limit in range(1, 3 * 8 * 5 + 1):
        assert all(sum(place <= limit for place in his) <= limit for his in places.values())
    assert after.places == {WANG: 3 * 8 * 5 + 1, LI: 3 * 8 * 5 + 1}
