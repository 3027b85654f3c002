"""The suite of the loop on a real nats-server and a real mongod, and what only these can show."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from nats.aio.client import Client
from nats.errors import NoRespondersError

from chassis import broker, store
from chassis.errors import Unstorable
from chassis.inbox import NatsInbox
from chassis.metrics import FALLBACKS
from chassis.outgoing import Outgoing
from chassis.store import Document
from tests.chassis.deals import Deal, deal, deals
from tests.chassis.ledger import Ledger
from tests.chassis.real import RealWorld
from tests.chassis.suite_crashes import CrashSuite
from tests.chassis.suite_handling import HandlingSuite
from tests.chassis.world import DURABLES, send, settle
from tests.support.make import message
from tests.support.servers import Servers, real_servers
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


def events(n: int, start: int = 0) -> list[Outgoing]:
    return [Outgoing("case.assigned", b"%d" % i, f"id {i}") for i in range(start, start + n)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealWorld]:
    async with real_servers(tmp_path_factory.mktemp("loop")) as servers:
        async for world in _connected(servers):
            yield world


async def _connected(servers: Servers) -> AsyncIterator[RealWorld]:
    frame = broker.connect(servers.settings, "suite")
    mongo = store.connect(servers.settings.mongo_url)
    nc: Client = await frame.connect()
    try:
        yield RealWorld(nc, mongo)
    finally:
        await frame.stop()
        await mongo.close()


class TestOnRealServers(HandlingSuite, CrashSuite):
    @pytest_asyncio.fixture(loop_scope="module")
    async def world(self, module_world: RealWorld) -> RealWorld:
        await module_world.clear()
        return module_world

    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(dealt=deals())
    async def test_permuted_duplicated_rebatched_and_killed_deliveries_end_in_the_same_state(
        self, world: RealWorld, dealt: Deal
    ) -> None:
        await world.clear()
        await deal(world, dealt)

    async def test_an_atomic_batch_refused_for_a_known_id_is_sent_one_by_one_and_loses_nothing(
        self, world: RealWorld
    ) -> None:
        refused = FALLBACKS.labels("CASE")._value.get()
        await world.outbox.publish(events(1, start=2))
        await world.outbox.publish(events(5))
        stored = [s.body for s in await world.stream("CASE")]
        assert stored[0] == b"2"
        assert sorted(stored) == [b"0", b"1", b"2", b"3", b"4"]
        assert FALLBACKS.labels("CASE")._value.get() == refused + 1

    async def test_an_atomic_batch_that_nobody_knows_is_stored_whole_and_in_order(self, world: RealWorld) -> None:
        refused = FALLBACKS.labels("CASE")._value.get()
        await world.outbox.publish(events(1_100))  # more than the server takes in one batch
        assert [s.body for s in await world.stream("CASE")] == [b"%d" % i for i in range(1_100)]
        assert FALLBACKS.labels("CASE")._value.get() == refused

    async def test_what_outgrows_a_document_or_a_message_is_too_large_and_no_outage(self, world: RealWorld) -> None:
        def vast(version: int) -> Document[Ledger]:
            document = Document[Ledger](UUID(int=7), Ledger(), version)
            document.take(UUID(int=version), Ledger(("沉" * 6_000_000,)), (), ())
            return document

        with pytest.raises(Unstorable):
            await world.store.save([vast(0)])
        await send(world, message("m1", "one", conversation="c"))
        await settle(world)
        [known] = (await world.ledgers()).values()
        known.take(UUID(int=9), Ledger(("沉" * 5_592_300,)), (), ())
        with pytest.raises(Unstorable):
            await world.store.save([known])
        with pytest.raises(Unstorable):
            await world.outbox.publish([Outgoing("case.assigned", b"x" * 5_000_000)])

    async def test_what_a_document_cannot_hold_is_no_outage_either(self, world: RealWorld) -> None:
        document = Document[Ledger](UUID(int=7), Ledger(), 0)
        document.take(UUID(int=8), Ledger(("\ud800",)), (), ())
        with pytest.raises(Unstorable):
            await world.store.save([document])

    async def test_what_no_stream_stores_is_an_error_and_never_lost_in_silence(self, world: RealWorld) -> None:
        with pytest.raises(LookupError, match="topology"):
            await world.outbox.publish([Outgoing("weather.changed", b"")])
        await world.js.delete_stream("CASE")
        with pytest.raises(NoRespondersError):
            await world.outbox.publish(events(1))

    async def test_a_message_after_a_quiet_time_is_fetched_at_once(self, world: RealWorld) -> None:
        inbox = NatsInbox(world.nc, DURABLES["CHANNEL"])
        heard: list[object] = []

        async def listen(wait_s: float) -> None:
            for delivery in await inbox.fetch(256, wait_s):
                heard.append(delivery)
                await delivery.ack()

        async def listen_on() -> None:
            while True:  # who is deaf after the end of a request is so for longer than `until` waits
                await listen(600)

        async def it_has_been_quiet() -> bool:
            return time.monotonic() > asked + 1.5

        async def it_is_heard() -> bool:
            return len(heard) == 2

        await send(world, message("m0"))
        asked = time.monotonic()
        await listen(1)  # the broker ends this request while the next fetch waits
        listening = asyncio.create_task(listen_on())
        await until("the request is over", it_has_been_quiet)
        await send(world, message("m1"))
        await until("it is heard", it_is_heard)
        listening.cancel()
