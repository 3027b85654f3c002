"""sla and nats-server killed among the warnings and the breaches of 10,000 clocks, twice each: all are said once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.errors import Error as NatsError

from tests.faults.promises import CLOCKS, POLICY, SPREAD_S, events, said_once_each, stored, stored_as_said
from tests.support.desk import Desk, desk_in
from tests.support.make import message
from tests.support.wait import until

pytestmark = pytest.mark.real

CASES, AT_ONCE = 5_000, 250
OPEN = CASES * len(CLOCKS)


async def test_of_10_000_clocks_each_warns_and_breaches_once_though_sla_and_nats_are_killed(tmp_path: Path) -> None:
    policies = tmp_path / "policies.yaml"
    policies.write_text(POLICY)
    # Without the sweep: a timer that is lost stays lost.
    environment = {"YIBAO_SLA_POLICIES": str(policies), "YIBAO_SLA_SWEEP_S": "3600"}
    async with desk_in(tmp_path, "intake") as desk:
        await desk.hurry(2.0)
        await desk.start("sla", **environment)
        await ask(desk)
        for type_ in ("sla.warned", "sla.breached"):
            for share in (8, 2):
                await said(desk, type_, OPEN // share)
                await power_cut(desk, **environment)
        await said(desk, "sla.breached", OPEN)
        await desk.handled("sla")
        told = await events(desk, "SLA")
        cases = await events(desk, "CASE")
        assert len(cases) == CASES
        said_once_each(cases, told)
        stored_as_said(await desk.documents("clocks"), told)
        assert await stored(desk, "TIMER", "timer.sla.>") == 0  # a duty of the quarter waits as well
        assert not await desk.dead()


async def ask(desk: Desk) -> None:
    """Questions of the last seconds, so that what the clocks have to say is as far apart."""
    begun = datetime.now(UTC) - timedelta(seconds=SPREAD_S)
    asked = [
        message(f"m{n}", conversation=f"c{n}", occurred_at=begun + timedelta(seconds=n * SPREAD_S / CASES))
        for n in range(CASES)
    ]
    for start in range(0, CASES, AT_ONCE):
        await desk.send(*asked[start : start + AT_ONCE])


async def said(desk: Desk, type_: str, n: int) -> None:
    async def look() -> bool:
        with suppress(NatsError, TimeoutError):
            return await stored(desk, "SLA", type_) >= n
        return False

    await until(f"{n} {type_} are said", look, within_s=150)


async def power_cut(desk: Desk, **environment: str) -> None:
    """SIGKILL to both, and both up again; intake and MongoDB go on."""
    await desk.kill("sla")
    await desk.kill("nats")
    await desk.servers.start("nats")
    await desk.start("sla", **environment)
    await desk.connected()
