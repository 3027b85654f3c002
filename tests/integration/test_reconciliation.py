"""A reconciliation on real servers: compared, raised as a case of the hospital, answered, proved, settled."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from services.stats.reconcile.comparing import compare
from services.stats.reconcile.handover import command_of, keep
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.model import reconciliation_id
from services.stats.reconcile.sample import INSTITUTION, ledgers
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

STAFF = {"X-Yibao-Staff": "wang"}
HOSPITAL = {"X-Yibao-Staff": "zhao", "X-Yibao-Viewer": f"hospital:{INSTITUTION}"}
OTHER = {"X-Yibao-Staff": "qian", "X-Yibao-Viewer": "hospital:H62010000002"}
DISTRICT = {"X-Yibao-Staff": "sun", "X-Yibao-Viewer": "district:6201"}
SAID = ("case.opened", "case.message_added", "case.responded")
PLANTED = {1: 3, 3: 2, 7: 2}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("reconciliation"), "intake", "stats") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=desk.url("stats", ""), auth=desk.http.auth, trust_env=False) as http:
        yield http


async def compared(desk: Desk, folder: Path, planted: dict[int, int], period: str) -> UUID:
    """A run's outcome, said as the service says it when the run has ended."""
    truth = ledgers(folder, 500, seed=5, planted=planted)
    found = compare(
        Asked(
            hospital=(truth.hospital,), centre=(truth.centre,), since=date(2026, 10, 1), until=date(2026, 11, 1),
            institution=INSTITUTION,
        ), folder / "out",
    )  # fmt: skip
    run_id = uuid4()
    wish = command_of(keep(found, folder / "out"), run_id, INSTITUTION, period, SYSTEM, datetime.now(UTC))
    await desk.outbox.publish([from_command(wish)])
    return run_id


async def shown(http: httpx.AsyncClient, period: str, **want: Any) -> Json:
    """The reconciliation as soon as it is as wanted."""

    async def look() -> Json | None:
        answer = await http.get(f"/reconciliations/{reconciliation_id(INSTITUTION, period)}", headers=STAFF)
        found: Json = answer.json()
        return found if answer.is_success and all(found[k] == v for k, v in want.items()) else None

    return await until(f"the reconciliation of {period} is {want}", look)


async def post(http: httpx.AsyncClient, of: Json, verb: str, headers: dict[str, str], **body: Any) -> httpx.Response:
    return await http.post(f"/reconciliations/{of['id']}/{verb}", json=body, headers=headers)


async def cases(desk: Desk, n: int) -> list[Json]:
    """The cases of the hospital's reconciliation, as soon as the first has `n` messages."""

    async def look() -> list[Json] | None:
        found = await desk.get("intake", "/cases", institution=INSTITUTION)
        full = [await desk.get("intake", f"/cases/{c['id']}") for c in found]
        said = [e for c in full for e in c["timeline"] if e["type"] in SAID]
        return full if len(said) >= n else None

    return await until(f"a case with {n} messages", look)


async def test_from_a_comparison_to_a_case_and_back_to_nothing_left(
    desk: Desk, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    await compared(desk, tmp_path / "first", PLANTED, "2026-10")
    found = await shown(http, "2026-10", status="open", count=7)
    assert {t["of"]: t["count"] for t in found["tallies"]} == PLANTED

    assert (await post(http, found, "raise", STAFF, note="请于 5 日前核实")).status_code == 200
    [case] = await cases(desk, 1)
    assert case["institution_code"] == INSTITUTION and case["category"] == "对账清分"

    listed = (await http.get(f"/reconciliations/{found['id']}/differences", headers=HOSPITAL)).json()
    assert listed["count"] == listed["of"] == 7
    answers = [{"id": d["id"], "verdict": "corrected", "note": "已更正"} for d in listed["differences"]]
    assert (await post(http, found, "answer", HOSPITAL, answers=answers)).status_code == 200

    early = await post(http, found, "settle", STAFF, note="都改好了")
    assert early.status_code == 409 and "重新对账" in early.text

    await compared(desk, tmp_path / "second", {}, "2026-10")
    done = await shown(http, "2026-10", status="settled", count=0)
    assert [e["type"].removeprefix("reconciliation.") for e in done["timeline"]] == [
        "compared", "raised", "answered", "compared", "proved", "settled",
    ]  # fmt: skip
    assert {c["id"] for c in await cases(desk, 4)} == {case["id"]}
    [case] = await cases(desk, 4)
    kinds = [e["type"] for e in case["timeline"] if e["type"] in SAID]
    assert kinds == ["case.opened", "case.message_added", "case.responded", "case.responded"]
    assert [e["type"] for e in await desk.stream("RECONCILIATION")] == [e["type"] for e in done["timeline"]]
    assert not await desk.dead()


async def test_a_hospital_sees_its_own_and_nobody_elses(desk: Desk, http: httpx.AsyncClient, tmp_path: Path) -> None:
    await compared(desk, tmp_path, {2: 1}, "2026-09")
    found = await shown(http, "2026-09", count=1)
    seen = {}
    for name, headers in (("staff", STAFF), ("own", HOSPITAL), ("district", DISTRICT), ("other", OTHER)):
        read = await http.get(f"/reconciliations/{found['id']}", headers=headers)
        listed = await http.get("/reconciliations", params={"period": "2026-09"}, headers=headers)
        seen[name] = (read.status_code, len(listed.json()))
    assert seen == {"staff": (200, 1), "own": (200, 1), "district": (200, 1), "other": (404, 0)}
    assert (await post(http, found, "raise", HOSPITAL, note="")).status_code == 403
    assert (
        await post(http, found, "answer", OTHER, answers=[{"id": "0" * 32, "verdict": "accepted"}])
    ).status_code == 404


async def test_a_run_that_is_told_twice_is_heard_once(desk: Desk, http: httpx.AsyncClient, tmp_path: Path) -> None:
    await compared(desk, tmp_path, {2: 2}, "2026-08")
    run_id = UUID((await shown(http, "2026-08", count=2))["run_id"])
    again = command_of(
        tmp_path / "out" / "reconciliation.json", run_id, INSTITUTION, "2026-08", SYSTEM, datetime.now(UTC)
    )
    message = from_command(again)
    await desk.js.publish(message.subject, message.body)  # without the id by which the broker drops a repetition
    await desk.handled("intake")

    async def heard() -> bool:
        info = await desk.js.consumer_info("COMMAND", "stats-command-reconciliation")
        return not info.num_pending and not info.num_ack_pending

    await until("the command is handled", heard)
    assert (await shown(http, "2026-08"))["version"] == 1


async def test_the_differences_are_stored_without_anything_personal(
    desk: Desk, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    await compared(desk, tmp_path, {1: 2, 4: 2}, "2026-07")
    await shown(http, "2026-07", count=4)
    [document] = [d for d in await desk.documents("reconciliations") if d["state"]["period"] == "2026-07"]
    assert "psn_no" not in str(document) and "P000" not in str(document)
