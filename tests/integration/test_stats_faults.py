"""Stats is stopped or killed in the middle of a report: the report is run again, to the same result."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.runs import LARGE, STAFF, ended, requested, settlements, uploaded
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("stopped")) as desk:
        desk.http.headers.update(STAFF)
        await desk.hurry(12.0)  # the shortest that a sign of life every 10 s allows
        await desk.start("stats")
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def large(desk: Desk) -> str:
    return await uploaded(desk, settlements(LARGE))


async def worker(desk: Desk) -> int:
    """The process id of the report that runs now."""
    pid = desk.running("stats").pid

    async def look() -> list[str]:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    return int((await until("a report runs", look))[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_service_that_is_stopped_in_the_middle_comes_to_the_same_result(
    desk: Desk, large: str, how: signal.Signals
) -> None:
    expected = (await ended(desk, await requested(desk, large, "undisturbed")))["result"]
    run_id = await requested(desk, large, f"stopped by {how.name}")

    async def runs() -> bool:
        return bool((await desk.get("stats", f"/runs/{run_id}"))["status"] == "running")

    await until("the report runs", runs)
    process = Path(f"/proc/{await worker(desk)}")
    await (desk.kill("stats") if how == signal.SIGKILL else desk.stop("stats"))

    async def gone() -> bool:
        return not process.exists() or "zombie" in (process / "status").read_text()

    await until("its process has ended", gone)
    await desk.start("stats")
    run = await ended(desk, run_id)
    assert run["result"] == expected
    assert [e["type"] for e in run["timeline"]].count("stats.finished") == 1


async def test_a_report_whose_process_is_killed_is_run_again(desk: Desk, large: str) -> None:
    run_id = await requested(desk, large, "killed")
    os.kill(await worker(desk), signal.SIGKILL)
    assert (await ended(desk, run_id))["status"] == "finished"
