"""Several windows on one desk: what one person does, the others see without asking again, as far as it is theirs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error

from tests.support.browser import Visit, visiting
from tests.support.chromium import EXECUTABLE
from tests.support.console import console_in, cookies_of, signed_in
from tests.support.desk import Desk
from tests.support.wait import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="chromium is not installed"),
]
WANG, ZHAO, OURS, OTHERS = "wang.fang", "zhao.lei", "yiyuan.one", "yiyuan.two"
LISTENS = """() => {
  window.untouched = true;
  window.heard = [];
  document.body.addEventListener('live:case', (event) => window.heard.push(event.detail.id));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("live")) as desk:
        yield desk


async def asks(desk: Desk, who: str, text: str) -> str:
    """The case that a hospital's question becomes."""
    async with signed_in(desk.settings, who) as http:
        sent = (await http.post("/ask", data={"text": text})).headers["location"]

        async def taken() -> str | None:
            return str((await http.get(sent)).headers.get("location", ""))

        return str(await until("the question is a case", taken)).partition("/cases/")[2]


async def opens(windows: AsyncExitStack, browser: Browser, desk: Desk, who: str, path: str) -> Visit:
    """A window that listens, and knows whether it was loaded anew."""
    cookies = await cookies_of(desk.settings, who)
    visit = await windows.enter_async_context(visiting(browser, desk.settings.url("console"), cookies))
    assert await visit.open(path) == 200
    await sees(visit, "the page is live", "document.querySelector('#online').textContent.includes('实时')")
    await visit.page.evaluate(LISTENS)
    return visit


async def sees(visit: Visit, what: str, script: str) -> Any:
    async def look() -> Any:
        with suppress(Error):  # on the way to another page
            return await visit.page.evaluate(script)

    return await until(what, look)


async def shows(visit: Visit, where: str, words: str) -> None:
    await sees(visit, f"{words} in {where}", f"document.querySelector('{where}')?.textContent.includes('{words}')")


async def reads(visit: Visit, where: str, words: str) -> None:
    """In that part of the page, which was not loaded anew for it."""
    await shows(visit, where, words)
    assert await visit.page.evaluate("window.untouched")


async def answers(visit: Visit, words: str) -> None:
    await visit.page.locator("#answer").fill(words)
    await visit.page.get_by_role("button", name="发送").click()
    await shows(visit, "#said", words)


async def test_what_one_does_the_other_sees_and_who_is_there(
    desk: Desk, browser: Browser, windows: AsyncExitStack
) -> None:
    case = await asks(desk, OURS, "住院登记 2401 报错, 备案就医地不一致")
    path, row = f"/cases/{case}", f'tr[data-row="/cases/{case}"]'
    listing = await opens(windows, browser, desk, WANG, "/cases?status=open")
    watching = await opens(windows, browser, desk, WANG, path)
    zhao = await opens(windows, browser, desk, ZHAO, path)
    await reads(watching, "#others", "赵磊 也在看")
    await reads(zhao, "#others", "王芳 也在看")
    await zhao.page.locator("#act-assign summary").click()
    await zhao.page.locator("#assignee").select_option(ZHAO)
    await zhao.page.get_by_role("button", name="分派").click()
    await reads(watching, "#timeline", "分派")
    await reads(listing, row, ZHAO)
    await sees(zhao, "the page after his act", "document.querySelector('#answer') !== null && !window.untouched")
    await zhao.page.locator("#answer").press_sequentially("请修改")
    await reads(watching, "#others", "赵磊 正在输入")
    await answers(zhao, "请修改备案就医地后重新登记")
    await reads(watching, "#said", "请修改备案就医地后重新登记")
    await reads(listing, row, "处理中")
    for visit in (listing, watching, zhao):
        assert visit.problems == []


async def test_a_hospital_sees_the_answer_to_its_own_case_and_hears_nothing_of_anothers(
    desk: Desk, browser: Browser, windows: AsyncExitStack
) -> None:
    ours, theirs = await asks(desk, OURS, "电子处方 7101 上传失败"), await asks(desk, OTHERS, "月结申报提示金额不一致")
    window = await opens(windows, browser, desk, OURS, f"/cases/{ours}")
    listing = await opens(windows, browser, desk, OURS, "/cases")
    wang = await opens(windows, browser, desk, WANG, f"/cases/{theirs}")
    await answers(wang, "请核对医疗类别是否一致")
    await wang.open(f"/cases/{ours}")
    await answers(wang, "请重新签名后上传")
    await reads(window, "#said", "请重新签名后上传")
    assert set(await window.page.evaluate("window.heard")) == {ours}
    assert await listing.page.evaluate("window.heard") == []
    assert (await window.open(f"/cases/{theirs}")) == 404
