"""The suite of the loop in memory, where many examples cost little, and what only a fake can show."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings

from chassis.folding import DELAYS_S
from chassis.loop import Loop
from chassis.message import Delivery, Message
from chassis.ports import Store
from chassis.store import Document
from tests.chassis.deals import Deal, check, deal, deals
from tests.chassis.fake import FakeDelivery, FakeInbox, FakeWorld
from tests.chassis.ledger import LEDGERS, Ledger
from tests.chassis.suite_crashes import CrashSuite
from tests.chassis.suite_handling import HandlingSuite
from tests.chassis.trouble import Unreachable
from tests.chassis.world import Outage, handle_next, loop_in, send, settle
from tests.support.make import message
from tests.support.wait import until


class TestOnAFake(HandlingSuite, CrashSuite):
    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld()

    @settings(max_examples=300, deadline=None)
    @given(deals())
    async def test_permuted_duplicated_rebatched_and_killed_deliveries_end_in_the_same_state(self, dealt: Deal) -> None:
        await deal(FakeWorld(), dealt)

    async def test_the_pauses_before_another_try_grow_from_a_second_to_ten_minutes(self, world: FakeWorld) -> None:
        await send(world, message("m1", "bug"))
        await settle(world)
        assert tuple(world.streams["CHANNEL"].delays) == DELAYS_S == (1, 5, 30, 120, 600)
        assert len(world.streams["DEAD"].stored) == 1

    async def test_trouble_with_the_broker_is_waited_out(self, world: FakeWorld) -> None:
        await send(world, message("m1", "one"))
        await run_until_handled(world, Patient(world, outages=1), world.store)
        await check(world, [message("m1", "one")])

    async def test_what_was_fetched_ahead_of_an_outage_is_handled_at_its_first_delivery(self, world: FakeWorld) -> None:
        both = [message("m1", "one"), message("m2", "two")]
        await send(world, *both)
        await run_until_handled(world, Patient(world), Unreachable(world.store), batch=1)
        await check(world, both)
        assert world.streams["CHANNEL"].delivered == {1: 2, 2: 1}

    async def test_of_two_batches_at_once_the_one_fetched_first_is_first_at_their_document(
        self, world: FakeWorld
    ) -> None:
        await send(world, message("m1", "one"), message("m2", "two"))
        await run_until_handled(world, Patient(world), SlowAtFirst(world.store), batch=1)
        assert [s.event["text"] for s in await world.stream("CASE")] == ["one", "two"]

    async def test_a_loop_that_is_stopped_ends_though_its_client_swallows_that(self, world: FakeWorld) -> None:
        await send(world, message("m1", "one"))
        inbox = Swallows(world)
        running = asyncio.create_task(Loop("intake-channel", LEDGERS, world.store, inbox, world.outbox).run())
        await inbox.flushing.wait()
        running.cancel()
        done, _ = await asyncio.wait((running,), timeout=10)
        assert done and running.cancelled()
        assert await world.backlog() == 0

    async def test_after_an_outage_all_but_the_buried_comes_again_in_a_second(self, world: FakeWorld) -> None:
        await world.put("channel.in.wechat", b"{}")
        await send(world, message("m1", "one"), message("m2", "two"))
        with pytest.raises(Outage):
            await handle_next(world, loop_in(world, store=Unreachable(world.store)))
        assert world.streams["CHANNEL"].due == {2: DELAYS_S[0], 3: DELAYS_S[0]}


class SlowAtFirst:
    """A store whose first search takes many turns of the event loop."""

    def __init__(self, store: Store[Ledger]) -> None:
        self.save, self.history, self._locate = store.save, store.history, store.locate
        self._turns = iter(range(200))

    async def locate(self, messages: Sequence[Message]) -> list[Document[Ledger]]:
        turns, self._turns = self._turns, iter(())
        for _ in turns:
            await asyncio.sleep(0)
        return await self._locate(messages)


class Patient(FakeInbox):
    """Waits for a message as a broker does: time does not jump. The first fetches may fail."""

    def __init__(self, world: FakeWorld, outages: int = 0) -> None:
        super().__init__(world.streams["CHANNEL"])
        self._outages = outages

    async def fetch(self, most: int, wait_s: float) -> Sequence[FakeDelivery]:
        if self._outages:
            self._outages -= 1
            raise Outage
        return await until("a message", lambda: self.ready(most))


class Swallows(Patient):
    """A client that ignores being cancelled while it acknowledges, as nats-py does while it flushes."""

    def __init__(self, world: FakeWorld) -> None:
        super().__init__(world)
        self.flushing = asyncio.Event()

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        self.flushing.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await super().acknowledge(deliveries)


async def run_until_handled(world: FakeWorld, inbox: Patient, store: Store[Ledger], batch: int = 256) -> None:
    loop = Loop("intake-channel", LEDGERS, store, inbox, world.outbox, batch=batch)
    running = asyncio.create_task(loop.run())

    async def handled() -> bool:
        world.streams["CHANNEL"].now += 0.05
        return await world.backlog() == 0

    await until("everything is handled", handled)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
