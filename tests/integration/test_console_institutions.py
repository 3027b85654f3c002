"""Institutions, outages and trainings in the console: who sees what, and what the forms do, on real services."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from contracts.identity import TITLES
from services.console.web.menu import MENU
from tests.support.console import BY_ROLE, OTHERS, OURS, console_in, signed_in
from tests.support.desk import Desk
from tests.support.pages import sent, shown

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

OK, FORBIDDEN, MISSING = httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND
OF: dict[str, set[Any]] = {entry.path: set(entry.roles) for entry in MENU}
WORKERS, SETTERS = {"engineer", "lead"}, {"lead", "admin"}
PAGES: dict[str, set[Any]] = {
    f"/institutions/{OURS}": OF["/institutions"],
    f"/institutions/{OURS}/figures": OF["/institutions"] - {"admin"},
    "/institutions/directory/contact": OF["/institutions"] - {"hospital"},
    "/institutions/directory/contract/ht": SETTERS,
    "/institutions/directory/institution/new": SETTERS,
    "/institutions/unknown": WORKERS,
    "/outages": OF["/outages"],
    "/training": OF["/training"],
    "/training?contract=ht": OF["/training"],
}
THIRD, PHONE = "H62010200003", "13912345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """With three institutions, their people and a contract, as the lead's forms saved them."""
    services = ("intake", "sla", "stats", "knowledge", "console")
    async with console_in(tmp_path_factory.mktemp("console-institutions"), *services) as desk:
        async with signed_in(desk.settings, "zhao.lei") as zhao:
            for n, code in enumerate((OURS, OTHERS, THIRD), 1):
                await sent(zhao, "/institutions/directory/institution", key=code, name=f"第{n}医院", version="0")
                person = {"name": f"联系人{n}", "institution_code": code, "role": "医保科"}
                account = {"channel": "phone", "account": f"{PHONE[:-1]}{n}"}
                await sent(zhao, "/institutions/directory/contact", key=f"lx{n}", version="0", **person, **account)
            await sent(zhao, "/institutions/directory/staff", key="wang.fang", name="王芳", version="0")
            clause = {"c1-number": "3.1", "c1-title": "响应", "c1-clock": "first_response", "c1-share": "95"}
            term = {"begins": "2020-01-01", "ends": "2099-12-31", "trainings": "6"}
            agreed = {"key": "ht", "name": "服务合同", "institution_codes": f"{OURS}、{OTHERS}", "version": "0"}
            await sent(zhao, "/institutions/directory/contract", **agreed, **term, **clause)
        yield desk


@pytest.mark.parametrize("role", TITLES)
async def test_each_role_opens_its_pages_and_no_others(desk: Desk, role: Any) -> None:
    async with signed_in(desk.settings, BY_ROLE[role]) as http:
        for path, roles in PAGES.items():
            answer = await http.get(path)
            assert answer.status_code == (OK if role in roles else FORBIDDEN), f"{path} {answer.text[-300:]}"


async def test_a_hospital_sees_itself_and_nothing_of_others(desk: Desk) -> None:
    async with signed_in(desk.settings, "yiyuan.one") as http:
        own = (await http.get("/institutions", follow_redirects=True)).text
        figures = (await http.get(f"/institutions/{OURS}/figures")).text
        assert "第1医院" in own
        assert "联系人1" in own
        assert "服务合同" in own
        for text in (own, figures):
            assert not {OTHERS, "第2医院", "联系人2", THIRD} & set(re.findall(r"\w+", text))
        assert "查看号码" not in own
        for path in (f"/institutions/{OTHERS}", f"/institutions/{OTHERS}/archive"):
            assert (await http.get(path)).status_code == MISSING, path
        assert "第2医院" not in (await http.get(f"/institutions/{OTHERS}/figures")).text
        reveal = await http.post(f"/institutions/{OURS}/contacts/lx1/reveal", data={"reason": "想看看号码"})
        assert reveal.status_code == FORBIDDEN


