"""Inbox, roster and obligations in the console: who sees what, what the forms do, calendars that programs read."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httpx
import icalendar
import openpyxl
import pytest
import pytest_asyncio

from chassis.zone import BEIJING
from contracts.identity import TITLES, Role
from services.console.web.menu import MENU
from tests.integration.inbox_reading import alert_of, open_cases
from tests.support.console import OTHERS, OURS, console_in, signed_in
from tests.support.desk import Desk
from tests.support.pages import a, sent, shown
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
OK, FORBIDDEN, MISSING = httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND
OF: dict[str, set[str]] = {entry.path: set(entry.roles) for entry in MENU}
PAGES: dict[str, set[str]] = {
    "/inbox": OF["/inbox"],
    "/inbox?view=unread": OF["/inbox"],
    "/inbox/settings": OF["/inbox"] - {"hospital"},
    "/duty": OF["/duty"],
    "/duty/calendar?month=2026-10": OF["/duty"],
    "/duty/handover": {"engineer", "lead", "auditor"},
    "/obligations": OF["/obligations"],
    "/obligations/attainment?by=clock": OF["/obligations"],
    "/obligations/attainment/rows": OF["/obligations"],
    "/obligations/exemptions": OF["/obligations"] - {"hospital"},
}
DUTY = """
- name: lists
  title: 结算清单上传
  todo: 全部上传
  each: institution
  every: month
  about: last
  opens: day 1
  due: day 28 18:00
  shift: none
  calendar: 24x7
  thresholds: {due: [resident, lead]}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Two hospitals under a contract, two of the staff in the directory."""
    directory = tmp_path_factory.mktemp("office")
    (directory / "duties.yaml").write_text(DUTY)
    services = ("intake", "sla", "notify", "console")
    async with console_in(directory, *services, YIBAO_SLA_OBLIGATIONS=str(directory / "duties.yaml")) as desk:
        await save(desk, f"institution/{OURS}", name="第一医院")
        await save(desk, f"institution/{OTHERS}", name="第二医院")
        await save(desk, "staff/wang.fang", name="王芳")
        await save(desk, "staff/zhao.lei", name="赵磊", lead=True)
        term = {"begins": "2020-01-01", "ends": "2099-12-31"}
        await save(desk, "contract/ht", name="接口合同", institution_codes=[OURS, OTHERS], **term)
        yield desk


async def save(desk: Desk, path: str, **body: Any) -> None:
    (await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body)).raise_for_status()


@pytest.mark.parametrize("role", TITLES)
async def test_each_role_opens_its_pages_and_no_other(desk: Desk, role: Role) -> None:
    async with a(role, desk) as http:
        for path, roles in PAGES.items():
            answer = await http.get(path)
            assert answer.status_code == (OK if role in roles else FORBIDDEN), (path, answer.text[-500:])


async def test_an_alert_is_read_by_one_and_taken_on_by_another(desk: Desk) -> None:
    await open_cases(desk, 1, 2)
    first = await alert_of(desk, 1)
    async with a("engineer", desk) as wang, a("lead", desk) as zhao, a("hospital", desk) as hospital:
        page = await shown(wang, "/inbox?view=unread", "YB-0001")
        assert f"/cases/{first['case_id']}" in str(page)
        await sent(wang, f"/inbox/{first['alert_id']}/read?view=unread")
        assert "YB-0001" not in (await wang.get("/inbox?view=unread")).text
        assert "YB-0001" in (await zhao.get("/inbox?view=unread")).text, "each reads for himself"
        await sent(zhao, f"/inbox/{first['alert_id']}/acknowledge")
        assert "zhao.lei 已知悉" in (await wang.get("/inbox")).text
        assert (await hospital.get("/inbox")).text.count("data-alert") == 0
        assert (await hospital.post(f"/inbox/{first['alert_id']}/acknowledge")).status_code == MISSING


async def test_settings_of_ones_own_are_kept(desk: Desk) -> None:
    async with a("engineer", desk) as wang:
        form = {"begins": "22:00", "ends": "07:00", "digest": "low", "rules": "breach", "least": "high"}
        await sent(wang, "/inbox/settings", **form)
        page = (await wang.get("/inbox/settings")).text
        assert 'value="22:00"' in page and "breach · 较急以上" in page
        wrong = await wang.post("/inbox/settings", data={"calendar": "nowhere", "keep-0": "1"})
        assert wrong.status_code == 409 and "没有营业日历 nowhere" in wrong.text
    [saved] = [s for s in await desk.get("notify", "/settings/recipients") if s["key"] == "staff:wang.fang"]
    assert saved["quiet"]["begins"] == "22:00" and saved["digest"] == "low"


async def test_settings_of_a_page_that_is_out_of_date_are_refused(desk: Desk) -> None:
    """Subscriptions are kept by their places: those of another version would be other ones."""
    async with a("ops", desk) as zhou:
        old = await shown(zhou, "/inbox/settings", 'name="version" value="0"')
        assert "免打扰" in old
        await sent(zhou, "/inbox/settings", version="0", begins="22:00", ends="07:00", at_most="²")
        form = {"version": "0", "begins": "20:00", "ends": "06:00"}
        late = await zhou.post("/inbox/settings", data=form, headers={"HX-Request": "true"})
        assert late.status_code == 409, late.text
        page = await shown(zhou, "/inbox/settings", 'value="22:00"')
        version = str(re.search(r'name="version" value="(\d+)"', page)[1])  # type: ignore[index]
        await sent(zhou, "/inbox/settings", **{**form, "version": version})
        await shown(zhou, "/inbox/settings", 'value="20:00"')
        assert (await zhou.post("/inbox/settings", data={**form, "version": "²"})).status_code == 400


async def test_a_lead_sets_the_roster_and_everybody_reads_it(desk: Desk) -> None:
    async with a("lead", desk) as zhao, a("officer", desk) as officer, a("engineer", desk) as wang:
        day = {"day": "2026-11-25", "begins": "17:30", "ends": "08:30"}
        await sent(zhao, "/duty/shifts", engineer="wang.fang", kind="duty", note="夜班", **day)
        page = await shown(officer, "/duty?week=2026-11-25", "17:30–24:00")
        assert "00:00–08:30" in page and "夜班" in page and "王芳" in page
        assert "/remove" not in page and "按星期排班" not in page, "an officer changes nothing"
        wrong = {"engineer": "wang.fang", "kind": "duty", **day, "begins": ""}
        assert (await zhao.post("/duty/shifts", data=wrong)).status_code == 400
        assert (await wang.post("/duty/shifts", data=day)).status_code == FORBIDDEN
        pattern = {"from": "2026-12-01", "to": "2026-12-07", "begins": "08:30", "ends": "17:30", "weekdays": ["1", "2"]}
        odd = {**pattern, "weekdays": "²"}
        assert (
            await zhao.post("/duty/pattern", data={"engineer": "zhao.lei", "kind": "duty", **odd})
        ).status_code < 500
        await sent(zhao, "/duty/pattern", engineer="zhao.lei", kind="duty", **pattern)
        assert "赵磊" in await shown(officer, "/duty/calendar?month=2026-12", "08:30–17:30")
        table = "日期,工程师,开始,结束,类型\n2026-12-09,王芳,08:30,17:30,请假\n2026-12-10,某人,08:30,17:30,值班\n"
        answer = await zhao.post("/duty/import", files={"file": ("表.csv", table.encode(), "text/csv")})
        assert answer.status_code == httpx.codes.SEE_OTHER
        page = await shown(zhao, "/duty?week=2026-12-07", "请假")
        leave = re.search(r'请假 [0-9:–]+</span>.*?action="([^"]+/remove[^"]*)"', page, re.S)
        assert leave is not None
        await sent(zhao, leave[1])
        assert "请假 08:30" not in (await zhao.get("/duty?week=2026-12-07")).text


async def test_a_calendar_program_reads_the_roster_by_its_address(desk: Desk) -> None:
    async with a("engineer", desk) as wang:
        page = (await wang.get("/duty")).text
    url = re.search(r'id="f-address"[^>]*value="([^"]+)"', page)
    assert url is not None
    async with httpx.AsyncClient(trust_env=False) as program:
        feed = await program.get(url[1])
        assert feed.headers["Content-Type"].startswith("text/calendar")
        assert icalendar.Calendar.from_ical(feed.content)
        assert (await program.get(url[1] + "x")).status_code == FORBIDDEN
        there = url[1].partition("/calendars/")[0]
        assert (await program.get(f"{there}/calendars/duty/now")).status_code >= 400


async def test_open_cases_are_handed_over_with_a_word_on_each(desk: Desk) -> None:
    message = {"text": "门诊结算失败", "institution": OURS}
    async with a("engineer", desk) as wang, a("lead", desk) as zhao, a("auditor", desk) as auditor:
        posted = await desk.http.post(desk.url("intake", "/questions"), json=message, headers={"Idempotency-Key": "h1"})
        assert posted.is_success, posted.text

        async def opened() -> Any:
            return next((c for c in await desk.get("intake", "/cases") if "门诊结算失败" in c["title"]), None)

        number = (await until("the case is open", opened))["number"]
        assign = desk.url("intake", f"/cases/{number}/assign")
        (await desk.http.post(assign, json={"assignee": "wang.fang"})).raise_for_status()
        report = {"to": "vendor", "reason": "接口超时", "external_number": "CS-77"}
        (await desk.http.post(desk.url("intake", f"/cases/{number}/escalate"), json=report)).raise_for_status()
        page = await shown(wang, "/duty/handover", "CS-77")
        assert "厂商工单号 CS-77" in page and "等厂商" in page and "第一医院" in page and OURS not in page
        note = {"from": "wang.fang", "to": "zhao.lei", "note": "今晚请盯一下", f"note-{number}": "已报省平台"}
        await sent(wang, "/duty/handover", **note)
        page = await shown(auditor, "/duty/handover", "今晚请盯一下")
        assert "已报省平台" in page and "王芳 → 赵磊" in page and 'name="to"' not in page
        await shown(zhao, "/duty/handover", number)


async def test_obligations_are_done_proven_waived_and_seen_by_those_they_are_of(desk: Desk) -> None:
    month = f"{datetime.now(BEIJING):%Y-%m}"
    async with a("engineer", desk) as wang, a("lead", desk) as zhao, a("hospital", desk) as one:
        page = await shown(wang, f"/obligations?month={month}", "结算清单上传")
        where = str(re.search(r"/obligations/[0-9a-f-]{36}", page)[0])  # type: ignore[index]
        await sent(wang, f"{where}/progress", item=OURS, done="5", of="10")
        await shown(wang, where, "5 / 10")
        file = {"file": ("回执.txt", "上传成功".encode(), "text/plain")}
        proof = await wang.post(f"{where}/evidence", data={"item": OURS, "note": "回执"}, files=file)
        assert proof.status_code == httpx.codes.SEE_OTHER, proof.text
        page = await shown(one, where, "回执.txt")
        assert "第一医院" in page and OTHERS not in page and "第二医院" not in page and "/fulfil" not in page
        piece = str(re.search(rf"{where}/evidence/[0-9a-f-]+", page)[0])  # type: ignore[index]
        assert (await one.get(piece)).content == "上传成功".encode()
        async with signed_in(desk.settings, "yiyuan.two") as two:
            assert (await two.get(piece)).status_code == MISSING
        await sent(wang, f"{where}/fulfil", items=OURS)
        assert (await wang.post(f"{where}/waive", data={"items": OTHERS, "reason": "停业"})).status_code == FORBIDDEN
        assert (await zhao.post(f"{where}/waive", data={"reason": "停业"})).status_code == 400, "nobody is chosen"
        await sent(zhao, f"{where}/waive", items=OTHERS, reason="停业整顿")
        page = await shown(zhao, where, "停业整顿")
        assert "已完成" in page and "已免除" in page
        await sent(zhao, f"{where}/reopen", items=OTHERS, reason="恢复营业")
        await sent(zhao, f"{where}/acknowledge")
        await shown(zhao, where, "zhao.lei 已知悉")
        url = re.search(r'id="f-address"[^>]*value="([^"]+)"', (await one.get("/obligations")).text)
        assert url is not None and f"institution={OURS}" in url[1]
        feed = (await one.get(urlsplit(url[1].replace("&amp;", "&"))._replace(scheme="", netloc="").geturl())).text
        assert "结算清单上传" in feed and "第二医院" not in feed


async def test_attainment_leads_to_its_cycles_and_to_paper(desk: Desk) -> None:
    async with a("officer", desk) as officer, a("hospital", desk) as hospital:
        await shown(officer, "/obligations/attainment?by=clock", "首次响应")
        assert "首次响应" in (await officer.get("/obligations/attainment/rows?clock=first_response")).text
        sheet = await officer.get("/obligations/attainment.xlsx")
        assert openpyxl.load_workbook(BytesIO(sheet.content)).sheetnames
        paper = await officer.get("/obligations/attainment.pdf")
        assert paper.content.startswith(b"%PDF") and "attachment" in paper.headers["Content-Disposition"]
        assert "共 0 条" in (await hospital.get(f"/obligations/attainment/rows?institution={OTHERS}")).text
        assert (await officer.get("/obligations/attainment?clock=nonsense")).status_code == 400


async def test_an_exemption_is_decided_by_another(desk: Desk) -> None:
    until_ = datetime.now(BEIJING) - timedelta(hours=1)
    span = {"begins": f"{until_ - timedelta(hours=2):%Y-%m-%dT%H:%M}", "ends": f"{until_:%Y-%m-%dT%H:%M}"}
    wish = {"ground": "platform_maintenance", "text": "省平台停机维护", "contracts": "ht", **span}
    async with a("lead", desk) as zhao, a("officer", desk) as chen:
        await sent(zhao, "/obligations/exemptions", **wish)
        page = await shown(zhao, "/obligations/exemptions?standing=requested", "省平台停机维护")
        where = str(re.search(r"/obligations/exemptions/[0-9a-f-]{36}", page)[0])  # type: ignore[index]
        assert f"{where}/approve" not in page and f"{where}/approve" in (await chen.get("/obligations/exemptions")).text
        assert (await zhao.post(f"{where}/approve")).status_code == 409, "nobody approves his own"
        await sent(chen, f"{where}/approve", reason="情况属实")
        await shown(zhao, "/obligations/exemptions?standing=approved", "情况属实")
        assert (await chen.post(f"{where}/forget")).status_code == MISSING
        assert (await zhao.post("/obligations/exemptions", data={**wish, "ends": ""})).status_code == 400
