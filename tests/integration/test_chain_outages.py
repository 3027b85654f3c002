"""Intake when it is late or its servers are gone: it says so over HTTP, and goes on."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.cases import do, opened
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """No outcome of a command comes in the time that intake waits for it."""
    async with desk_in(tmp_path_factory.mktemp("late"), "intake", YIBAO_COMMAND_WAIT_S="0.0001") as desk:
        yield desk


async def test_a_command_whose_outcome_is_late_is_accepted_and_done_later(desk: Desk) -> None:
    case = await opened(desk, "late")
    accepted = await do(desk, case, "assign", assignee="li")
    assert (accepted.status_code, accepted.headers["Location"]) == (202, f"/cases/{case}")

    async def done() -> bool:
        return bool((await desk.get("intake", accepted.headers["Location"]))["assignee"] == "li")

    await until("the command is carried out", done)


async def test_readiness_names_the_part_that_fails_and_recovers(desk: Desk) -> None:
    for server in ("mongo", "nats"):
        await desk.kill(server)

        async def named(server: str = server) -> bool:
            answer = await desk.http.get(desk.url("intake", "/health/ready"))
            return answer.status_code == 503 and answer.json()["parts"][server] != "ok"

        await until(f"readiness names {server}", named)
        assert (await desk.http.get(desk.url("intake", "/health/live"))).status_code == 200
        await desk.servers.start(server)
        await desk.ready("intake")
    await desk.connected()
    await opened(desk, "after the outages")
