"""Signing in at a real console: passwords, one-time passwords, lock-out, second factor, sessions that end."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
import pytest_asyncio

from contracts.identity import Rights
from services.console.accounts.desk import AccountDesk
from tests.support.desk import Desk, desk_in
from tests.support.forms import PASSWORD, Browser, account_of, accounts_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
ANOTHER = "河口卫生院的清单要在月底前上传"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    where: Path = tmp_path_factory.mktemp("signin")
    async with desk_in(where, "console", YIBAO_CONSOLE_TOTP_ROLES="auditor") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(desk: Desk) -> AccountDesk:
    return await accounts_in(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    # The address is the same in all tests: what one of them did wrong is not to lock the next one out.
    await desk.mongo[desk.settings.mongo_db].attempts.delete_many({})
    async with Browser(desk) as opened:
        yield opened


async def test_who_knows_the_password_is_in_and_out_again(browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    answer = await browser.sign_in(name)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert await browser.is_in()
    assert name in browser.last.text
    kept = dict(browser.http.cookies)
    await browser.post("/sign-out")
    assert not await browser.is_in()
    browser.http.cookies.update(kept)
    assert not await browser.is_in(), "the session is over, not only forgotten by the browser"


async def test_the_session_is_for_no_script_and_no_other_site(browser: Browser, accounts: AccountDesk) -> None:
    answer = await browser.sign_in(await account_of(accounts, "engineer"))
    [cookie] = [c for c in answer.headers.get_list("Set-Cookie") if c.startswith("yibao=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


async def test_behind_https_the_session_is_for_this_host_alone(browser: Browser, accounts: AccountDesk) -> None:
    browser.http.headers["X-Forwarded-Proto"] = "https"
    answer = await browser.sign_in(await account_of(accounts, "engineer"))
    [cookie] = [c for c in answer.headers.get_list("Set-Cookie") if c.startswith("__Host-yibao=")]
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_what_the_browser_holds_is_nowhere_in_the_database(
    desk: Desk, browser: Browser, accounts: AccountDesk
) -> None:
    name = await account_of(accounts, "engineer")
    await browser.sign_in(name)
    rows = [str(row) async for row in desk.mongo[desk.settings.mongo_db].sessions.find({})]
    assert not any(browser.http.cookies["yibao"] in row for row in rows)
    stored = str(await desk.mongo[desk.settings.mongo_db].accounts.find_one({"state.account": name}))
    assert PASSWORD not in stored


async def test_a_form_without_the_pages_token_is_refused(browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    assert (await browser.http.post("/sign-in", data={"account": name, "password": PASSWORD})).status_code == 403
    await browser.sign_in(name)
    assert (await browser.http.post("/sign-out")).status_code == 403
    assert await browser.is_in()


async def test_a_one_time_password_opens_nothing_but_its_change(browser: Browser, accounts: AccountDesk) -> None:
    first = await accounts.open("first.time", "李娜", Rights(role="engineer"))
    await browser.sign_in("first.time", first)
    assert (await browser.get("/audit")).url.path == "/me/password"
    assert "一次性密码" in browser.last.text
    refused = await browser.post("/me/password", password=first, new="1234567890", again="1234567890")
    assert "太常见" in refused.text
    wrong = await browser.post("/me/password", password="wrong", new=ANOTHER, again=ANOTHER)
    assert "当前密码不正确" in wrong.text
    await browser.post("/me/password", password=first, new=ANOTHER, again=ANOTHER)
    assert browser.last.url.path == "/me"
    assert (await browser.get("/me/password")).text.count("一次性密码") == 0
    assert (await browser.sign_in("first.time", first)).status_code == 401
    assert (await browser.sign_in("first.time", ANOTHER)).status_code == 303


async def test_a_one_time_password_expires(desk: Desk, browser: Browser, accounts: AccountDesk) -> None:
    made = await accounts.open("too.late", "李娜", Rights(role="engineer"))
    past = {"$set": {"state.expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    await desk.mongo[desk.settings.mongo_db].accounts.update_one({"state.account": "too.late"}, past)
    assert "已过期" in (await browser.sign_in("too.late", made)).text


@pytest.mark.parametrize("known", [True, False])
async def test_five_failures_lock_an_account_be_it_known_or_not(
    browser: Browser, accounts: AccountDesk, known: bool
) -> None:
    name = await account_of(accounts, "engineer") if known else "nobody.here"
    said = [(await browser.sign_in(name, "wrong")).text for _ in range(5)]
    assert all("账号或密码不正确" in text for text in said[:4])
    assert "15 分钟" in said[4]
    assert "15 分钟" in (await browser.sign_in(name, PASSWORD)).text, "the right one does not help any more"


async def test_strangers_lock_nobody_out_of_the_browser_that_he_uses(
    desk: Desk, browser: Browser, accounts: AccountDesk
) -> None:
    name, other = await account_of(accounts, "engineer"), await account_of(accounts, "engineer")
    await browser.sign_in(name)
    await browser.post("/sign-out")
    async with Browser(desk) as stranger:
        for _ in range(5):
            await stranger.sign_in(name, "wrong")
        assert "15 分钟" in (await stranger.sign_in(name, PASSWORD)).text
        for _ in range(5):
            await stranger.sign_in(other, "wrong")
    assert (await browser.sign_in(name, "wrong")).status_code == 401
    assert (await browser.sign_in(other)).status_code == 401, "it is known for one account"
    assert (await browser.sign_in(name)).status_code == 303


async def test_tries_and_pages_are_counted_for_ops(desk: Desk, browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    before = await counted(desk)
    for password in (*["wrong"] * 5, PASSWORD):
        await browser.sign_in(name, password)
    after = await counted(desk)
    grown = {outcome: after[outcome] - before.get(outcome, 0) for outcome in ("failed", "locked_out")}
    assert grown == {"failed": 4, "locked_out": 2}, "the fifth locks, the sixth meets the lock"
    assert after["/sign-in"] - before["/sign-in"] == 12, "each form was shown and sent"
    assert not [route for route in after if route.startswith(("/static", "/health", "/metrics"))]


async def counted(desk: Desk) -> dict[str, float]:
    """Tries by what came of them, and answers by route."""
    text = (await desk.http.get(desk.url("console", "/metrics"))).text
    found = re.findall(r'yibao_console_(?:sign_ins_total|pages_seconds_count)\{\w+="([^"]+)"\} (\S+)', text)
    return {label: float(n) for label, n in found}


async def test_many_guesses_at_once_are_five(desk: Desk, browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    await browser.get("/sign-in")
    form = {"_csrf_token": browser.token, "account": name, "password": "wrong"}
    answers = await asyncio.gather(*(browser.http.post("/sign-in", data=form) for _ in range(12)))
    assert sum("账号或密码不正确" in answer.text for answer in answers) == 4
    tries = [row["n"] async for row in desk.mongo[desk.settings.mongo_db].attempts.find({})]
    assert sorted(tries) == [6, 12]


async def test_one_address_is_not_let_try_account_after_account(browser: Browser) -> None:
    said = [(await browser.sign_in(f"nobody{n}", "wrong")).text for n in range(31)]
    assert "不正确" in said[29]
    assert "15 分钟" in said[30]


async def test_the_second_factor(browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "auditor")
    await browser.sign_in(name)
    assert (await browser.get("/audit")).url.path == "/me/second-factor", "the role asks for it"
    assert "<svg" in browser.last.text
    totp, sealed = (
        pyotp.TOTP(_found(r"<code>([A-Z2-7]+)</code>", browser)),
        _found('name="sealed" value="(.+?)"', browser),
    )
    wrong = await browser.post("/me/second-factor", sealed=sealed, password=PASSWORD, code="000000")
    assert "动态口令不正确" in wrong.text
    enrolled = totp.now()
    shown = await browser.post("/me/second-factor", sealed=sealed, password=PASSWORD, code=enrolled)
    recovery = re.findall("<code>([a-z0-9-]{11})</code>", shown.text)
    assert len(recovery) == 10
    assert (await browser.get("/audit")).status_code == 200

    await _to_the_code(browser, name)
    assert not await browser.is_in(), "the password alone is not enough"
    await _to_the_code(browser, name)
    answer = await browser.post("/sign-in/code", follow=False, code=enrolled)
    assert answer.status_code == 401, "the code that set it up has been used"
    code = totp.at(datetime.now(UTC) + timedelta(seconds=30))
    assert (await browser.post("/sign-in/code", follow=False, code=code)).headers["Location"] == "/"
    assert await browser.is_in()
    await _to_the_code(browser, name)
    assert (await browser.post("/sign-in/code", follow=False, code=code)).status_code == 401, "a code is good once"
    await browser.post("/sign-in/code", follow=False, code=recovery[0].upper())
    assert await browser.is_in()
    await _to_the_code(browser, name)
    again = await browser.post("/sign-in/code", follow=False, code=recovery[0])
    assert again.status_code == 401, "a recovery code is good once"


async def test_guessing_codes_locks_the_account_too(browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    await accounts.set_factor(name, "sealed-elsewhere", ())
    for _ in range(2):
        await _to_the_code(browser, name)
        await browser.post("/sign-in/code", code="000000")
    await _to_the_code(browser, name)
    assert "15 分钟" in (await browser.sign_in(name)).text


@pytest.mark.parametrize("what", ["disabled", "other rights", "another password"])
async def test_who_is_disabled_or_changed_is_out_at_once(browser: Browser, accounts: AccountDesk, what: str) -> None:
    name = await account_of(accounts, "engineer")
    await browser.sign_in(name)
    assert await browser.is_in()
    match what:
        case "disabled":
            await accounts.disable(name, "离职")
        case "other rights":
            await accounts.change_rights(name, "李娜", Rights(role="auditor"))
        case _:
            await accounts.reset_password(name)
    assert not await browser.is_in()


async def test_ones_other_sessions_are_seen_and_ended(desk: Desk, browser: Browser, accounts: AccountDesk) -> None:
    name = await account_of(accounts, "engineer")
    async with Browser(desk, "another machine") as other:
        await other.sign_in(name)
        await browser.sign_in(name)
        await browser.get("/me")
        assert "another machine" in browser.last.text
        await browser.post("/me/sessions/end", session=_found('name="session" value="(.+?)"', browser))
        assert not await other.is_in()
        assert await browser.is_in()


async def test_a_session_of_somebody_else_cannot_be_ended(desk: Desk, browser: Browser, accounts: AccountDesk) -> None:
    async with Browser(desk) as other:
        await other.sign_in(await account_of(accounts, "engineer"))
        found = await desk.mongo[desk.settings.mongo_db].sessions.find_one({}, sort=[("begun_at", -1)])
        assert found is not None
        await browser.sign_in(await account_of(accounts, "engineer"))
        await browser.get("/me")
        await browser.post("/me/sessions/end", session=found["_id"])
        assert await other.is_in()


async def test_a_session_that_is_over_by_its_time_opens_nothing(
    desk: Desk, browser: Browser, accounts: AccountDesk
) -> None:
    name = await account_of(accounts, "engineer")
    await browser.sign_in(name)
    over = {"$set": {"until": datetime.now(UTC) - timedelta(seconds=1)}}
    await desk.mongo[desk.settings.mongo_db].sessions.update_many({"account": name}, over)
    assert not await browser.is_in()


@pytest.mark.parametrize(
    ("wanted", "where"), [("/audit?act=exported", "/audit?act=exported"), ("//evil.example", "/"), ("/\\evil", "/")]
)
async def test_after_signing_in_one_is_where_one_wanted_to_be_but_never_elsewhere(
    browser: Browser, accounts: AccountDesk, wanted: str, where: str
) -> None:
    name = await account_of(accounts, "lead")
    await browser.get(f"/sign-in?next={wanted}")
    answer = await browser.post("/sign-in", follow=False, account=name, password=PASSWORD, next=wanted)
    assert answer.headers["Location"] == where


async def _to_the_code(browser: Browser, name: str) -> None:
    browser.http.cookies.clear()
    answer = await browser.sign_in(name)
    assert answer.headers["Location"] == "/sign-in/code"
    await browser.get("/sign-in/code")


def _found(pattern: str, browser: Browser) -> str:
    found = re.search(pattern, browser.last.text)
    assert found, pattern
    return found[1]
