"""Cases in the console: each role's pages, what forms do, a hospital's own and nothing else, two people on one case."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from contracts.identity import TITLES, Role
from services.console.pages.cases.acts import STALE
from services.console.pages.cases.listed import PAGE
from services.console.web.menu import MENU
from tests.integration.cases import fresh
from tests.support.browser import browser_up, visiting
from tests.support.console import BY_ROLE, OURS, console_in, cookies_of, signed_in
from tests.support.desk import Desk
from tests.support.pages import a
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

PATHS = ("/", "/cases", "/ask", "/wall")
SECRET = "只给第一医院看的报文"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("cases")) as running:
        yield running


async def case_in(desk: Desk, name: str, text: str) -> str:
    """The id of the case that a message in WeChat has opened."""
    await desk.send(fresh(name, text))

    async def look() -> str | None:
        found: str | None = (await desk.get("intake", f"/messages/wechat/{name}")).get("id")
        return found

    return str(await until(f"{name} is in a case", look))


async def shows(http: httpx.AsyncClient, path: str, text: str) -> str:
    """The page, as soon as it has `text`."""

    async def look() -> str | None:
        answer = await http.get(path)
        return answer.text if answer.status_code == httpx.codes.OK and text in answer.text else None

    return str(await until(f"{path} shows {text}", look))


async def asked(http: httpx.AsyncClient, text: str, **files: bytes) -> str:
    """The address of the case that a question becomes."""
    sent = await http.post(
        "/ask", data={"text": text, "once": text}, files=[("files", (name, body)) for name, body in files.items()]
    )
    assert sent.status_code == httpx.codes.SEE_OTHER, sent.text[-500:]

    async def look() -> str | None:
        answer = await http.get(sent.headers["Location"])
        case: str | None = answer.headers.get("Location")
        return case

    return str(await until("the question is a case", look))


@pytest.mark.parametrize("role", TITLES)
async def test_each_role_opens_what_its_menu_has_and_nothing_else(desk: Desk, role: Role) -> None:
    entries = {entry.path: entry.roles for entry in MENU}
    async with a(role, desk) as http:
        for path in PATHS:
            expected = httpx.codes.OK if role in entries[path] else httpx.codes.FORBIDDEN
            assert (await http.get(path)).status_code == expected, path


async def test_strangers_are_led_to_the_door(desk: Desk) -> None:
    for path in (*PATHS, "/cases/YB-00000-00000", "/cases/YB-00000-00000/evidence", "/today/mine"):
        answer = await desk.http.get(desk.url("console", path), headers={"Accept": "text/html", "X-Yibao-Role": "none"})
        assert answer.headers.get("Location", "").startswith("/sign-in"), path


async def test_what_an_engineer_does_stands_on_the_page(desk: Desk) -> None:
    case = await case_in(desk, "worked-on", "住院结算 2304 报错")
    async with a("engineer", desk) as http:

        async def act(name: str, **form: str) -> httpx.Response:
            return await http.post(f"/cases/{case}/act/{name}", data=form)

        for name, form in (
            ("assign", {"assignee": "wang.fang"}), ("respond", {"text": "请重新上传明细", "via": "phone"}),
            ("note", {"text": "像是目录没有更新"}), ("wait", {"waiting_for": "province", "reason": "等省平台更新目录"}),
        ):  # fmt: skip
            assert (await act(name, **form)).headers["Location"] == f"/cases/{case}"
        page = await shows(http, f"/cases/{case}", "像是目录没有更新")
        assert all(words in page for words in ("请重新上传明细", "电话答复", "等省平台", "等待", "时限"))
        assert "我的未结" in (await http.get("/cases?status=open&assignee=me")).text
        assert case in (await http.get("/cases?status=waiting&assignee=me&sort=left")).text
        assert case in (await http.get("/")).text
        packet = (await http.get(f"/cases/{case}/evidence")).text
        assert "等省平台更新目录" in packet and not re.search(r"\d{4}-\d\d-\d\d[ T]\d\d:", packet)
        refused = await http.post(f"/cases/{case}/act/reopen", data={"reason": "x"}, headers={"HX-Request": "true"})
        assert refused.status_code == httpx.codes.CONFLICT and "无需重新打开" in refused.text
        assert (await act("nothing")).status_code == httpx.codes.NOT_FOUND


async def test_a_bulk_action_reports_what_was_done_and_what_was_refused(desk: Desk) -> None:
    good, closed = await case_in(desk, "bulk-1", "月结提示重复"), await case_in(desk, "bulk-2", "备案怎么撤销")
    async with a("lead", desk) as http:
        await http.post(f"/cases/{closed}/act/close", data={"reason": "无需处理"})
        form = {"case": [good, closed], "act": "resolve", "text": "已在结算后更正", "back": "status=open"}
        report = await http.post("/cases/bulk", data=form)
        assert report.status_code == httpx.codes.OK and "已处理 1 件, 1 件未办成" in report.text
        assert (await http.post("/cases/bulk", data={"act": "resolve"})).status_code == httpx.codes.BAD_REQUEST


async def test_the_figures_are_those_of_the_lists(desk: Desk) -> None:
    async def count(**query: Any) -> int:
        found = len(await desk.get("intake", "/cases", limit=500, **query))
        assert found == (await desk.get("intake", "/cases/count", **query))["count"]
        return found

    await case_in(desk, "counted", "对账差额 12.50 元")
    figures = await desk.get("intake", "/cases/figures")
    open_ = ["new", "in_progress", "waiting", "escalated"]
    assert figures["by_status"] == {status: await count(status=status) for status in (*open_, "resolved")}
    assert figures["open"] == await count(status=open_)
    assert figures["unassigned"] == await count(status=open_, unassigned=True) > 0
    assert figures["today"]["opened"] == await count()
    clocks = await desk.get("sla", "/clocks/soonest", limit=200)
    assert [clock["due_at"] for clock in clocks] == sorted(clock["due_at"] for clock in clocks)
    assert {clock["state"] for clock in clocks} == {"running"}
    late = {clock["case_id"] for clock in clocks if datetime.fromisoformat(clock["due_at"]) < datetime.now(UTC)}
    assert (await desk.get("sla", "/clocks/late"))["cases"] == len(late)


async def test_a_list_keeps_its_name_for_whoever_gave_it(desk: Desk) -> None:
    async with (
        a("engineer", desk) as http,
        a("lead", desk) as other,
    ):
        saved = await http.post("/cases/views", data={"title": "拨付未结", "query": "status=open&category=拨付"})
        assert "拨付未结" in (await http.get(saved.headers["Location"])).text
        assert "拨付未结" not in (await other.get("/cases")).text
        assert (await http.get("/cases/count?status=open&category=拨付")).text == "0"
        await http.post("/cases/views/remove", data={"title": "拨付未结"})
        assert "拨付未结" not in (await http.get("/cases")).text


async def test_an_original_is_shown_to_engineers_with_a_reason_only(desk: Desk) -> None:
    case = await case_in(desk, "masked", "患者 620102199003077654 结算失败")
    async with (
        a("engineer", desk) as http,
        a("auditor", desk) as auditor,
    ):
        page = (await http.get(f"/cases/{case}")).text
        assert "620102199003077654" not in page
        found = re.search(r'hx-post="(/cases/[^"]+/reveal/[^"]+)"', page)
        assert found is not None
        assert (await http.post(found[1], data={"reason": "x"})).status_code == httpx.codes.BAD_REQUEST
        assert "620102199003077654" in (await http.post(found[1], data={"reason": "核对参保身份"})).text
        assert (await auditor.post(found[1], data={"reason": "核对参保身份"})).status_code == httpx.codes.FORBIDDEN
        assert "reveal" not in (await auditor.get(f"/cases/{case}")).text
        assert "核对参保身份" in (await auditor.get("/audit")).text


async def test_a_hospital_asks_follows_and_confirms(desk: Desk) -> None:
    async with (
        a("hospital", desk) as http,
        a("engineer", desk) as engineer,
    ):
        case = await asked(http, "门诊慢特病结算被拒", 报文=b"<request/>")
        assert "30分 内答复" in await shows(http, case, "承诺")
        await http.post(f"{case}/say", data={"text": "错误码是 5023", "once": "1"})
        page = await shows(http, case, "错误码是 5023")
        file = re.search(rf'href="({case}/files/[^"]+)"', page)
        assert file is not None and (await http.get(file[1])).content == b"<request/>"
        await engineer.post(f"{case}/act/note", data={"text": "内部的话"})
        await engineer.post(f"{case}/act/resolve", data={"resolution": "已开通, 请重试"})
        assert "内部的话" not in await shows(http, case, "已开通, 请重试")
        await http.post(f"{case}/unsolved", data={"text": "重试还是被拒"})
        assert "重试还是被拒" in (await engineer.get(case)).text
        await engineer.post(f"{case}/act/resolve", data={"resolution": "再次处理"})
        await http.post(f"{case}/confirm")
        assert "已办结" in await shows(http, case, "已关闭")
        assert case in (await http.get("/cases?status=closed")).text


async def test_a_hospital_sees_nothing_of_another(desk: Desk) -> None:
    async with signed_in(desk.settings, "yiyuan.one") as one, signed_in(desk.settings, "yiyuan.two") as two:
        case = await asked(one, SECRET, 报文=SECRET.encode())
        await shows(one, case, SECRET)
        file = re.search(rf'href="({case}/files/[^"]+)"', (await one.get(case)).text)
        assert file is not None
        for path in (case, file[1], f"/live?case={case.removeprefix('/cases/')}"):
            assert (await two.get(path)).status_code == httpx.codes.NOT_FOUND, path
        async with one.stream("GET", f"/live?case={case.removeprefix('/cases/')}") as told:
            assert told.status_code == httpx.codes.OK
        for path in ("advice", "evidence", "evidence-file", "record", "contacts", "words/x"):
            assert (await two.get(f"{case}/{path}")).status_code == httpx.codes.FORBIDDEN, path
        for path in ("say", "unsolved", "confirm"):
            assert (await two.post(f"{case}/{path}", data={"text": "x"})).status_code == httpx.codes.NOT_FOUND, path
        assert (await two.post(f"{case}/act/close", data={"reason": "x"})).status_code == httpx.codes.FORBIDDEN
        for path in ("/", "/cases", f"/cases?q={SECRET}", f"/cases?institution={OURS}", f"/ask/similar?text={SECRET}"):
            answer = await two.get(path)
            assert SECRET not in answer.text.replace(f'value="{SECRET}"', "") and case not in answer.text, path


async def test_a_hospital_reads_that_it_is_its_turn(desk: Desk) -> None:
    async with a("hospital", desk) as http, a("engineer", desk) as engineer:
        case = await asked(http, "检查检验结果互认怎么登记")
        await engineer.post(f"{case}/act/wait", data={"waiting_for": "requester", "reason": "请补充截图"})
        await shows(http, case, "等您补充")
        assert "等您补充" in (await http.get("/cases?status=open")).text


async def test_a_list_is_fetched_anew_where_it_is_and_filtered_further_without_loss(desk: Desk) -> None:
    await case_in(desk, "paged-1", "生育津贴怎么申领")
    await case_in(desk, "paged-2", "家庭共济怎么绑定")
    async with a("engineer", desk) as http, a("hospital", desk) as hospital:
        cursor = (await desk.http.get(desk.url("intake", "/cases?limit=1"))).headers["X-Next-Cursor"]
        for somebody in (http, hospital):
            assert f'cursor={cursor}"' in (await somebody.get(f"/cases?cursor={cursor}")).text
        page = (await http.get("/cases?kind=fault&waiting_for=province&opened_since=2026-01-01T00:00:00Z")).text
        for name, value in (("kind", "fault"), ("waiting_for", "province"), ("opened_since", "2026-01-01T00:00:00Z")):
            assert f'<input type="hidden" name="{name}" value="{value}">' in page
        assert '<option value="me" selected>' in (await http.get("/cases?assignee=me&status=open")).text


async def test_nobody_is_overruled_unseen_and_nobody_refused_for_what_happens_by_itself(desk: Desk) -> None:
    case = await case_in(desk, "raced", "患者 620102199003077654 待遇享受不到")
    async with a("engineer", desk) as mine, a("lead", desk) as theirs:

        async def seen(http: httpx.AsyncClient) -> str:
            found = re.search(r'id="seen" name="seen" value="(\d+)"', (await http.get(f"/cases/{case}")).text)
            assert found is not None
            return found[1]

        before = await seen(mine)
        reveal = re.search(r'hx-post="(/cases/[^"]+/reveal/[^"]+)"', (await mine.get(f"/cases/{case}")).text)
        assert reveal is not None
        assert (await mine.post(reveal[1], data={"reason": "核对参保身份"})).status_code == httpx.codes.OK
        assert before != await seen(theirs)
        answer = {"text": "已为您登记", "via": "phone", "seen": before}
        assert (await mine.post(f"/cases/{case}/act/respond", data=answer)).status_code == httpx.codes.SEE_OTHER
        late = {"reason": "无需处理", "seen": before}
        refused = await theirs.post(f"/cases/{case}/act/close", data=late, headers={"HX-Request": "true"})
        assert refused.status_code == httpx.codes.CONFLICT and refused.text == STALE
        noted = await theirs.post(f"/cases/{case}/act/note", data={"text": "已电话核实", "seen": before})
        assert noted.status_code == httpx.codes.SEE_OTHER
        late["seen"] = await seen(theirs)
        assert (await theirs.post(f"/cases/{case}/act/close", data=late)).status_code == httpx.codes.SEE_OTHER


async def test_who_is_refused_keeps_his_words_and_originals_stay_open(desk: Desk) -> None:
    case = await case_in(desk, "kept", "患者 620102199003077654 住院登记失败")
    cookies = await cookies_of(desk.settings, BY_ROLE["lead"])
    base = desk.settings.url("console")
    async with (
        a("engineer", desk) as other,
        browser_up() as browser,
        visiting(browser, base, cookies) as visit,
    ):
        page = visit.page
        await visit.open(f"/cases/{case}")
        seen = await page.input_value("#seen")
        await page.click("#said summary")
        await page.fill("#said input[name=reason]", "核对参保")
        await other.post(f"/cases/{case}/act/respond", data={"text": "正在核实", "via": "phone"})
        await page.wait_for_selector("#said:has-text('正在核实')")
        await page.keyboard.type("身份")
        assert await page.input_value("#said input[name=reason]") == "核对参保身份"
        await page.click("#said form button")
        await page.wait_for_selector("#timeline:has-text('核对参保身份')")
        await other.post(f"/cases/{case}/act/note", data={"text": "省平台已公告"})
        await page.wait_for_selector("#said:has-text('省平台已公告')")
        assert "620102199003077654" in await page.inner_text("#said")
        assert not visit.problems
        await page.fill("#answer", "请重新登记")
        await page.evaluate("seen => { document.getElementById('seen').value = seen }", seen)
        await page.click("#act-respond form button")
        await page.wait_for_selector(f"#toasts:has-text('{STALE}')")
        await page.wait_for_function("seen => document.getElementById('seen').value !== seen", arg=seen)
        assert await page.input_value("#answer") == "请重新登记"
        await page.click("#act-respond form button")
        await page.wait_for_selector("#said:has-text('请重新登记')")


async def test_a_list_by_hand_keeps_its_marks_when_refused_and_opens_what_has_the_focus(desk: Desk) -> None:
    case = await case_in(desk, "marked", "处方流转收不到")
    cookies = await cookies_of(desk.settings, BY_ROLE["lead"])
    async with browser_up() as browser, visiting(browser, desk.settings.url("console"), cookies) as visit:
        page = visit.page
        await visit.open("/cases?status=open")
        await page.check(f"[name=case][value='{case}']")
        await page.select_option("#bulk-act", "note")
        await page.click("#bulk button")
        await page.wait_for_selector("#toasts:has-text('请填写内容')")
        assert await page.is_checked(f"[name=case][value='{case}']")
        await page.fill("#bulk-text", "统一答复中")
        await page.click("#bulk button")
        await page.wait_for_selector("text=已处理 1 件")
        await page.click("text=回到列表")
        await page.wait_for_selector("#list [data-row]")
        await page.keyboard.press("j")
        await page.focus("nav[aria-label=常用筛选] a:has-text('等待')")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/cases?status=waiting")
        assert [told for told in visit.problems if "400" not in told] == []


async def test_a_list_by_deadline_says_that_it_is_not_all(desk: Desk) -> None:
    async with a("lead", desk) as http:
        assert "其余未列出" not in (await http.get("/cases?status=open&sort=left")).text
        for n in range(PAGE):
            await desk.send(fresh(f"many-{n}", f"第 {n} 位参保人怎么补缴"))
        page = await shows(http, "/cases?status=open&sort=left", "其余未列出")
        assert page.count("<tr data-row=") == PAGE and 'href="/cases?status=open"' in page


async def test_two_people_on_one_case_see_each_other_and_what_happens(desk: Desk) -> None:
    case = await case_in(desk, "watched", "结算平台超时")
    me, other = await cookies_of(desk.settings, BY_ROLE["engineer"]), await cookies_of(desk.settings, BY_ROLE["lead"])
    base = desk.settings.url("console")
    async with browser_up() as browser, visiting(browser, base, me) as one, visiting(browser, base, other) as two:
        mine, theirs = one.page, two.page
        for visit in (one, two):
            await visit.open(f"/cases/{case}")
        await mine.wait_for_selector("#others:has-text('赵磊 也在看')")
        await mine.fill("#answer", "正在核实, 请稍候")
        await theirs.wait_for_selector("#others:has-text('王芳 正在输入')")
        await theirs.click("summary:has-text('内部备注')")
        await theirs.fill("#note", "省平台已公告")
        await theirs.click("#act-note button")
        await mine.wait_for_selector("#said:has-text('省平台已公告')")
        assert await mine.input_value("#answer") == "正在核实, 请稍候"
        await mine.wait_for_selector("#clocks .left:has-text('剩')")
        assert not one.problems and not two.problems