async def test_a_number_is_shown_to_who_says_why(desk: Desk) -> None:
    async with signed_in(desk.settings, "wang.fang") as wang:
        page = (await wang.get(f"/institutions/{OURS}")).text
        assert PHONE[:-1] not in page
        identity = re.search(r'name="identity" value="([0-9a-f-]{36})"', page)
        assert identity is not None
        asked = {"identity": identity[1], "reason": "回拨来询人电话"}
        told = await wang.post(f"/institutions/{OURS}/contacts/lx1/reveal", data=asked)
        assert (told.text, told.headers["Cache-Control"]) == (f"{PHONE[:-1]}1", "no-store")
        silent = await wang.post(f"/institutions/{OURS}/contacts/lx1/reveal", data=asked | {"reason": "看"})
        assert silent.status_code == httpx.codes.BAD_REQUEST


async def test_an_entry_is_changed_by_one_at_a_time(desk: Desk) -> None:
    async with signed_in(desk.settings, "admin") as admin:
        page = (await admin.get("/institutions/directory/contract/ht")).text
        assert 'value="95"' in page
        new = {"key": THIRD, "name": "又一个", "version": "0"}
        answer = await admin.post("/institutions/directory/institution", data=new, headers={"HX-Request": "true"})
        assert answer.status_code == httpx.codes.CONFLICT
        await sent(admin, "/institutions/directory/institution", key="H62010299999", name="临时", version="0")
        await sent(admin, "/institutions/directory/institution/remove", key="H62010299999", reason="登记错了")
        assert (await admin.get("/institutions/H62010299999")).status_code == MISSING


async def test_a_table_is_imported_row_by_row(desk: Desk) -> None:
    rows = "code,name\nH62010288888,表里的医院\n,没有编码\n".encode()
    async with signed_in(desk.settings, "zhao.lei") as zhao:
        files = {"file": ("机构.csv", rows, "text/csv")}
        told = await zhao.post("/institutions/directory/institution/import", files=files)
        assert (told.status_code, "新增 1 行" in told.text, "第 3 行" in told.text) == (OK, True, True), told.text


async def test_who_may_import_is_led_there(desk: Desk) -> None:
    async with signed_in(desk.settings, "zhao.lei") as zhao, signed_in(desk.settings, "wang.fang") as wang:
        assert 'href="/institutions/directory/institution"' in (await zhao.get("/institutions")).text
        assert "导入 CSV" in (await zhao.get("/institutions/directory/institution")).text
        assert 'href="/institutions/directory/institution"' not in (await wang.get("/institutions")).text


async def test_a_share_that_is_no_number_is_told(desk: Desk) -> None:
    form = {"key": "ht9", "name": "合同", "begins": "2026-01-01", "ends": "2026-12-31", "version": "0"}
    async with signed_in(desk.settings, "zhao.lei") as zhao:
        answer = await zhao.post("/institutions/directory/contract", data=form | {"c1-number": "1", "c1-share": "nan"})
        assert (answer.status_code, "数字写法不对" in answer.text) == (httpx.codes.BAD_REQUEST, True)


async def test_attainment_of_another_month_stays_narrowed(desk: Desk) -> None:
    asked = f"/obligations/attainment?month=2026-10&until=2026-11&institution={OURS}&contract=ht&clock=resolution"
    async with signed_in(desk.settings, "chen.jing") as officer, signed_in(desk.settings, "yiyuan.one") as hospital:
        page = await shown(officer, f"{asked}&by=engineer", "达成情况 2026年10月 至 2026年11月")
        kept = f"contract=ht&amp;institution={OURS}&amp;clock=resolution&amp;by=engineer"
        assert f'href="?month=2026-09&{kept}"' in page
        assert f'href="?month=2026-11&{kept}"' in page
        for name, value in (("institution", OURS), ("contract", "ht"), ("clock", "resolution")):
            assert f'<input type="hidden" name="{name}" value="{value}">' in page
        assert "机构 第1医院" in page
        own = await shown(hospital, "/obligations/attainment?by=engineer", "按机构")
        assert not {"engineer", "priority", "category"} & set(re.findall(r'<option value="(\w+)"', own))


