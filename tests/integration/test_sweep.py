"""The safety sweep: a timer that the broker lost is caught, fired through the log, and counted."""

import pytest

from tests.integration.cases import opened
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = pytest.mark.real

DRILL = "P62019900001"


async def _events(desk: Desk, case: str) -> set[str]:
    return {e["type"] for e in await desk.stream("SLA") if e["case_id"] == case}


async def test_timers_that_are_lost_are_caught_and_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    hurried = {"YIBAO_SLA_SWEEP_S": "0.5", "YIBAO_SLA_SWEEP_GRACE_S": "0.5"}
    async with desk_in(tmp_path_factory.mktemp("sweep"), "intake") as desk:
        await desk.start("sla", **hurried)
        case = await opened(desk, "lost", institution=DRILL)
        await desk.handled("sla")
        await desk.js.purge_stream("TIMER", subject="timer.>")

        async def warned_and_breached() -> bool:
            # The warning arms the timer of the breach anew, so only the warning has to be caught.
            return {"sla.warned", "sla.breached"} <= await _events(desk, case)

        await until("the clock warned and breached without its timer", warned_and_breached)
        metrics = (await desk.http.get(desk.url("sla", "/metrics"))).text
        caught = next(line for line in metrics.splitlines() if line.startswith("yibao_sla_sweep_catches_total"))
        assert float(caught.split()[1]) >= 1
