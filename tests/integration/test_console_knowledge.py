"""Knowledge in the console: written, reviewed by another, found, voted for; a hospital's archive is nobody else's."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import pytest_asyncio

from contracts.identity import TITLES
from services.console.web.menu import MENU
from tests.support.browser import browser_up, visiting
from tests.support.console import BY_ROLE, OURS, PEOPLE, console_in, cookies_of, signed_in
from tests.support.desk import Desk
from tests.support.pages import sent, shown

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

INSIDE, WORKERS = {"engineer", "lead", "auditor"}, {"engineer", "lead"}
READERS: set[Any] = next(set(entry.roles) for entry in MENU if entry.path == "/knowledge")
PAGES: dict[str, set[Any]] = {
    "/knowledge": READERS,
    "/knowledge?q=结算&kind=guide": READERS,
    "/knowledge/queue": INSIDE,
    "/knowledge/queue?mine=true": INSIDE,
    "/knowledge/gaps": INSIDE,
    "/knowledge/gaps/table?days=7": INSIDE,
    "/knowledge/usage": INSIDE,
    "/knowledge/usage/table": INSIDE,
    "/knowledge/usage/file": INSIDE,
    "/knowledge/documents": WORKERS,
    "/knowledge/synonyms?q=住院": WORKERS,
    "/knowledge/new": WORKERS,
}
OK, FORBIDDEN, MISSING = httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND
WRITTEN = {
    "title": "2101 结算报错的处理", "question": "门诊结算 2101 报错", "category": "结算支付", "kind": "solution",
    "answer": "1. 查参保\n2. 重新结算\n\n<script>x</script>", "audience": "hospitals", "keywords": "门诊、2101",
    "infno": "2101",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("console-knowledge"), "knowledge", "console") as desk:
        yield desk


async def published(desk: Desk, **content: str) -> str:
    """The number of an article that an engineer wrote and the lead published, by their forms."""
    async with signed_in(desk.settings, "wang.fang") as wang, signed_in(desk.settings, "zhao.lei") as zhao:
        at = (await sent(wang, "/knowledge", **WRITTEN | content, then="submit")).partition("?")[0]
        await sent(zhao, f"{at}/publish", why="无误", review_at="2027-05-31")
        found = re.search(r"ZS-[0-9A-Z]{5}-[0-9A-Z]{5}", (await zhao.get(at)).text)
        assert found is not None
        return found[0]


@pytest.mark.parametrize("role", TITLES)
async def test_each_role_opens_its_pages_and_no_others(desk: Desk, role: Any) -> None:
    async with signed_in(desk.settings, BY_ROLE[role]) as http:
        for path, roles in PAGES.items():
            answer = await http.get(path)
            assert answer.status_code == (OK if role in roles else FORBIDDEN), f"{path} {answer.text[-300:]}"


async def test_an_article_is_published_by_somebody_else_and_then_found(desk: Desk) -> None:
    async with signed_in(desk.settings, "wang.fang") as wang, signed_in(desk.settings, "yiyuan.one") as hospital:
        at = (await sent(wang, "/knowledge", **WRITTEN, then="submit")).partition("?")[0]
        refused = await wang.post(f"{at}/publish", data={"why": ""}, headers={"HX-Request": "true"})
        assert (refused.status_code, "不能发布自己编写的" in refused.text) == (httpx.codes.CONFLICT, True)
        assert (await hospital.get(at)).status_code == MISSING
        async with signed_in(desk.settings, "zhao.lei") as zhao:
            assert "审核通过并发布" in (await zhao.get(at)).text
            await sent(zhao, f"{at}/publish")
        page = await shown(hospital, "/knowledge?q=2101", "<mark>2101</mark>")
        assert "2101 结算报错" in re.sub("</?mark>", "", page)
        article = (await hospital.get(at)).text
        assert "<li>查参保</li>" in article
        assert "<script>x" not in article
        assert "wang.fang" not in article
        await sent(hospital, f"{at}/rate", helpful="yes")
        assert '有帮助 <span class="badge bg-secondary-lt ms-2">1</span>' in (await hospital.get(at)).text


async def test_a_change_is_a_draft_that_readers_do_not_see(desk: Desk) -> None:
    number = await published(desk)
    at = f"/knowledge/{number}"
    async with signed_in(desk.settings, "wang.fang") as wang, signed_in(desk.settings, "yiyuan.one") as hospital:
        version = re.search(r'name="version" value="(\d+)"', (await wang.get(f"{at}/edit")).text)
        assert version is not None
        changed = WRITTEN | {"answer": "1. 先查人员状态", "then": "save"}
        await sent(wang, at, **changed, version=version[1])
        late = await wang.post(
            at, data=changed | {"answer": "别的", "version": version[1]}, headers={"HX-Request": "true"}
        )
        assert (late.status_code, "刷新" in late.text) == (httpx.codes.CONFLICT, True)
        assert "先查人员状态" in (await wang.get(f"{at}?draft=true")).text
        assert "先查人员状态" not in (await hospital.get(at)).text
        assert "<ins" in (await wang.get(f"{at}/versions?old=1&new=2")).text
        await sent(wang, f"{at}/discard")
        assert "先查人员状态" not in (await wang.get(f"{at}?draft=true")).text


async def test_an_archive_is_read_by_its_own_hospital_only(desk: Desk) -> None:
    number = await published(desk, title="只给一院的密文", audience="hospital", institution=OURS)
    for account, status in (("yiyuan.one", OK), ("yiyuan.two", MISSING), ("chen.jing", MISSING), ("sun.shen", OK)):
        async with signed_in(desk.settings, account) as http:
            assert (await http.get(f"/knowledge/{number}")).status_code == status, account
            if status == OK:
                await shown(http, "/knowledge?q=密文", number)
            else:  # the first who looked has found it: it is in the index
                assert number not in (await http.get("/knowledge?q=密文")).text, account


@pytest.mark.parametrize("account", [one.account for one in PEOPLE.values() if one.role not in WORKERS])
async def test_who_is_not_of_the_desk_changes_nothing(desk: Desk, account: str) -> None:
    async with signed_in(desk.settings, account) as http:
        for path in ("/knowledge", "/knowledge/preview", "/knowledge/x/publish", "/knowledge/synonyms", "/knowledge/x"):
            assert (await http.post(path, data=WRITTEN)).status_code == FORBIDDEN, path


async def test_a_document_becomes_drafts_and_comes_out_again(desk: Desk) -> None:
    async with signed_in(desk.settings, "wang.fang") as wang:
        files = {"file": ("手册.txt", "结算操作手册\n\n第一步 登录\n第二步 结算".encode(), "text/plain")}
        page = await wang.post("/knowledge/documents", data={"category": "培训", "audience": "hospitals"}, files=files)
        assert page.status_code == OK, page.text[-500:]
        assert "已导入" in page.text
        link = re.search(r'href="(/knowledge/documents/[0-9a-f]{64})"', page.text)
        assert link is not None
        original = await wang.get(link[1])
        assert original.content == files["file"][1]
        assert "手册.txt" in unquote(original.headers["Content-Disposition"])


async def test_synonyms_are_the_leads(desk: Desk) -> None:
    async with signed_in(desk.settings, "zhao.lei") as zhao, signed_in(desk.settings, "wang.fang") as wang:
        assert (await wang.post("/knowledge/synonyms", data={"words": "甲词、乙词"})).status_code == FORBIDDEN
        await sent(zhao, "/knowledge/synonyms", words="跑批任务、夜间批处理")
        await shown(wang, "/knowledge/synonyms", "跑批任务 = 夜间批处理")


async def test_a_reviewer_sees_first_what_a_changed_interface_concerns(desk: Desk) -> None:
    number = await published(desk, title="3301 接口说明", infno="3301")
    async with signed_in(desk.settings, "zhao.lei") as zhao:
        form = {"doubt": "interface", "infno": "3301", "why": "接口升级"}
        assert number in (await zhao.post("/knowledge/queue/question", data=form | {"then": "look"})).text
        await sent(zhao, "/knowledge/queue/question", **form, then="go")
        await shown(zhao, "/knowledge/queue", number)
        await sent(zhao, f"/knowledge/{number}/confirm", why="已核对")
        assert "已发布" in (await zhao.get(f"/knowledge/{number}")).text


async def test_an_unknown_act_is_no_page(desk: Desk) -> None:
    async with signed_in(desk.settings, "zhao.lei") as zhao:
        assert (await zhao.post("/knowledge/x/explode", data={"why": ""})).status_code == MISSING


async def test_hits_follow_the_typing_and_the_editor_shows_what_readers_will_see(desk: Desk) -> None:
    number = await published(desk, title="异地备案失败的处理")
    async with signed_in(desk.settings, "wang.fang") as wang:
        await shown(wang, "/knowledge?q=异地备案", number)
    cookies = await cookies_of(desk.settings, "wang.fang")
    async with browser_up() as browser, visiting(browser, desk.settings.url("console"), cookies) as visit:
        await visit.open("/knowledge")
        await visit.page.locator("#q").press_sequentially("异地备案")
        await visit.page.wait_for_url("**/knowledge?q=*")
        await visit.page.get_by_role("link", name="异地备案失败的处理").first.click()
        await visit.page.get_by_role("link", name="修改").click()
        await visit.page.get_by_label("处理步骤").fill("# 先看\n\n1. 备案记录")
        await visit.page.locator("#preview h3", has_text="先看").wait_for()
        await visit.page.get_by_role("button", name="保存草稿").click()
        await visit.page.get_by_text("已保存草稿").wait_for()
        await visit.page.get_by_text("这是尚未发布的修改").wait_for()
        assert not await visit.serious()
        assert not visit.problems
