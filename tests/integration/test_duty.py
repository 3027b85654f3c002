"""Duty on real servers: who is there gets the case, visits are measured, a shift is handed over."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.cases import STAFF, case_of, do, fresh, now, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SEED = Path(__file__).parents[2] / "deploy" / "directory"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("duty"), "intake", YIBAO_DIRECTORY_SEED=str(SEED)) as desk:
        yield desk


async def shift(desk: Desk, engineer: str, kind: str = "duty", hours: float = 4, id_: str = "") -> httpx.Response:
    begins = now() - timedelta(minutes=5)
    ends = begins + timedelta(hours=hours)
    body = {"engineer": engineer, "kind": kind, "begins": begins.isoformat(), "ends": ends.isoformat()}
    url = desk.url("intake", f"/duty/shifts/{id_ or f'{engineer}-{kind}'}")
    return await desk.http.put(url, json=body, headers=STAFF)


async def remove(desk: Desk, id_: str) -> None:
    await desk.http.delete(desk.url("intake", f"/duty/shifts/{id_}"), headers=STAFF)


async def available(desk: Desk, *engineers: str) -> Json:
    """Who is there, as soon as it is these."""

    async def look() -> Json | None:
        there: Json = await desk.get("intake", "/duty/now")
        return there if there["available"] == sorted(engineers) else None

    return await until(f"{engineers} are there", look)


async def post(desk: Desk, path: str, **more: Any) -> httpx.Response:
    return await desk.http.post(desk.url("intake", f"/duty/{path}"), headers=STAFF, **more)


async def clear(desk: Desk) -> None:
    for known in await desk.get("intake", "/duty/shifts"):
        await remove(desk, known["id"])
    await available(desk)


async def staff_known(desk: Desk) -> None:
    async def look() -> bool:
        return len(await desk.get("intake", "/directory/staff")) == 5

    await until("the staff are known", look)


async def test_with_nobody_there_a_case_stays_unassigned_and_the_desk_says_why(desk: Desk) -> None:
    there = await available(desk)
    assert "无人在岗" in there["message"]
    await desk.send(fresh("night"))
    assert not (await case_of(desk, "night")).get("assignee")


async def test_who_has_the_skill_and_is_there_gets_the_case_and_the_case_says_why(desk: Desk) -> None:
    await staff_known(desk)
    await clear(desk)
    for engineer in ("chen.jie", "wang.fang", "li.na"):
        assert (await shift(desk, engineer)).status_code == 200
    await available(desk, "chen.jie", "wang.fang", "li.na")
    choice = await desk.get("intake", "/duty/choice", category="结算报销")
    assert choice["assignee"] == "wang.fang" and "擅长结算报销" in choice["because"]
    await desk.send(fresh("skilled", "药品目录对码 目录匹配不上"))
    case = await case_of(desk, "skilled")
    expected = await desk.get("intake", "/duty/choice", category=case["category"], priority=case["priority"])
    assert case["assignee"] == expected["assignee"] and "负荷最轻" in case["assigned_because"]


async def test_nobody_on_leave_gets_a_case(desk: Desk) -> None:
    await clear(desk)
    await shift(desk, "zhao.lei")
    await shift(desk, "ma.jun")
    await shift(desk, "zhao.lei", "leave", hours=48)
    there = await available(desk, "ma.jun")
    assert [p["engineer"] for p in there["away"]] == ["zhao.lei"]
    await desk.send(*(fresh(f"leave-{n}") for n in range(5)))
    assert {(await case_of(desk, f"leave-{n}"))["assignee"] for n in range(5)} == {"ma.jun"}


async def test_a_burst_of_cases_is_spread_over_those_who_are_there(desk: Desk) -> None:
    await clear(desk)
    # Nobody of these stands in the directory: they take everything and start from nothing.
    for engineer in ("e1", "e2", "e3"):
        await shift(desk, engineer)
    await available(desk, "e1", "e2", "e3")
    await desk.send(*(fresh(f"burst-{n}") for n in range(30)))
    got = Counter([(await case_of(desk, f"burst-{n}"))["assignee"] for n in range(30)])
    assert set(got) == {"e1", "e2", "e3"} and min(got.values()) >= 5


async def test_a_visit_is_refused_out_of_order_and_shows_its_minutes(desk: Desk) -> None:
    case = await opened(desk, "visited")
    wrong = await do(desk, case, "visit", engineer="ma.jun", phase="arrived")
    assert wrong.status_code == 409 and "请先登记" in wrong.json()["message"]
    for phase in ("planned", "departed", "arrived", "left"):
        said = await do(desk, case, "visit", engineer="ma.jun", phase=phase, place="信息科", note="到现场处理")
        assert said.status_code == 200
    [visit] = await desk.get("intake", f"/duty/visits/{case}")
    assert (visit["travel_minutes"], visit["onsite_minutes"], visit["place"]) == (0, 0, "信息科")
    assert (await desk.get("intake", f"/cases/{case}"))["responded_at"]


async def test_a_handover_gives_every_open_case_to_the_next_engineer(desk: Desk) -> None:
    cases = [await opened(desk, f"hand-{n}") for n in range(3)]
    for case in cases:
        assert (await do(desk, case, "assign", assignee="giver")).status_code == 200
    draft = await desk.get("intake", "/duty/handover/draft", engineer="giver")
    assert {c["case_id"] for c in draft["cases"]} == set(cases) and draft["cases"][0]["last_said"] == "门诊结算失败"
    number = draft["cases"][0]["number"]
    body = {"from": "giver", "to": "taker", "note": "白班交夜班", "notes": {number: "等省平台回复"}}
    assert (await post(desk, "handover", json={**body, "notes": {"YB-00000-00000": "?"}})).status_code == 404
    assert (await post(desk, "handover", json=body)).status_code == 200

    async def look() -> bool:
        found = [await desk.get("intake", f"/cases/{c}") for c in cases]
        return all(c["assignee"] == "taker" for c in found)

    await until("all are the next engineer's", look)
    [handed] = await desk.get("intake", "/duty/handovers", engineer="taker")
    assert len(handed["items"]) == 3
    assert [i["note"] for i in handed["items"] if i["number"] == number] == ["等省平台回复"]
    noted = await desk.get("intake", f"/cases/{number}")
    assert noted["assigned_because"] == "交接班 (由 giver 交出): 等省平台回复"


async def test_a_weekly_pattern_and_a_months_table_fill_the_roster_once(desk: Desk) -> None:
    body = {"engineer": "li.na", "weekdays": [1, 2, 3, 4, 5], "from": "2026-12-07", "to": "2026-12-13",
            "begins": "08:30", "ends": "17:30"}  # fmt: skip
    for _ in range(2):
        assert (await post(desk, "pattern", json=body)).json()["saved"] == 5
    table = "日期,工程师,开始,结束,类型\n2026-12-08,li.na,,,请假\n2026-12-08,ma.jun,25:00,,值班\n".encode()
    report = (await post(desk, "import", files={"file": ("roster.csv", table)})).json()
    assert (report["saved"], report["refused"]) == (1, 1)
    span = {"from": "2026-12-07T00:00:00+08:00", "to": "2026-12-14T00:00:00+08:00"}
    found = await desk.get("intake", "/duty/shifts", **span)
    assert Counter(s["kind"] for s in found) == {"duty": 5, "leave": 1}
    assert (await post(desk, "pattern", json={**body, "weekdays": []})).status_code == 409


async def test_after_a_restart_the_roster_is_known_before_the_first_case(desk: Desk) -> None:
    await clear(desk)
    await shift(desk, "e9")
    await available(desk, "e9")
    await desk.stop("intake")
    await desk.send(fresh("overnight"))
    await desk.start("intake", YIBAO_DIRECTORY_SEED=str(SEED))
    assert (await case_of(desk, "overnight"))["assignee"] == "e9"
