"""Pages of the console with 200,000 cases behind them: the server's time for each, as each role, and a browser's."""

import random
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from bench.chain import chain
from bench.console_fill import ALERTS, ARTICLES, fill
from bench.result import Result, percentile
from bench.world import World, world
from tests.support.browser import browser_up, visiting
from tests.support.console import BY_ROLE, cookies_of, open_accounts, signed_in

CASES, ROUNDS, BAR_MS = 200_000, 40, 100.0
VISITS, FIRST_BAR_MS = 10, 1_000.0
_ROLES: Final = ("lead", "officer", "hospital", "auditor", "ops", "admin")
_LINKS: Final = ("/cases/", "/knowledge/", "/reports/", "/runs/", "/institutions/", "/obligations/")


async def console() -> list[Result]:
    """p95 of every page that a role's menu leads to, and of the first thing on each of them."""
    async with world() as desk:
        await chain(desk, "warm", 1_000)
        await fill(desk, CASES)
        await open_accounts(desk.outbox, desk.db["accounts"])
        figures = [figure for role in _ROLES for figure in await _measured(desk, role)]
        first = await _first_page(desk)
    worst = max(figures, key=lambda figure: figure.value)
    behind = f"{CASES:,} cases, {ALERTS:,} alerts, {ARTICLES} articles"
    slow = f"of {len(figures)} pages, {behind}; slowest: {worst.name.partition('[')[2].rstrip(']')}"
    return [worst._replace(name="console_p95_ms", beside=slow), first, *figures]


async def _first_page(desk: World) -> Result:
    """From the address to the last file of a lead's first page, each time in a new window that has cached nothing."""
    cookies, took = await cookies_of(desk.settings, BY_ROLE["lead"]), []
    async with browser_up() as browser:
        for _ in range(VISITS + 1):
            async with visiting(browser, desk.settings.url("console"), cookies) as visit:
                started = time.perf_counter()
                assert await visit.open("/") == httpx.codes.OK
                took.append((time.perf_counter() - started) * 1_000)
    # Of ten the slowest says more of the machine than of the page: it stands beside.
    beside = f"median of {VISITS} new windows of Chromium, the slowest {max(took[1:]):,.0f} ms"
    return Result("console_first_page_ms", percentile(took[1:], 0.5), "ms", FIRST_BAR_MS, at_least=False, beside=beside)


async def _measured(desk: World, role: Any) -> list[Result]:
    """Pages in turn, so that a slow moment of the machine meets all alike."""
    async with signed_in(desk.settings, BY_ROLE[role]) as http:
        pages = await _pages(http)
        took: dict[str, list[float]] = {page: [] for page in pages}
        for _ in range(ROUNDS):
            for page in random.sample(list(pages), len(pages)):
                took[page].append(await _once(http, pages[page]))
    return [
        Result(f"console_p95_ms[{role} {page}]", percentile(times[2:], 0.95), "ms", BAR_MS, at_least=False)
        for page, times in took.items()
    ]


async def _pages(http: httpx.AsyncClient) -> dict[str, str]:
    """By name: what the menu leads to and, under `…/*`, the first of each kind of thing that those pages link to."""
    home = (await http.get("/")).text
    found: dict[str, str] = {}
    for path in list(_hrefs(home.partition('id="menu"')[2].partition("</nav>")[0])):
        answer = await http.get(path, follow_redirects=True)  # a hospital's only institution is there at once
        found[path] = answer.url.raw_path.decode()
        for link in _hrefs(answer.text):
            kind = next((kind for kind in _LINKS if link.startswith(kind) and link.count("/") == 2), None)
            if kind and "?" not in link and f"{kind}*" not in found and link not in found:
                found[f"{kind}*"] = link
    if "/cases" in found:
        found["/cases?q=结算"] = "/cases?q=结算"
    return found


def _hrefs(html: str) -> Iterator[str]:
    for part in html.split('href="')[1:]:
        if (link := part.partition('"')[0]).startswith("/") and not link.startswith(("/static", "/vendor", "//")):
            yield link.replace("&amp;", "&")


async def _once(http: httpx.AsyncClient, path: str) -> float:
    started = time.perf_counter()
    answer = await http.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return (time.perf_counter() - started) * 1_000
