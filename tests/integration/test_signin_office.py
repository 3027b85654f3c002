"""Signing in by a real OpenID Connect server: who is known there and has an account here is in, nobody else."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]

from contracts.identity import Rights
from services.console.accounts.desk import AccountDesk
from tests.support.desk import Desk, desk_in
from tests.support.forms import Browser, account_of, accounts_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


def person(sub: str, account: str, department: str = "yibao") -> User:
    return User(sub=sub, claims={"preferred_username": account, "name": "李娜", "department": department})


PEOPLE = [
    person("1", "li.na"), person("2", "li.na"), person("3", "ma.jun"), person("4", "nobody.here"),
    person("5", "chen.jie", "sales"), person("6", "New.Comer"), person("7", "no such name!"),
    person("8", "has.password"),
]  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True, user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


def settings(office: str) -> dict[str, str]:
    named = {"ISSUER": office, "CLIENT_ID": "desk", "CLIENT_SECRET": "secret", "ALLOWED": "department=yibao"}
    return {f"YIBAO_CONSOLE_OIDC_{name}": value for name, value in named.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, office: str) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("office"), "console", **settings(office)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(desk: Desk) -> AccountDesk:
    made = await accounts_in(desk)
    for name, role in (("li.na", "engineer"), ("ma.jun", "engineer"), ("chen.jie", "lead")):
        await made.open(name, "测试", Rights.model_validate({"role": role}), password=False)
    await made.open("has.password", "测试", Rights.model_validate({"role": "engineer"}))
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def browser(desk: Desk, accounts: AccountDesk) -> AsyncIterator[Browser]:
    async with Browser(desk) as opened:
        yield opened


async def sent_back(browser: Browser, sub: str) -> str:
    """Off to the office's server, where this person says yes: the address to which he is sent back."""
    answer = await browser.get("/sign-in/office?next=/me", follow=False)
    where = answer.headers["Location"]
    async with httpx.AsyncClient(trust_env=False) as other:
        agreed = await other.post(where, data={"sub": sub})
    return str(agreed.headers["Location"])


async def test_the_office_is_asked_with_pkce_state_and_nonce(browser: Browser, office: str) -> None:
    assert "统一身份认证" in (await browser.get("/sign-in")).text
    where = (await browser.get("/sign-in/office", follow=False)).headers["Location"]
    assert where.startswith(office)
    asked = parse_qs(urlsplit(where).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"][0].endswith("/sign-in/office/return")


async def test_who_is_known_is_in_and_known_again_whatever_else_changes(
    browser: Browser, accounts: AccountDesk
) -> None:
    answer = await browser.get(await sent_back(browser, "1"), follow=False)
    assert answer.headers["Location"] == "/me"
    assert await browser.is_in()
    assert "li.na" in browser.last.text
    await accounts.disable("li.na")
    assert not await browser.is_in()
    assert (await browser.get(await sent_back(browser, "1"))).status_code == 401
    await accounts.enable("li.na")
    await browser.get(await sent_back(browser, "1"))
    assert await browser.is_in()


@pytest.mark.parametrize(
    ("sub", "why"),
    [
        ("2", "there is somebody else of this name, who came first"),
        ("4", "has no account"),
        ("5", "is not of the department"),
        ("7", "cannot be called so"),
        ("8", "has a password here, and may be somebody else"),
    ],
)
async def test_nobody_else_is_let_in(browser: Browser, sub: str, why: str) -> None:
    await browser.get(await sent_back(browser, "1"))
    await browser.get("/me")
    await browser.post("/sign-out")
    answer = await browser.get(await sent_back(browser, sub))
    assert (answer.status_code, "请联系管理员" in answer.text) == (401, True), why
    assert not await browser.is_in()


async def test_the_way_back_is_good_once_and_for_the_same_browser(desk: Desk, browser: Browser) -> None:
    back = await sent_back(browser, "3")
    async with Browser(desk) as thief:
        assert (await thief.get(back)).status_code == 401
    await browser.get(back)
    assert await browser.is_in()
    browser.http.cookies.clear()
    assert (await browser.get(back)).status_code == 401


@pytest.mark.parametrize(
    "changed", ["state=other&code=", "state=%C3%A9&code=", "code=made-up&state=", "error=access_denied&state="]
)
async def test_what_somebody_made_up_is_refused(browser: Browser, changed: str) -> None:
    back = await sent_back(browser, "3")
    query = parse_qs(urlsplit(back).query)
    kept = query["code" if changed.endswith("code=") else "state"][0]
    answer = await browser.get(f"/sign-in/office/return?{changed}{kept}")
    assert answer.status_code == 401
    assert not await browser.is_in()


async def test_a_password_is_not_asked_of_who_has_none(browser: Browser) -> None:
    assert (await browser.sign_in("ma.jun", "")).status_code == 401
    assert (await browser.sign_in("ma.jun", "nobody's")).status_code == 401


async def test_an_open_browser_of_his_makes_no_door_beside_the_offices(browser: Browser) -> None:
    await browser.get(await sent_back(browser, "1"))
    await browser.get("/me/password")
    answer = await browser.post("/me/password", password="x", new="河口卫生院的清单", again="河口卫生院的清单")
    assert (answer.status_code, "统一身份认证登录" in answer.text) == (409, True)
    await browser.get("/me/second-factor")
    assert (await browser.post("/me/second-factor", password="x", sealed="", code="000000")).status_code in (400, 409)
    assert await browser.is_in()


async def test_an_account_is_opened_only_where_the_desk_says_so(
    desk: Desk, browser: Browser, office: str, accounts: AccountDesk
) -> None:
    assert (await browser.get(await sent_back(browser, "6"))).status_code == 401
    await desk.stop("console")
    await desk.start("console", **settings(office), YIBAO_CONSOLE_OIDC_ROLE="auditor")
    await browser.get(await sent_back(browser, "6"))
    assert await browser.is_in()
    assert "new.comer" in browser.last.text
    assert "审计" in browser.last.text


async def test_without_the_office_one_still_signs_in_by_password(
    desk: Desk, browser: Browser, accounts: AccountDesk
) -> None:
    await desk.stop("console")
    await desk.start("console", YIBAO_CONSOLE_OIDC_ISSUER="http://127.0.0.1:9")
    assert "暂时连不上" in (await browser.get("/sign-in/office")).text
    await browser.sign_in(await account_of(accounts, "engineer"))
    assert await browser.is_in()
