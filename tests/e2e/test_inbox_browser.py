"""The inbox of the console in a real browser: two people side by side, notify killed and started again in between."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error

from chassis.vault import load_key
from services.notify.links.tokens import Links
from tests.integration.inbox_reading import alert_of, escalated, open_cases
from tests.support.browser import Visit, visiting
from tests.support.chromium import EXECUTABLE
from tests.support.console import console_in, cookies_of
from tests.support.desk import Desk
from tests.support.wait import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="chromium is not installed"),
]
ROWS = "[...document.querySelectorAll('[data-alert]')]"
LIVE = "document.querySelector('#online').textContent.includes('实时')"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("inbox"), "notify", "console") as desk:
        yield desk


async def inbox(windows: AsyncExitStack, browser: Browser, desk: Desk, who: str, size: str = "desk") -> Visit:
    """The page of one reader, live."""
    cookies = await cookies_of(desk.settings, who)
    visit = await windows.enter_async_context(visiting(browser, desk.settings.url("console"), cookies, size))
    assert await visit.open("/inbox") == 200
    await sees(visit, "the page is live", LIVE)
    return visit


async def sees(visit: Visit, what: str, script: str) -> Any:
    async def look() -> Any:
        with suppress(Error):  # on the way to another page
            return await visit.page.evaluate(script)

    return await until(what, look)


async def shows(visit: Visit, what: str, n: int, unread: int) -> None:
    await sees(visit, f"{n} alerts {what}", f"{ROWS}.length === {n}")
    badge = "document.querySelector('#unread')"
    await sees(
        visit, f"{unread} unread {what}", f"{badge}.hidden ? {unread} === 0 : {badge}.textContent === '{unread}'"
    )


async def press(visit: Visit, number: str, words: str) -> None:
    row = visit.page.locator("[data-alert]", has_text=number)
    await row.get_by_role("button", name=words).click()


async def test_two_people_miss_nothing_while_notify_is_killed_and_each_sees_what_the_other_does(
    desk: Desk, browser: Browser, windows: AsyncExitStack, tmp_path: Path
) -> None:
    wang, zhao = [await inbox(windows, browser, desk, who) for who in ("wang.fang", "zhao.lei")]
    assert "没有通知" in await wang.page.inner_text("#alerts")
    await open_cases(desk, 1, 2, 3)
    await open_cases(desk, 4, priority="urgent")
    for visit in (wang, zhao):
        await shows(visit, "before", 4, 4)
    await desk.kill("notify")
    await open_cases(desk, 5, 6)
    await desk.start("notify")
    await open_cases(desk, 7)
    for visit in (wang, zhao):
        await shows(visit, "after the restart", 7, 7)
        titles = await visit.page.locator("[data-alert] .title").all_inner_texts()
        assert sorted(title.split()[1] for title in titles) == [f"YB-{n:04}" for n in range(1, 8)]
    await press(wang, "YB-0002", "知悉")
    await shows(wang, "after one is taken on", 7, 6)
    await press(wang, "YB-0003", "标为已读")
    await shows(wang, "after one is read", 7, 5)
    await shows(zhao, "after the other has acted", 7, 6)
    await sees(zhao, "who has it", f"{ROWS}.some(row => row.textContent.includes('wang.fang 已知悉'))")
    assert (await alert_of(desk, 2))["acknowledged_by"] == "wang.fang"
    phone = await inbox(windows, browser, desk, "zhao.lei", "phone")
    await phone.page.screenshot(path=tmp_path / "phone.png")
    assert await phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    await wang.page.get_by_role("button", name="全部已读").click()
    await shows(wang, "after all was read", 7, 0)
    await shows(zhao, "to whom it is still new", 7, 6)
    assert await zhao.serious() == []


async def test_the_inbox_filters_and_shows_older_alerts(desk: Desk, browser: Browser, windows: AsyncExitStack) -> None:
    await desk.outbox.publish([escalated(50)])
    zhao = await inbox(windows, browser, desk, "zhao.lei")
    await sees(zhao, "one alert for two audiences is one row",
               f"{ROWS}.filter(row => row.textContent.includes('YB-0050')).length === 1")  # fmt: skip
    await open_cases(desk, *range(100, 160))
    await sees(zhao, "a page of them", f"{ROWS}.length === 50")

    async def all_there() -> bool:
        return len(await desk.documents("alerts")) >= 61

    await until("all alerts are there", all_there)
    await zhao.page.get_by_role("link", name="更早的通知").click()
    await sees(zhao, "the rest", f"location.search.includes('before') && {ROWS}.length >= 11")
    await zhao.open("/inbox?view=urgent")
    rows = await zhao.page.locator("[data-alert]").all_inner_texts()
    assert 0 < len(rows) < 5 and all("紧急" in row for row in rows)
    assert zhao.problems == []


async def test_a_link_is_acknowledged_by_its_button_and_the_inbox_shows_it(
    desk: Desk, browser: Browser, windows: AsyncExitStack
) -> None:
    await open_cases(desk, 70)
    alert = await alert_of(desk, 70)
    links = Links(load_key("", desk.settings.data_dir), desk.settings.url("notify"))
    lasts = datetime.now(UTC) + timedelta(hours=1)
    watching = await inbox(windows, browser, desk, "wang.fang")
    row = f"{ROWS}.find(row => row.textContent.includes('YB-0070'))"
    await sees(watching, "it is there", f"{row} !== undefined")
    opened = await windows.enter_async_context(visiting(browser, desk.settings.url("notify"), size="phone"))
    await opened.page.goto(links.link_of(UUID(alert["alert_id"]), 0, "desk", lasts))
    await opened.page.locator("form button").click()
    await sees(opened, "who has it", "document.querySelector('.outcome')?.textContent.includes('知悉')")
    await sees(watching, "that it is taken on", f"{row}?.textContent.includes('已知悉')")
    assert (await alert_of(desk, 70))["acknowledged_via"] == "link"
    assert opened.problems == []


async def test_without_a_push_provider_the_settings_say_what_is_missing(
    desk: Desk, browser: Browser, windows: AsyncExitStack
) -> None:
    wang = await inbox(windows, browser, desk, "wang.fang")
    assert await wang.open("/inbox/settings") == 200
    assert "没有配置桌面通知" in await wang.page.inner_text("main")
    assert wang.problems == [] and await wang.serious() == []