async def test_a_training_is_recorded_with_its_proof(desk: Desk) -> None:
    async with signed_in(desk.settings, "wang.fang") as wang, signed_in(desk.settings, "chen.jing") as officer:
        page = await shown(wang, "/training?contract=ht", "登记一次培训")
        path = re.search(r'action="(/training/[0-9a-f-]{36}/evidence)"', page)
        assert path is not None
        form = {"held_on": "2026-11-20", "topic": "结算清单填报", "mode": "线下", "attendance": "32", "contract": "ht"}
        for proof in ({"file": ("签到.txt", b"sheet", "text/plain")}, {"file": ("", b"", "text/plain")}):
            answer = await wang.post(path[1], data=form, files=proof)
            assert answer.status_code == httpx.codes.SEE_OTHER, answer.text[-500:]
        told = (await officer.get("/training?contract=ht")).text
        assert told.count("2026-11-20, 结算清单填报, 线下, 32 人") == 2
        assert "登记一次培训" not in told
        link = re.search(r'href="(/obligations/[0-9a-f-]+/evidence/[0-9a-f-]+)"', told)
        assert link is not None
        assert (await officer.get(link[1])).content == b"sheet"


async def test_an_outage_is_confirmed_told_to_everybody_and_resolved(desk: Desk) -> None:
    question = {"text": "2207接口报错：省平台交易超时"}
    for code in (OURS, OTHERS, THIRD):
        once = {"Idempotency-Key": uuid4().hex, "X-Yibao-Staff": "wang.fang"}
        (
            await desk.http.post(desk.url("intake", "/questions"), json=question | {"institution": code}, headers=once)
        ).raise_for_status()
    async with signed_in(desk.settings, "wang.fang") as wang, signed_in(desk.settings, "chen.jing") as officer:
        page = await shown(wang, "/outages", "3 件工单 · 3 家机构")
        found = re.search(r'href="(/outages/GZ-\w{5})"', page)
        assert found is not None
        at = found[1]
        assert "第1医院" in page
        assert "是同一个问题吗" not in (await officer.get(at)).text
        await sent(wang, f"{at}/confirm", title="2207 全市超时")
        preview = (await wang.post(f"{at}/preview", data={"text": "省平台正在恢复", "act": "broadcast"})).text
        assert "将发给 3 件工单的来询人 (网页 3 件)" in preview
        await sent(wang, f"{at}/broadcast", text="省平台正在恢复")
        resolving = await wang.post(f"{at}/preview", data={"text": "已恢复", "act": "resolve"})
        assert 'name="resolution" value="已恢复"' in resolving.text
        await sent(wang, f"{at}/resolve", resolution="已恢复")
        told = (await officer.get(at)).text
        assert "王芳" in told and "wang.fang" not in told, "people are told by their names"
        assert all(text in told for text in ("2207 全市超时", "省平台正在恢复", "已恢复", "已解决"))


@pytest.mark.parametrize("account", ["chen.jing", "sun.shen", "yiyuan.one", "zhou.yun"])
async def test_who_may_not_changes_nothing(desk: Desk, account: str) -> None:
    paths = ("/outages/x/confirm", "/outages/x/preview", f"/institutions/unknown/{uuid4()}",
             f"/training/{uuid4()}/evidence", "/institutions/directory/staff")  # fmt: skip
    async with signed_in(desk.settings, account) as http:
        answers = await asyncio.gather(*(http.post(path, data={"key": "x"}) for path in paths))
        assert {answer.status_code for answer in answers} == {FORBIDDEN}
