"""Accounts from this machine: the first administrator, the command line, the demo's people."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from contracts.identity import TITLES
from tests.support.desk import Desk, desk_in
from tests.support.forms import Browser
from yibao.demo.people import PEOPLE, seed
from yibao.keeping import FIRST, first_admin

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("accounts"), "console") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with Browser(desk) as opened:
        yield opened


async def made(desk: Desk, *arguments: str) -> str:
    code, said = await desk.command("account", *arguments)
    assert code == 0, said
    return said.rsplit(": ", 1)[-1].strip()


async def test_the_first_administrator_is_opened_once(desk: Desk, browser: Browser) -> None:
    password = await first_admin(desk.settings)
    assert re.fullmatch(r"\w{5}-\w{5}-\w{5}", password)
    assert await first_admin(desk.settings) == ""
    await browser.sign_in(FIRST, password)
    assert (await browser.get("/admin")).url.path == "/me/password"


async def test_an_account_is_opened_reset_and_closed_by_command(desk: Desk, browser: Browser) -> None:
    password = await made(desk, "add", "li.na", "--name", "李娜", "--role", "hospital", "--institution", "H1")
    await browser.sign_in("li.na", password)
    assert await browser.is_in()
    assert "H1" in browser.last.text
    another = await made(desk, "reset-password", "li.na")
    assert not await browser.is_in()
    await browser.sign_in("li.na", another)
    assert await browser.is_in()
    await made(desk, "disable", "li.na", "--reason", "离职")
    assert not await browser.is_in()
    await made(desk, "enable", "li.na")
    await browser.sign_in("li.na", another)
    assert await browser.is_in()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "Li Na", "--name", "李娜", "--role", "lead"), "account"),
        (("add", "new.one", "--name", "李娜", "--role", "boss"), "role"),
        (("add", "new.one", "--name", "李娜", "--role", "hospital"), "所属机构"),
        (("reset-password", "nobody"), "没有账户"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    code, said = await desk.command("account", *arguments)
    assert code in (1, 2)
    assert told in said
    assert "Traceback" not in said


async def test_the_demo_has_somebody_of_each_role_who_signs_in(desk: Desk, browser: Browser) -> None:
    assert {rights.role for _, rights in PEOPLE.values()} == set(TITLES)
    password = await seed(desk.settings)
    assert await seed(desk.settings) == password
    assert (desk.settings.data_dir / "demo" / "password").stat().st_mode & 0o077 == 0
    for account in ("chen.jie", "anhe-yibao", "guan.li"):
        await browser.sign_in(account, password)
        assert await browser.is_in(), account
        assert account in browser.last.text
