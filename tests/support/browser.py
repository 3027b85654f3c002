"""Debian's Chromium by Playwright: signed in as somebody, at the size of a desk or of a phone, held against axe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from chassis.packages import modules
from tests.support.chromium import EXECUTABLE

SIZES: Final = {"desk": (1366, 768), "phone": (390, 844)}
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync", "--lang=zh-CN",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
_CHINESE: Final[dict[str, str | float | bool]] = {**os.environ, "LANGUAGE": "zh_CN"}  # fields of dates follow it
_SERIOUS = """async (rules) => (await axe.run(document, {resultTypes: ['violations'], rules})).violations
  .filter(v => v.impact === 'serious' || v.impact === 'critical')
  .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 160)).join(' | ')}`)"""


@asynccontextmanager
async def browser_up() -> AsyncIterator[Browser]:
    """One Chromium, gone at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=_ARGUMENTS, env=_CHINESE)
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """One person's window. `problems` are what its pages complained of: scripts, policy, files from elsewhere."""

    def __init__(self, context: BrowserContext, page: Page, base: str) -> None:
        self.context, self.page, self.base = context, page, base
        self.problems: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self._complained(str(error)))
        page.on("console", lambda said: self._complained(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._local(asked.url))

    def _complained(self, text: str) -> None:
        self.problems.append(f"{self.page.url}: {text}")

    def _local(self, url: str) -> None:
        self.asked.append(url)
        if not url.startswith((self.base, "data:", "blob:")):
            self._complained(f"asks {url}")

    async def open(self, path: str) -> int:
        """The page, drawn; its status."""
        answer = await self.page.goto(self.base + path, wait_until="load")
        return answer.status if answer else 0

    async def serious(self, *without: str) -> list[str]:
        """axe's serious and critical findings on the page as it is now; `without` are rules that need not be asked."""
        await self.page.evaluate(axe_source())
        rules = {rule: {"enabled": False} for rule in without}
        found: list[str] = await self.page.evaluate(_SERIOUS, rules)
        return found


@asynccontextmanager
async def visiting(
    browser: Browser, base: str, cookies: dict[str, str] | None = None, size: str = "desk", **more: Any
) -> AsyncIterator[Visit]:
    """A window at `base` with the session that `cookies` say."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai",
        has_touch=size == "phone", reduced_motion="reduce", **more,
    )  # fmt: skip
    try:
        if cookies:
            await context.add_cookies([{"name": k, "value": v, "url": base} for k, v in cookies.items()])
        yield Visit(context, await context.new_page(), base)
    finally:
        await context.close()


@cache
def axe_source() -> str:
    """The checker, from the packages that `npm ci` brought."""
    found = modules()
    assert found is not None, "axe-core is not there: make node_modules/.ready"
    return (found / "axe-core" / "axe.min.js").read_text()
