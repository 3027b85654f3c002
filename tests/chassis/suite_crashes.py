"""A loop that is killed anywhere, and the next one that goes on: said once for every world."""

import pytest

from tests.chassis.deals import MESSAGES, STEPS, Batch, Deal, check, deal
from tests.chassis.trouble import KilledHalfway, kill_at
from tests.chassis.world import Killed, World, handle_next, loop_in, send, settle


class CrashSuite:
    @pytest.mark.parametrize("step", [s for s in STEPS if s != "half published"])
    async def test_killed_at_a_step_the_next_process_leaves_each_event_exactly_once(
        self, world: World, step: str
    ) -> None:
        await send(world, *MESSAGES)
        with pytest.raises(Killed):
            await handle_next(world, loop_in(world, checkpoint=kill_at(step)))
        await settle(world)
        await check(world, MESSAGES)

    @pytest.mark.parametrize("stored", [0, 1, len(MESSAGES)])
    async def test_killed_in_the_middle_of_publishing_each_event_is_there_exactly_once(
        self, world: World, stored: int
    ) -> None:
        await send(world, *MESSAGES)
        with pytest.raises(Killed):
            await handle_next(world, loop_in(world, outbox=KilledHalfway(world.outbox, stored)))
        assert len(await world.stream("CASE")) == stored
        await settle(world)
        await check(world, MESSAGES)

    async def test_killed_again_and_again_in_the_same_place_it_still_ends_well(self, world: World) -> None:
        batches = [Batch(5, step) for step in ("written", "half published", "half published", "written")]
        await deal(world, Deal(MESSAGES, batches))
