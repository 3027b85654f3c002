"""Promises on real servers: another edition reaches clocks that run, accounts add up, the canary sings."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
import pytest_asyncio

from chassis.zone import BEIJING
from tests.integration.cases import do, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = pytest.mark.real
WANG = {"X-Yibao-Staff": "wang"}
MONTH = f"{datetime.now(UTC).astimezone(BEIJING):%Y-%m}"
HOUR = {"within": "1h", "thresholds": {"100%": ["assignee"]}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("live"), "intake", "sla") as desk:
        yield desk


async def clock_of(desk: Desk, case: str) -> Json:
    [clock] = [c for c in await desk.get("sla", "/clocks", case_id=case) if c["clock"] == "first_response"]
    return dict(clock)


async def put(desk: Desk, path: str, body: object) -> Json:
    answer = await desk.http.put(desk.url("sla", path), headers=WANG, json=body)
    assert answer.status_code == HTTPStatus.OK, answer.text
    told: Json = answer.json()
    return told


async def test_another_edition_holds_for_what_runs_and_is_still_there_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    hurried = {"YIBAO_SLA_SWEEP_S": "0.5"}
    async with desk_in(tmp_path_factory.mktemp("promises"), "intake") as desk:
        await desk.start("sla", **hurried)
        case = await opened(desk, "promised")
        await desk.handled("sla")
        before = await clock_of(desk, case)
        assert (before["policy"], before["within_s"], before["calendar"]) == ("标准", 1800, "24x7@24x7")

        shown = await put(desk, "/promises/calendars/night", {"weekly": {"mon": ["20:00-24:00"]}, "holidays": "none"})
        assert "night" in {c["name"] for c in shown["calendars"]}
        shown = await put(desk, "/promises/policies", [{"name": "夜班", "calendar": "night", "first_response": HOUR}])

        async def bound() -> bool:
            return bool((await clock_of(desk, case))["policy"] == "夜班")

        await until("the clock goes by the new edition", bound)
        await desk.handled("sla")
        after = await clock_of(desk, case)
        assert (after["within_s"], after["book"]) == (3600, shown["version"])
        assert after["calendar"].startswith("night@")
        [said] = [e for e in await desk.stream("SLA") if e["type"] == "sla.rebound" and e["case_id"] == case
                  and e["clock"] == "first_response"]  # fmt: skip
        assert (said["due_before"], said["policy"]) == (before["due_at"], "夜班")

        await desk.stop("sla")
        await desk.start("sla", **hurried)
        told = await desk.get("sla", "/promises")
        assert told["version"] == shown["version"]
        assert [e["by"] for e in told["editions"]] == ["files", "wang", "wang"]


async def test_a_promise_that_is_taken_away_and_given_again_has_its_clock_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with desk_in(tmp_path_factory.mktemp("again"), "intake", "sla") as desk:
        case = await opened(desk, "answered")
        await do(desk, case, "respond", text="请稍候")
        await desk.handled("sla")
        shipped = (await desk.get("sla", "/promises"))["policies"]

        async def running() -> list[str]:
            found = await desk.get("sla", "/clocks", case_id=case)
            return [c["clock"] for c in found if c["state"] == "running"]

        assert await running() == ["resolution"]
        # Without a look at every ten seconds: whoever changes a promise has it at once.
        await put(desk, "/promises/policies", [{"name": "只答复", "first_response": HOUR}])

        async def gone() -> bool:
            return await running() == []

        await until("no promise runs", gone)
        await put(desk, "/promises/policies", shipped)

        async def back() -> bool:
            return await running() == ["resolution"]

        await until("the promise runs again", back)
        account = (await desk.get("sla", f"/clocks/{case}/account"))["clocks"][1]
        assert [s["type"] for s in account["said"]] == ["sla.started", "sla.stopped", "sla.started"]
        again = await put(desk, "/promises/policies", shipped)
        assert len(again["editions"]) == 3  # the same promises begin nothing
        code, said = await desk.command("sla", "attainment", "--month", MONTH, "--recompute")
        assert (code, "一致" in said) == (0, True), said


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/promises/policies", [], "最后一条"),
        ("/promises/policies", [{"name": "a", "calendar": "elsewhere", "first_response": HOUR}], "没有日历 elsewhere"),
        ("/promises/calendars/x", {"weekly": {"mon": ["18:00-09:00"]}, "holidays": "none"}, "18:00-09:00"),
    ],
)
async def test_what_cannot_be_promised_changes_nothing(desk: Desk, path: str, body: object, why: str) -> None:
    before = await desk.get("sla", "/promises")
    answer = await desk.http.put(desk.url("sla", path), headers=WANG, json=body)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert why in answer.json()["message"]
    assert await desk.get("sla", "/promises") == before


@pytest.mark.asyncio(loop_scope="module")
async def test_every_second_is_accounted_for_and_who_takes_note_ends_the_alarms(desk: Desk) -> None:
    case = await opened(desk, "account")
    await desk.handled("sla")
    told = await desk.get("sla", f"/clocks/{case}/account")
    first, resolution = told["clocks"]
    for account in (first, resolution):
        assert sum(s["wall_s"] for s in account["spans"]) == pytest.approx(account["wall_s"])
        assert account["left_s"] == pytest.approx(account["clock"]["within_s"] - account["counted_s"])
    url = desk.url("sla", f"/clocks/{case}/first_response/acknowledge")
    assert (await desk.http.post(url, headers={"X-Yibao-Role": "none"})).status_code == HTTPStatus.UNAUTHORIZED
    assert (await desk.http.post(url, headers=WANG)).status_code == HTTPStatus.OK
    assert (await clock_of(desk, case))["acknowledged"] is True
    [event] = [e for e in await desk.stream("SLA") if e["type"] == "sla.acknowledged" and e["case_id"] == case]
    assert event["by"] == "wang"


async def test_the_canary_warns_and_breaches_and_nobody_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("canary"), "notify") as desk:
        await desk.start("sla", YIBAO_SLA_CANARY_S="6")

        async def sung() -> bool:
            return len([e for e in await desk.stream("SLA") if e["type"] == "sla.breached"]) >= 2

        await until("two canaries have breached", sung)
        text = (await desk.http.get(desk.url("sla", "/metrics"))).text
        assert "yibao_sla_canaries_missed_total 0.0" in text
        assert 'yibao_sla_canary_lateness_seconds{threshold="breached"}' in text
        assert await desk.get("sla", "/clocks") == []
        assert (await desk.get("sla", "/clocks/counts"))["total"] == 0
        await desk.handled("notify")
        assert await desk.get("notify", "/inbox", audience=["desk", "lead"]) == []
