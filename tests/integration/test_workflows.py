"""Workflows over real servers: staff see what they can do, do it, chase on time and hand over the evidence."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.cases import STAFF, alerts, do, now, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

HOSPITAL = "H62010200123"
MSGID = f"{HOSPITAL}202611221130450042"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    directory: Path = tmp_path_factory.mktemp("workflows")
    async with desk_in(directory, "intake", "notify", "stats", YIBAO_CHASE_SWEEP_S="0.2") as running:
        yield running


async def step(desk: Desk, case: str, transition: str, **fields: str) -> Json:
    answer = await do(desk, case, "step", transition=transition, fields=fields)
    assert answer.status_code == 200, answer.text
    moved: Json = await desk.get("intake", f"/cases/{case}/moves")
    return moved


async def types(desk: Desk, case: str) -> list[str]:
    return [e["type"] for e in (await desk.get("intake", f"/cases/{case}"))["timeline"]]


async def escalated(desk: Desk, name: str) -> str:
    text = f"2207 报错 交易超时 msgid {MSGID} 患者张三 身份证620102199003071234"
    case = await opened(desk, name, text=text, institution=HOSPITAL)
    assert (await do(desk, case, "kind", kind="escalation", reason="医院侧已排除")).status_code == 200
    assert (await do(desk, case, "assign", assignee="wang")).status_code == 200
    moved = await step(desk, case, "submit", problem="2207 大面积超时", external_number="P-1009", impact="全市")
    assert (moved["status"], moved["owes"], moved["step_name"]) == ("escalated", "province", "省平台处理中")
    return case


async def test_staff_see_the_moves_take_them_and_are_told_what_is_missing(desk: Desk) -> None:
    case = await escalated(desk, "moves")
    refused = await do(desk, case, "step", transition="solve", fields={})
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_step")
    assert "收到外部答复 (replied, 需填写 外部答复[external_answer])" in refused.json()["message"]
    refused = await do(desk, case, "step", transition="replied", fields={})
    assert "缺少 外部答复[external_answer]" in refused.json()["message"]
    moved = await step(desk, case, "replied", external_answer="已重启前置服务")
    assert [m["name"] for m in moved["moves"]] == ["verify_failed", "solve"]
    await step(desk, case, "solve", resolution="省平台已恢复")
    said = await types(desk, case)
    assert said[-3:] == ["channel.out.wechat", "case.resolved", "case.stepped"]
    assert said.count("case.escalated") == said.count("case.resumed") == 1


async def test_a_case_that_nobody_chases_reminds_whoever_has_it_once(desk: Desk) -> None:
    case = await escalated(desk, "chased")
    soon = (now() + timedelta(seconds=2)).isoformat()
    answer = await do(desk, case, "chase", note="电话催办, 值班手机13919871234", next_at=soon)
    assert answer.status_code == 200, answer.text
    found = await alerts(desk, case, "chase_due", audience="staff:wang")
    [alert] = [a for a in found if a["rule"] == "chase_due"]
    assert "等省平台" in alert["title"]
    assert "外部工单号 P-1009, 已催办 1 次" in alert["body"]
    moved = await desk.get("intake", f"/cases/{case}/moves")
    assert (moved["chases"], moved["next_chase_at"], bool(moved["chase_due_at"])) == (1, None, True)
    assert (await types(desk, case)).count("case.chase_due") == 1
    assert next(c["id"] for c in await desk.get("intake", "/chases")) == case, "what is overdue comes first"


async def test_the_evidence_is_handed_over_masked_as_json_and_as_a_zip(desk: Desk) -> None:
    case = await escalated(desk, "evidence")
    await do(desk, case, "chase", note=f"已报 {MSGID}")
    packet = await desk.get("intake", f"/cases/{case}/evidence")
    assert (packet["external_number"], packet["institution_code"], packet["infno"]) == ("P-1009", HOSPITAL, "2207")
    assert packet["msgids"] == [f"{HOSPITAL}20261122113045****"]
    assert [c["times"] for c in packet["chases"]] == [1]
    answer = await desk.http.get(desk.url("intake", f"/cases/{case}/evidence"), params={"format": "zip"})
    assert answer.headers["content-type"] == "application/zip"
    assert f"evidence-{packet['number']}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("evidence.json")) == packet
        for name in archive.namelist():
            written = archive.read(name).decode()
            assert HOSPITAL in written
            assert not any(secret in written for secret in (MSGID, "620102199003071234", "张三"))


async def test_confirmed_figures_become_a_run_at_stats(desk: Desk) -> None:
    rows = "setl_id,insutype,clr_type,setl_optins,setl_time,medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,"
    rows += "refd_setl_flag\nS1,310,11,620102,2026-10-08 09:12:00,186.50,120.00,40.00,26.50,0\n"
    upload = await desk.http.post(desk.url("stats", "/uploads"), files={"file": ("s.csv", rows)}, headers=STAFF)
    case = await opened(desk, "figures", text="请统计十月门诊结算")
    assert (await desk.get("intake", f"/cases/{case}"))["kind"] == "data_request"
    await step(desk, case, "begin")
    confirmed = {"definition": "按结算时间", "department": "待遇科", "confirmed_by": "李科长"}
    moved = await step(
        desk, case, "run", report="settlement_summary", upload_id=upload.json()["upload_id"], **confirmed
    )

    async def finished() -> Json | None:
        answer = await desk.http.get(desk.url("stats", f"/runs/{moved['fields']['run_id']}"), headers=STAFF)
        run: Json = answer.json()
        return run if run.get("status") == "finished" else None

    run = await until("the run has finished", finished)
    assert run["requested_by"] == "wang"


async def test_every_workflow_and_its_diagram_can_be_read(desk: Desk) -> None:
    flows = await desk.get("intake", "/workflows")
    assert len(flows) == 9
    for flow in flows:
        answer = await desk.http.get(desk.url("intake", f"/workflows/{flow['kind']}/diagram"))
        assert answer.text.startswith("stateDiagram-v2")
        assert all(s["name"] in answer.text for s in flow["steps"])
    unknown = await desk.http.get(desk.url("intake", "/workflows/dream/diagram"))
    assert unknown.status_code in (400, 404)
