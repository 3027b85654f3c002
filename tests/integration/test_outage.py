"""An outage from the first questions to the last confirmation, on real servers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.cases import STAFF, case_of, do, fresh
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

ERROR = "2207接口报错：省平台交易超时"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("outage"), "intake", "sla", "notify") as desk:
        yield desk


async def reported(desk: Desk, text: str, name: str, *hospitals: int) -> list[str]:
    """The cases that these hospitals open with the same question."""
    messages = [fresh(f"{name}-{n}", text, sender=f"{name}-{n}", institution=f"H620102{n:05d}") for n in hospitals]
    await desk.send(*messages)
    return [str((await case_of(desk, m.message_id))["id"]) for m in messages]


async def outage(desk: Desk, about: str, n: int, state: str = "suggested") -> Json:
    """The outage about `about` once it has `n` cases."""

    async def look() -> Json | None:
        found = await desk.get("intake", "/outages", state=state)
        return next((o for o in found if about in o["title"] and len(o["cases"]) == n), None)

    return await until(f"an outage with {n} cases", look)


async def act(desk: Desk, outage: Json, verb: str, **body: Any) -> httpx.Response:
    url = desk.url("intake", f"/outages/{outage['number']}/{verb}")
    return await desk.http.post(url, json=body, headers=STAFF)


async def all_are(desk: Desk, cases: list[str], what: str, **want: Any) -> list[Json]:
    async def look() -> list[Json] | None:
        found = [await desk.get("intake", f"/cases/{case}") for case in cases]
        return found if all(c[k] == v for c in found for k, v in want.items()) else None

    return await until(what, look)


async def answers(desk: Desk, case: str) -> list[str]:
    return [
        e["text"] for e in (await desk.get("intake", f"/cases/{case}"))["timeline"] if e["type"] == "case.responded"
    ]


async def test_one_problem_is_suggested_confirmed_answered_and_resolved_for_everybody(desk: Desk) -> None:
    cases = await reported(desk, ERROR, "timeout", 1, 2, 3)
    found = await outage(desk, "2207", 3)
    assert set(found["cases"]) == set(cases)
    [alert] = await until("the desk is alerted", lambda: _alerts(desk, "outage_suggested", found["number"]))
    assert alert["urgency"] == "urgent"
    assert (await act(desk, found, "broadcast", text="x")).json()["code"] == "wrong_state"

    done = await act(desk, found, "confirm", title="省平台 2207 大面积超时")
    assert done.status_code == 200, done.text
    await all_are(desk, cases, "every case has joined", outage=found["id"])
    await until("the desk is told", lambda: _alerts(desk, "outage_confirmed", found["number"]))
    listed = await desk.get("intake", "/cases", outage=found["number"])
    assert {c["id"] for c in listed} == set(cases)

    [late] = await reported(desk, ERROR, "late", 4)
    await outage(desk, "2207", 4, "confirmed")
    await all_are(desk, [late], "the late one has joined", outage=found["id"])

    assert (await act(desk, found, "broadcast", text="省平台正在恢复, 请先不要重复刷卡")).status_code == 200
    for case in await all_are(desk, [*cases, late], "all are answered", status="in_progress"):
        assert await answers(desk, case["id"]) == ["省平台正在恢复, 请先不要重复刷卡"]

    assert (await do(desk, cases[0], "close", reason="该院已自行恢复")).status_code == 200
    assert (await act(desk, found, "resolve", resolution="省平台已恢复, 请重新结算")).status_code == 200
    await all_are(desk, [*cases[1:], late], "the others are resolved", status="resolved")
    assert (await desk.get("intake", f"/cases/{cases[0]}"))["status"] == "closed"
    assert (await answers(desk, late))[-1] == "省平台已恢复, 请重新结算"
    assert (await do(desk, cases[1], "close", reason="已确认恢复")).status_code == 200
    assert (await do(desk, cases[2], "reopen", reason="仍然超时")).status_code == 200
    read = await desk.get("intake", f"/outages/{found['id']}")
    assert {c["id"]: c["status"] for c in read["children"]} == {
        cases[0]: "closed", cases[1]: "closed", cases[2]: "in_progress", late: "resolved",
    }  # fmt: skip
    assert [e["type"] for e in read["timeline"]] == [
        "outage.suggested", "outage.confirmed", "outage.grew", "outage.broadcast", "outage.broadcast",
        "outage.resolved",
    ]  # fmt: skip
    clocks = [await desk.get("sla", "/clocks", case_id=case) for case in (*cases, late)]
    assert all(next(c for c in of if c["clock"] == "first_response")["state"] == "met" for of in clocks)
    assert await desk.dead() == []


async def _alerts(desk: Desk, rule: str, number: str) -> list[Json] | None:
    found = await desk.get("notify", "/inbox", audience="desk", limit=500)
    return [a for a in found if a["rule"] == rule and a["number"] == number] or None


async def test_what_a_person_dismisses_is_not_suggested_again(desk: Desk) -> None:
    await reported(desk, "电子处方流转一直提示签名验证不通过", "sign", 11, 12, 13)
    found = await outage(desk, "电子处方", 3)
    assert (await act(desk, found, "dismiss", reason="三家用的是同一家厂商的旧版本")).status_code == 200
    await reported(desk, "电子处方流转一直提示签名验证不通过!", "sign-more", 14, 15, 16)
    await reported(desk, "药品追溯码上传返回库存不足无法出库", "trace", 21, 22, 23)
    await outage(desk, "追溯码", 3)  # detection has looked since
    assert [o["state"] for o in await desk.get("intake", "/outages") if "电子处方" in o["title"]] == ["dismissed"]
    assert (await act(desk, found, "confirm")).json()["code"] == "wrong_state"


async def test_a_person_adds_a_case_that_detection_does_not_see(desk: Desk) -> None:
    await reported(desk, "住院登记接口 2401 报错：人员锁定失败", "lock", 31, 32, 33)
    found = await outage(desk, "2401", 3)
    [other] = await reported(desk, "入院办不了", "other", 34)
    assert (await act(desk, found, "add", cases=[other])).status_code == 200
    assert (await act(desk, found, "confirm")).status_code == 200
    [case] = await all_are(desk, [other], "it has joined", outage=found["id"])
    assert "case.joined_outage" in [e["type"] for e in case["timeline"]]
    assert (await act(desk, {"number": "GZ-00000"}, "confirm")).status_code == 404
