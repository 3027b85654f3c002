"""Notify killed at each step of a delivery: nothing is lost, what repeats was in a worker's hand and is marked."""

import json
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from contracts.notify import PostNotice
from tests.faults.delivery_victim import ACCEPTED, CLAIMED, REPORTED, STEPS, TAKEN
from tests.support.desk import Desk, desk_in
from tests.support.providers import Vendors, vendors
from tests.support.providers.receiver import SECRET
from tests.support.wait import until
from yibao.process import Process

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

NOTICES, WORKERS, NTH = 24, 2, 5


def file_of(directory: Path, there: Vendors) -> Path:
    """A provider for each step, none of them limited."""
    one = {"kind": "webhook", "rate": None, "workers": WORKERS, "allowed": [f"{there.url}/hook/"], "secret": SECRET}
    path = directory / "providers.yaml"
    path.write_text(json.dumps({"providers": dict.fromkeys(STEPS, one)}), encoding="utf-8")
    return path


class Drill:
    def __init__(self, desk: Desk, there: Vendors, environment: dict[str, str]) -> None:
        self.desk, self.there, self.environment = desk, there, environment
        self.notices: dict[str, list[UUID]] = {}

    async def sign_up(self, step: str) -> None:
        """Somebody who is reached by the provider of this step."""
        wish = {"endpoints": [{"provider": step, "address": f"{self.there.url}/hook/{step}"}]}
        url = self.desk.url("notify", f"/settings/recipients/staff:{step}")
        answer = await self.desk.http.put(url, json=wish, headers={"X-Yibao-Staff": "drill"})
        assert answer.status_code == 200, answer.text

    async def tell(self, step: str) -> None:
        ids = self.notices[step] = [uuid4() for _ in range(NOTICES)]
        await self.desk.outbox.publish([from_command(_notice(id_, step)) for id_ in ids])

    async def doomed(self, step: str) -> None:
        """Notify until it has killed itself at this step."""
        command = [sys.executable, "-m", "tests.faults.delivery_victim", step, str(NTH)]
        own = {**self.desk.settings.acting("notify").environment(), **self.environment}
        process = Process("victim", command, self.desk.settings.data_dir / "logs" / "victim.log", own)
        await process.start()
        await self.tell(step)
        assert await process.wait() == -signal.SIGKILL, process.last_words()

    async def deliveries(self, step: str) -> dict[UUID, Any]:
        """Those of this step, by alert."""
        ids = set(self.notices[step])
        found = [d for d in await self.desk.documents("alerts") if d["_id"] in ids]
        return {a["_id"]: d for a in found for d in a["state"]["deliveries"] if d["provider"] == step}

    async def delivered(self, step: str) -> dict[UUID, Any]:
        async def look() -> dict[UUID, Any] | None:
            found = await self.deliveries(step)
            is_done = len(found) == NOTICES and all(d.get("state") == "delivered" for d in found.values())
            return found if is_done else None

        return await until(f"all of {step} are delivered", look, within_s=90)

    def came(self, step: str) -> dict[str, list[bool]]:
        """By delivery, for each time that it came: whether it said that it may be a repetition."""
        found: dict[str, list[bool]] = {}
        for request in self.there.receiver.asked:
            if request.path == f"/hook/{step}":
                found.setdefault(request.json["id"], []).append(request.json["repeat"])
        return found


def _notice(id_: UUID, step: str) -> PostNotice:
    return PostNotice(
        id=uuid4(), occurred_at=datetime.now(UTC), actor=SYSTEM, alert_id=id_, rule="test", to=(f"staff:{step}",),
        title="演练",
    )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def drill(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drill]:
    """All four ends, then notify again, which picks up what they have left."""
    directory = tmp_path_factory.mktemp("deliveries")
    async with desk_in(directory) as desk, vendors() as there:
        environment = {"YIBAO_NOTIFY_PROVIDERS": str(file_of(directory, there)), "YIBAO_NOTIFY_LIMIT": "100000"}
        drill = Drill(desk, there, environment)
        await desk.start("notify", **environment)
        for step in STEPS:
            await drill.sign_up(step)
        await desk.stop("notify")
        for step in STEPS:
            await drill.doomed(step)
        await desk.start("notify", **environment)
        yield drill


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_at_a_step_loses_nothing_and_repeats_only_what_was_in_hand(
    drill: Drill, step: str
) -> None:
    deliveries = await drill.delivered(step)
    came = drill.came(step)
    assert sorted(map(_alert, came)) == sorted(deliveries)
    twice = {id_: times for id_, times in came.items() if len(times) > 1}
    assert len(twice) <= WORKERS
    assert all(times[0] is False and all(times[1:]) for times in twice.values())
    assert all(deliveries[_alert(id_)]["repeated"] for id_ in twice)


def _alert(id_: str) -> UUID:
    return UUID(id_[:36])


async def test_what_the_provider_had_accepted_repeats_and_what_was_reported_does_not(drill: Drill) -> None:
    for step in STEPS:
        await drill.delivered(step)
    assert any(len(times) > 1 for times in drill.came(ACCEPTED).values())
    marked = {step: [d for d in (await drill.deliveries(step)).values() if d.get("repeated")] for step in STEPS}
    assert 1 <= len(marked[CLAIMED]) <= WORKERS, "who was killed with a claim cannot say that nothing was sent"
    assert 1 <= len(marked[ACCEPTED]) <= WORKERS
    # Of two workers only the other one may have been in the middle of something.
    assert len(marked[TAKEN]) < WORKERS
    assert len(marked[REPORTED]) < WORKERS


async def test_the_queues_are_empty_in_the_end(drill: Drill) -> None:
    for step in STEPS:
        await drill.delivered(step)

    async def look() -> bool:
        return (await drill.desk.js.stream_info("DELIVERY")).state.messages == 0

    await until("nothing waits for a provider", look)
    assert not await drill.desk.dead()
