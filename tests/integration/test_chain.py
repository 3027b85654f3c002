"""From a message to an answer over real HTTP of real processes: case, clock, timer, alert, commands."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.cases import NOBODY, STAFF, alerts, clocks, do, opened
from tests.integration.inbox_reading import events
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

DRILL = "P62019900001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("chain"), "intake", "sla", "notify") as desk:
        yield desk


async def test_staff_lead_a_case_from_question_to_answer(desk: Desk) -> None:
    case = await opened(desk, "story", text="2207接口报错，门诊结算失败")
    assert (await clocks(desk, case))["state"] == "running"
    assert (await alerts(desk, case, "new_case"))[0]["state"] == "queued"
    steps: list[tuple[str, Json, str]] = [
        ("assign", {"assignee": "li"}, "in_progress"),
        ("respond", {"text": "请重新签到"}, "in_progress"),
        ("wait", {"waiting_for": "requester", "reason": "请提供截图"}, "waiting"),
        ("escalate", {"reason": "省平台超时"}, "escalated"),
        ("resolve", {"resolution": "重新签到"}, "resolved"),
        ("close", {"reason": "已确认"}, "closed"),
        ("reopen", {"reason": "又报错"}, "in_progress"),
    ]
    for verb, body, status in steps:
        done = await do(desk, case, verb, **body)
        assert (done.status_code, done.json()["status"]) == (200, "done"), done.text
        read = await desk.get("intake", f"/cases/{case}")
        assert (read["status"], read["version"]) == (status, done.json()["version"])
    assert [e["type"] for e in read["timeline"]] == [
        "case.opened", "case.assigned", "case.responded", "channel.out.wechat", "case.waiting", "case.escalated",
        "case.resolved", "case.closed", "case.reopened",
    ]  # fmt: skip
    [reply] = [e for e in await desk.stream("CHANNEL") if e.get("type") == "channel.out.wechat"]
    assert (reply["case_id"], reply["conversation_id"], reply["text"]) == (case, "story", "请重新签到")
    assert (await clocks(desk, case, state="met"))["breached"] is False
    await alerts(desk, case, "new_case", "escalated", "reopened")
    assert [a["rule"] for a in await alerts(desk, case, "assigned", audience="staff:li")] == ["assigned"]
    assert await alerts(desk, case, "escalated", audience="lead")


async def test_commands_that_cannot_be_done_say_why(desk: Desk) -> None:
    case = await opened(desk, "refused")
    number = (await desk.get("intake", f"/cases/{case}"))["number"]
    assert (await do(desk, number, "assign", assignee="li")).status_code == 200, "a case answers to its number"
    stale = await do(desk, case, "assign", {**STAFF, "If-Match": '"1"'}, assignee="qian")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert (await do(desk, case, "assign", {**STAFF, "If-Match": '"2"'}, assignee="qian")).status_code == 200
    assert (await do(desk, case, "reopen", reason="r")).json()["code"] == "open"
    assert (await do(desk, case, "assign", NOBODY, assignee="li")).status_code == 401
    assert (await do(desk, "YB-00000-00000", "assign", assignee="li")).status_code == 404
    assert (await do(desk, case, "respond")).status_code == 400
    blank = await do(desk, case, "respond", text="")
    assert (blank.status_code, blank.json()["message"]) == (400, "内容不合要求, 请检查: text")
    assert (await desk.get("intake", f"/cases/{case}"))["version"] == 3


async def test_the_same_wish_under_one_key_is_done_once(desk: Desk) -> None:
    case = await opened(desk, "once")
    headers = {**STAFF, "Idempotency-Key": "press-1"}
    first, second = [await do(desk, case, "respond", headers, text="稍等") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (await desk.get("intake", f"/cases/{case}"))["version"] == 3


async def test_the_drill_is_warned_breached_read_and_acknowledged(desk: Desk) -> None:
    case = await opened(desk, "drill", institution=DRILL)
    warned = await clocks(desk, case, warned=True)
    assert (warned["policy"], warned["breached"]) == ("演练", False)
    await clocks(desk, case, breached=True, state="running")
    breach, *_ = await alerts(desk, case, "new_case", "warning", "breach")
    assert (breach["rule"], breach["urgency"]) == ("breach", "urgent")
    assert (await alerts(desk, case, "breach", audience="lead"))[0]["alert_id"] == breach["alert_id"]
    for verb, state in (("read", "read"), ("acknowledge", "acknowledged"), ("acknowledge", "acknowledged")):
        url = desk.url("notify", f"/alerts/{breach['alert_id']}/{verb}")
        assert (await desk.http.post(url, headers=STAFF)).status_code == 200
        assert (await alerts(desk, case, "breach"))[0]["state"] == state
    noted = await clocks(desk, case, acknowledged=True)
    assert noted["clock"] == "first_response", "who acknowledges the alert has taken note of the clock"
    late = [e["late_ms"] for e in await desk.stream("SLA") if e["case_id"] == case and "late_ms" in e]
    assert len(late) == 2 and max(late) < 2_000


async def listen(desk: Desk, n: int, last: str | None = None, then: str = "") -> list[tuple[str, str]]:
    """The next `n` alerts of the stream as (id, number); `then` is a case that is opened once we listen."""
    headers = {"Last-Event-ID": last} if last else {}
    found: list[tuple[str, str]] = []
    async with desk.http.stream("GET", desk.url("notify", "/inbox/stream"), headers=headers, timeout=20) as stream:
        async for heard in events(stream.aiter_lines()):
            if not heard.event and then:  # the comment that greets
                await opened(desk, then)
                then = ""
            if heard.event == "alert":
                found.append((heard.id, heard.data["number"]))
            if len(found) == n:
                return found
    raise AssertionError(f"the stream ended after {found}")


async def test_the_live_inbox_hears_an_alert_and_goes_on_where_it_stopped(desk: Desk) -> None:
    [(first, number)] = await asyncio.wait_for(listen(desk, 1, then="live-1"), 20)
    case = await opened(desk, "live-2")
    assert number != (await desk.get("intake", f"/cases/{case}"))["number"]
    await alerts(desk, case, "new_case")
    [(second, missed)] = await asyncio.wait_for(listen(desk, 1, last=first), 20)
    assert missed == (await desk.get("intake", f"/cases/{case}"))["number"]
    assert int(second) > int(first)


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("intake", ["yibao_messages_total", "yibao_case_events_total", "yibao_backlog_messages", "yibao_cases"]),
        ("sla", ["yibao_sla_lateness_seconds", "yibao_sla_sweep_catches_total", "yibao_sla_cases_running"]),
        (
            "notify",
            ["yibao_notifications_total", "yibao_batch_handling_seconds", "yibao_backlog_oldest_seconds"],
        ),
    ],
)
async def test_prometheus_finds_what_ops_watch(desk: Desk, service: str, names: list[str]) -> None:
    text = (await desk.http.get(desk.url(service, "/metrics"))).text
    told = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert set(names) <= told
    assert re.search(r"^yibao_messages_total\{.*outcome=\"handled\"\} [1-9]", text, re.MULTILINE)
