"""The door as somebody tries it who wants in by another way: forms of other sites, sessions that should be over, bodies
without end, headers that only the desk's own may send.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from contracts.identity import Rights
from services.console.accounts.desk import AccountDesk
from tests.support.console import signed_in
from tests.support.desk import Desk, desk_in
from tests.support.forms import PASSWORD, Browser, account_of, accounts_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    where: Path = tmp_path_factory.mktemp("door")
    async with desk_in(where, "console") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(desk: Desk) -> AccountDesk:
    return await accounts_in(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def name(accounts: AccountDesk) -> str:
    """An engineer's."""
    return await account_of(accounts, "engineer")


@pytest_asyncio.fixture(loop_scope="module")
async def browser(desk: Desk, name: str) -> AsyncIterator[Browser]:
    """His, who has signed in."""
    await desk.mongo[desk.settings.mongo_db].attempts.delete_many({})
    async with Browser(desk) as opened:
        await opened.sign_in(name)
        assert await opened.is_in()
        yield opened


ELSEWHERE = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]  # fmt: skip


@pytest.mark.parametrize("said", ELSEWHERE, ids=str)
async def test_a_form_of_another_site_is_refused_though_it_has_the_token(
    browser: Browser, said: dict[str, str]
) -> None:
    for path in ("/sign-out", "/sign-in"):
        answer = await browser.http.post(path, data={"_csrf_token": browser.token}, headers=said)
        assert answer.status_code == 403
    assert await browser.is_in()


async def test_forms_of_our_own_pages_are_taken(desk: Desk, browser: Browser) -> None:
    for said in ({"Origin": desk.settings.url("console")}, {"Sec-Fetch-Site": "same-origin"}):
        answer = await browser.http.post("/me/sessions/end", data={"_csrf_token": browser.token}, headers=said)
        assert answer.status_code == 303


@pytest.mark.parametrize("what", ["signed out", "ended elsewhere", "disabled", "other rights", "another password"])
async def test_a_page_hears_nothing_more_when_its_session_is_over(
    desk: Desk, browser: Browser, name: str, accounts: AccountDesk, what: str
) -> None:
    async with browser.http.stream("GET", "/live") as stream, asyncio.timeout(15):
        lines = stream.aiter_lines()
        await anext(lines)
        match what:
            case "signed out":
                await browser.post("/sign-out", follow=False)
            case "ended elsewhere":
                row = await desk.mongo[desk.settings.mongo_db].sessions.find_one({"account": name})
                await browser.post("/me/sessions/end", follow=False, session=row["_id"])  # type: ignore[index]
            case "disabled":
                await accounts.disable(name)
            case "other rights":
                await accounts.change_rights(name, "测试", Rights(role="ops"))
            case _:
                await accounts.reset_password(name)
        async for _ in lines:
            pass


