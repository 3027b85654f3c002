"""What `yibao doctor` reminds of: it is said with what to do, and is no reason to call the desk ill."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from chassis import deadletter
from chassis.outgoing import Outgoing
from tests.support.desk import Desk, desk_in
from yibao import reminders

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("reminds")) as desk:
        yield desk


async def test_dead_letters_are_counted_and_the_last_one_is_dated(desk: Desk) -> None:
    assert await reminders.dead_letters(desk.settings) is None
    for n in range(3):
        headers = {deadletter.REASON: "x", deadletter.SUBJECT: "channel.in.web"}
        await desk.outbox.publish([Outgoing("dead.CHANNEL.intake-channel", b"{", f"dead-{n}", headers)])
    said = await reminders.dead_letters(desk.settings) or ""
    assert said.startswith("共 3 条, 最近一条 ") and "yibao dead list" in said


async def test_a_service_that_does_not_answer_is_not_called_in_order(desk: Desk) -> None:
    assert await reminders.holidays(desk.settings, date(2026, 11, 22)) == "没有检查: sla 没有回应"
