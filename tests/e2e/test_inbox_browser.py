"""The inbox page in a real browser: two of them side by side, with notify killed and started again in between."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import pytest_asyncio

from chassis.vault import load_key
from services.notify.links.tokens import Links
from tests.integration.inbox_reading import act, alert_of, escalated, open_cases
from tests.support.chromium import EXECUTABLE, Chromium, Page, chromium_in
from tests.support.desk import Desk, desk_in

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="chromium is not installed"),
]
ROWS = "[...document.querySelectorAll('#list li')]"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("pages"), "notify") as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def browser(tmp_path: Path) -> AsyncIterator[Chromium]:
    async with chromium_in(tmp_path) as browser:
        yield browser


async def inbox(browser: Chromium, desk: Desk, reader: str) -> Page:
    """The page of one reader, live."""
    page = await browser.open(desk.url("notify", f"/inbox/page?reader={reader}&audience=desk"))
    await page.sees("the page is live", "document.querySelector('#link').dataset.state === 'live'")
    return page


async def shows(page: Page, what: str, n: int, unread: int) -> None:
    await page.sees(f"{n} alerts {what}", f"{ROWS}.length === {n}")
    await page.sees(f"{unread} unread {what}", f"document.querySelector('#badge').dataset.n === '{unread}'")


async def press(page: Page, number: str, words: str) -> None:
    row = f"{ROWS}.find(li => li.textContent.includes('工单 {number}'))"
    await page.run(f"[...{row}.querySelectorAll('button')].find(b => b.textContent === '{words}').click()")


async def test_two_pages_miss_nothing_while_notify_is_killed_and_each_sees_what_the_other_does(
    desk: Desk, browser: Chromium, tmp_path: Path
) -> None:
    wang, li = await inbox(browser, desk, "wang"), await inbox(browser, desk, "li")
    assert await wang.run("document.querySelector('#empty').textContent.includes('没有通知')")
    await wang.size(1366, 768)
    await wang.picture(tmp_path / "empty.png")
    await open_cases(desk, 1, 2, 3)
    await open_cases(desk, 4, priority="urgent")
    for page in (wang, li):
        await shows(page, "before", 4, 4)
    await desk.kill("notify")
    await wang.sees("the page says it is cut off", "document.querySelector('#link').dataset.state === 'again'")
    await wang.picture(tmp_path / "again.png")
    await open_cases(desk, 5, 6)
    await desk.start("notify")
    await open_cases(desk, 7)
    for page in (wang, li):
        await shows(page, "after the restart", 7, 7)
        numbers = await page.run(f"{ROWS}.map(li => li.querySelector('.number').textContent)")
        assert sorted(numbers) == [f"工单 YB-{n:04}" for n in range(1, 8)]
    await press(wang, "YB-0002", "知悉")
    await press(wang, "YB-0003", "已读")
    await shows(wang, "after acting", 7, 5)
    await shows(li, "after the other has acted", 7, 6)
    await li.sees("who has it", f"{ROWS}.some(li => li.textContent.includes('wang 已知悉'))")
    assert (await alert_of(desk, 2))["acknowledged_by"] == "wang"
    await wang.picture(tmp_path / "inbox.png")
    await li.size(390, 844, mobile=True)
    await li.picture(tmp_path / "phone.png")
    assert await li.run("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off on a telephone"
    await wang.run("document.querySelector('#all').click()")
    await shows(wang, "after all was read", 7, 0)
    await shows(li, "to whom it is still new", 7, 6)
    for page in (wang, li):
        assert page.problems == []
        assert {urlsplit(url).hostname for url in page.asked if url.startswith("http")} == {"127.0.0.1"}


async def test_a_page_without_a_reader_asks_who_it_is_and_remembers(desk: Desk, browser: Chromium) -> None:
    page = await browser.open(desk.url("notify", "/inbox/page"))
    assert await page.run("document.querySelector('#who').classList.contains('shown')")
    await page.run("document.querySelector('#who input').value = '王芳'; document.querySelector('#who button').click()")
    await page.sees("the page is live", "document.querySelector('#link').dataset.state === 'live'")
    assert await page.run("localStorage.getItem('yibao.staff')") == "王芳"
    await page.run("document.querySelector('#all').click()")
    assert page.problems == []


async def test_a_page_filters_and_shows_older_alerts(desk: Desk, browser: Chromium) -> None:
    page = await browser.open(desk.url("notify", "/inbox/page?reader=zhao&audience=desk&audience=lead"))
    await desk.outbox.publish([escalated(50)])
    rows = f"{ROWS}.filter(li => li.textContent.includes('YB-0050'))"
    await page.sees("one alert for two audiences is one row", f"{rows}.length === 1")
    await open_cases(desk, *range(100, 160))
    await page.sees("new ones are on top", f"{ROWS}.length >= 60")
    again = await browser.open(desk.url("notify", "/inbox/page?reader=zhao&audience=desk&audience=lead"))
    await again.sees("a page of them", f"{ROWS}.length === 50")
    await again.run("document.querySelector('#more').click()")
    await again.sees("all of them", f"{ROWS}.length >= 61")
    assert not await again.run("document.querySelector('#more').classList.contains('shown')")
    await again.run("document.querySelector('#only').value = 'urgent'; document.querySelector('#only').onchange()")
    await again.sees("fewer", f"{ROWS}.length < 5")
    assert await again.run(f"{ROWS}.every(li => li.classList.contains('urgent'))")
    assert again.problems == []


async def test_what_is_heard_while_the_list_loads_is_not_lost_to_older_rows(desk: Desk, browser: Chromium) -> None:
    await open_cases(desk, 200, 201)
    first = await alert_of(desk, 200)
    page = await inbox(browser, desk, "qian")
    await page.sees("both", f"['YB-0200', 'YB-0201'].every(n => {ROWS}.some(li => li.textContent.includes(n)))")
    # The answer is there before anything happens, and the page gets it afterwards.
    await page.run(
        "window.held = null; const real = window.fetch; window.fetch = async (...asked) => {"
        " const answer = await real(...asked);"
        " if (String(asked[0]).startsWith('/inbox?')) await new Promise(go => { window.held = go; });"
        " return answer; };"
    )
    await page.run("source.dispatchEvent(new MessageEvent('reset', {data: '{}', lastEventId: last}))")
    await page.sees("the list is on its way", "window.held !== null")
    await act(desk, first["alert_id"], "acknowledge", "sun")
    await open_cases(desk, 202)
    await page.sees("it is heard", f"{ROWS}.some(li => li.textContent.includes('sun 已知悉'))")
    await page.sees("so is a new one", f"{ROWS}.some(li => li.textContent.includes('YB-0202'))")
    await page.run("window.held(); window.held = null; window.fetch = real")
    await page.sees("the list is there", "loading.size === 0 && !stale")
    await page.run("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert await page.run(f"{ROWS}.some(li => li.textContent.includes('sun 已知悉'))")
    assert await page.run(f"{ROWS}.some(li => li.textContent.includes('YB-0202'))")
    assert page.problems == []


async def test_a_link_is_marked_read_by_who_looks_at_it_and_acknowledged_by_the_button(
    desk: Desk, browser: Chromium, tmp_path: Path
) -> None:
    await open_cases(desk, 70)
    alert = await alert_of(desk, 70)
    links = Links(load_key("", desk.settings.data_dir), desk.settings.url("notify"))
    until = datetime.now(UTC) + timedelta(hours=1)
    page = await browser.open(links.link_of(UUID(alert["alert_id"]), 0, "desk", until))
    await page.size(390, 844, mobile=True)
    await page.picture(tmp_path / "link.png")
    watching = await inbox(browser, desk, "desk")
    row = f"{ROWS}.find(li => li.textContent.includes('YB-0070'))"
    await watching.sees("it is read", f"{row}?.classList.contains('unread') === false")
    await page.run("document.querySelector('form button').click()")
    await page.sees("who has it", "document.querySelector('.outcome')?.textContent.includes('知悉')")
    assert await page.run("getComputedStyle(document.querySelector('form')).display") == "none"
    await page.picture(tmp_path / "taken.png")
    assert (await alert_of(desk, 70))["acknowledged_via"] == "link"
    assert page.problems == []


async def test_without_a_push_provider_the_button_says_what_is_missing(desk: Desk, browser: Chromium) -> None:
    page = await inbox(browser, desk, "wang")
    told = "document.querySelector('#notice').textContent.includes('没有配置桌面通知')"
    await page.sees("what is missing", f"{told} || (document.querySelector('#push').click(), {told})")
