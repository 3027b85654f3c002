"""Intake's loop in a process of its own, killed at each step again and again: each message has one outcome."""

import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.faults.ledger import one_case_each, one_outcome_each
from tests.faults.victim import BATCH, SINGLES, STEPS
from tests.support.desk import Desk, desk_in
from tests.support.make import message
from tests.support.wait import until
from yibao.process import Process

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

MESSAGES, CONVERSATIONS, ACK_WAIT_S = 300, 110, 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("steps")) as desk:
        await desk.hurry(ACK_WAIT_S)
        yield desk


async def victim(desk: Desk, step: str, n: int) -> Process:
    command = [sys.executable, "-m", "tests.faults.victim", step, str(n)]
    process = Process(
        "victim", command, desk.settings.data_dir / "logs" / "victim.log", desk.settings.acting("intake").environment()
    )
    await process.start()
    return process


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_at_a_step_leaves_each_message_with_one_outcome(desk: Desk, step: str) -> None:
    name, now = step.replace(" ", "-"), datetime.now(UTC)
    sent = [
        message(f"{name}-{n}", f"第{n % 7}句", conversation=f"{name}-{n % CONVERSATIONS}", occurred_at=now)
        for n in range(MESSAGES)
    ]
    await desk.send(*sent)
    for n in (1, BATCH // 2) if step == SINGLES else (1, 3):
        process = await victim(desk, step, n)
        assert await process.wait() == -signal.SIGKILL, process.last_words()

    async def left() -> int:
        return await desk.backlog("intake")

    assert await until("messages are left over", left) > 0
    last = await victim(desk, "never", 1)
    try:
        await desk.handled("intake")
    finally:
        await last.kill()
    events = await desk.stream("CASE")
    one_outcome_each(sent, events)
    one_case_each(sent, await desk.documents("cases"))
    assert not await desk.dead()