BY_ITSELF = [
    ("GET", "/me", {"X-By-Itself": "1"}, False), ("POST", "/live/presence?case=x&doing=looking", {}, False),
    ("POST", "/live/presence?case=x&doing=typing", {}, True), ("GET", "/me", {}, True),
    ("GET", "/wall", {"X-By-Itself": "1"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "headers", "counts"), BY_ITSELF)
async def test_only_what_a_person_does_keeps_a_session_alive(
    desk: Desk, browser: Browser, name: str, method: str, path: str, headers: dict[str, str], counts: bool
) -> None:
    sessions = desk.mongo[desk.settings.mongo_db].sessions
    before = datetime.now(UTC) - timedelta(minutes=10)
    await sessions.update_one({"account": name}, {"$set": {"seen_at": before}})
    answer = await browser.http.request(method, path, headers={"x-csrftoken": browser.token, **headers})
    assert answer.is_success
    row = await sessions.find_one({"account": name})
    assert row is not None
    assert (row["seen_at"].replace(tzinfo=UTC) - before > timedelta(minutes=5)) is counts


@pytest.mark.parametrize("path", ["/reports/datasets", "/me/password", "/sign-out"])
async def test_of_a_stranger_no_body_is_read_where_he_may_not_go(desk: Desk, path: str) -> None:
    """He announces a gigabyte and sends none of it: the answer does not wait."""
    at = urlsplit(desk.settings.url("console"))
    reading, writing = await asyncio.open_connection(at.hostname, at.port)
    head = f"POST {path} HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Length: 1000000000\r\n"
    writing.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
    async with asyncio.timeout(15):
        assert b" 303 " in await reading.readline()
    writing.close()


async def test_who_is_no_friend_yet_sends_small_forms_only(desk: Desk) -> None:
    async with Browser(desk) as stranger:
        await stranger.get("/sign-in")
        for path in ("/sign-in", "/sign-in/code"):
            assert (await stranger.post(path, follow=False, account="x" * 20_000)).status_code == 413
        key = {"Authorization": "Bearer ybk_x_y"}
        answer = await stranger.http.post("/token", json={"service": "x" * 20_000}, headers=key)
        assert answer.status_code == 413


async def test_where_somebody_sits_is_not_for_him_to_say(desk: Desk, browser: Browser, name: str) -> None:
    browser.http.headers["X-Client-Address"] = "203.0.113.9"
    await browser.sign_in(name)
    rows = [row async for row in desk.mongo[desk.settings.mongo_db].sessions.find({"account": name})]
    assert {row["address"] for row in rows} == {"127.0.0.1"}


async def test_an_address_with_chinese_in_it_is_gone_to_by_scripts_too(browser: Browser, name: str) -> None:
    await browser.get("/sign-in")
    token = {"_csrf_token": browser.token}
    form = {"account": name, "password": PASSWORD, "next": "/knowledge?q=医保", **token}
    answer = await browser.http.post("/sign-in", data=form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/knowledge?q=%E5%8C%BB%E4%BF%9D")


async def test_a_token_opens_no_page(desk: Desk) -> None:
    """The tests' own client signs what it asks."""
    for path in ("/cases", "/live", "/me"):
        answer = await desk.http.get(desk.url("console", path), follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/docs", "/static/nowhere.js", "/me", "/token"])
async def test_every_answer_says_what_browsers_may_do_with_it(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script>" not in answer.text


async def test_with_an_https_address_no_cookie_goes_over_http(desk: Desk, name: str) -> None:
    """Whatever the proxy in front forwards or forgets."""
    await desk.stop("console")
    await desk.start("console", YIBAO_CONSOLE_PUBLIC_URL="https://desk.example")
    async with httpx.AsyncClient(base_url=desk.settings.url("console"), trust_env=False, timeout=20) as http:
        first = await http.get("/sign-in")
        [forgery] = first.headers.get_list("Set-Cookie")
        assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(forgery.split("; "))
        pair = forgery.split(";")[0]
        headers = {"Cookie": pair, "x-csrftoken": pair.partition("=")[2], "Origin": "https://desk.example"}
        answer = await http.post("/sign-in", data={"account": name, "password": PASSWORD}, headers=headers)
    cookies = [set(one.split("; ")) for one in answer.headers.get_list("Set-Cookie") if "__Host-yibao=" in one]
    assert len(cookies) == 1
    assert {"Secure", "HttpOnly", "Path=/"} <= cookies[0]


async def test_who_floods_the_console_is_turned_away_and_nobody_else(desk: Desk, name: str) -> None:
    await desk.stop("console")
    await desk.start("console", YIBAO_CONSOLE_REQUESTS_PER_MIN="30")
    async with (
        signed_in(desk.settings, name, PASSWORD) as known,
        httpx.AsyncClient(base_url=desk.settings.url("console"), trust_env=False, timeout=20) as http,
    ):
        answers = [await http.get("/sign-in") for _ in range(40)]
        refused = [answer for answer in answers if answer.status_code == httpx.codes.TOO_MANY_REQUESTS]
        assert refused and 0 < int(refused[-1].headers["Retry-After"]) <= 60
        assert "default-src 'none'" in refused[-1].headers["Content-Security-Policy"]
        assert (await known.get("/me")).status_code == httpx.codes.OK
        assert (await http.get("/health/live")).status_code == httpx.codes.OK
