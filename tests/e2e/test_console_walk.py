"""Everybody walks the console of a lived-in desk: each page that he may open is whole, readable, and leads on."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from contracts.identity import Role
from services.console.main import app
from tests.e2e.running import Up, running
from tests.support.browser import browser_up, visiting
from tests.support.chromium import EXECUTABLE
from tests.support.console import cookies_of, signed_in
from tests.support.pictures import SHOWN, take
from tests.support.servers import settings_in
from tests.support.wait import until
from tests.support.walking import Walk, kinds
from yibao.demo.desk import Desk
from yibao.demo.furnished import REVISED
from yibao.demo.reckoning import INSTITUTION
from yibao.demo.terms import agreed

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="chromium is not installed"),
]
PEOPLE: Final[dict[Role, str]] = {
    "engineer": "wang.fang", "lead": "chen.jie", "officer": "zhou.min", "hospital": "2yuan-yibao",
    "auditor": "qian.shen", "ops": "yun.wei", "admin": "guan.li",
}  # fmt: skip
WINDOWS: Final[list[tuple[Role, str]]] = [
    *((role, "desk") for role in PEOPLE), *((role, "phone") for role in ("engineer", "hospital"))
]  # fmt: skip
FOR_PROGRAMS = {"/access", "/inbox/push-key"}
ONLY_AFTER_SAVING = {"/cases/count"}  # how many a filter finds that somebody has saved
NOT_WITH: Final[dict[Role, set[str]]] = {
    # A hospital has items of its own from the first of the next month on.
    "hospital": {
        "/obligations/{id_:uuid}", "/obligations/{id_:uuid}/evidence/{evidence_id:uuid}",
        "/obligations/attainment/rows",
    },
    # Their panels are parts of other pages, and ask there.
    "ops": {"/today/{name:str}"}, "admin": {"/today/{name:str}"},
}  # fmt: skip
MANUAL: Final = Path(__file__).parents[2] / "docs" / "操作手册"
PICTURES: Final = Path(found) if (found := os.environ.get("YIBAO_PICTURES")) else None
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)  # fmt: skip


class Played(NamedTuple):
    """A desk that a day was played on. `own` are pages that a hospital has besides those that links lead to, `first`
    those of everybody else."""

    up: Up
    password: str
    own: list[str]
    first: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    async with running(settings_in(tmp_path_factory.mktemp("walk"))) as up:
        ended = await up.yibao("demo", "--json", "--pace", "0")
        assert ended.code == 0, ended.out[-2_000:] + ended.err[-2_000:]
        password = (up.settings.data_dir / "demo" / "password").read_text()
        async with Desk(up.settings) as desk:
            own = await _of_the_hospital(up, desk, password)
            yield Played(up, password, own, [*own[:2], *await _of_the_desk(desk)])


async def _of_the_hospital(up: Up, desk: Desk, password: str) -> list[str]:
    """It asks with a screenshot and is answered, and has its own figures counted."""
    async with signed_in(up.settings, PEOPLE["hospital"], password) as http:
        question = {"text": "门诊结算 2207 一直转圈, 患者手机显示已扣费, 截图见附件, 要不要让患者再刷一次？"}
        asked = await http.post("/ask", data=question, files={"files": ("截图.png", PNG, "image/png")})
        sent = asked.headers["location"]

        async def taken() -> str | None:
            return str((await http.get(sent)).headers.get("location", ""))

        case = await until("the question is a case", taken)
        wish = {"period": "2026-10", "forms": "xlsx"}
        run = (await http.post("/reports/card_payments/runs", data=wish)).headers["location"]
    answer = {
        "text": "请不要再刷。先用 5203 按就诊编号查中心是否已结算: 已结算的补打票据, 未结算的用 2601 冲正后重结。"
    }
    await desk.act(case.rpartition("/")[2], "respond", PEOPLE["engineer"], answer)

    async def counted() -> bool:
        return bool((await desk.get("stats", run))["status"] == "finished")

    await until("the hospital's figures are counted", counted)
    return [case, sent, run]


async def _of_the_desk(desk: Desk) -> list[str]:
    """Obligations that have evidence, a report's result, a drafted definition, what two ledgers differ in."""
    duties = await desk.get("sla", "/obligations", contract=agreed()[0])
    [run, *_] = await desk.get("stats", "/runs", report="medical_fund_expenditure", status="finished")
    [compared] = await desk.get("stats", "/reconciliations", institution=INSTITUTION)
    places = [f"/training?contract={agreed()[0]}", f"/institutions/{INSTITUTION}", f"/reconciliations/{compared['id']}"]
    places += [f"/runs/{run['id']}", f"/reports/{REVISED}/versions"]
    return [*places, *(f"/obligations/{duty['id']}" for duty in duties)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browser_up() as browser:
        yield browser


@pytest.mark.parametrize(("role", "size"), WINDOWS)
async def test_every_page_of_a_role_is_fine_and_all_are_found(
    played: Played, browser: Browser, role: Role, size: str
) -> None:
    settings = played.up.settings
    cookies = await cookies_of(settings, PEOPLE[role], played.password)
    shown = SHOWN[role] if PICTURES and size == "desk" else {}
    async with visiting(browser, settings.url("console"), cookies, size) as visit:

        async def look(kind: str) -> None:
            if PICTURES and kind in shown:
                await take(visit.page, PICTURES / role / f"{shown[kind]}.png")

        # On a phone the colours are the same, and to compare them is most of axe's work.
        without = ("color-contrast",) if size == "phone" else ()
        walk = Walk(visit, kinds(app(settings), role), look, without)
        await walk.along(played.own if role == "hospital" else played.first)
    missed = walk.missed - FOR_PROGRAMS - ONLY_AFTER_SAVING - NOT_WITH.get(role, set())
    assert (walk.bad, missed) == ([], set())


@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_strangers_see_the_door(played: Played, browser: Browser, size: str) -> None:
    async with visiting(browser, played.up.settings.url("console"), size=size) as visit:
        assert await visit.open("/cases") == 200
        assert await visit.page.locator("input[name=password]").count() == 1
        assert [*await visit.serious(), *visit.problems] == []
        if PICTURES and size == "desk":
            await take(visit.page, PICTURES / "sign-in.png")


def test_the_manual_shows_pages_that_there_are(played: Played) -> None:
    console = app(played.up.settings)
    for role, shown in SHOWN.items():
        assert set(shown) <= {kind.path for kind in kinds(console, role)}, role


def test_every_picture_of_the_manual_is_taken_here_and_shown_there() -> None:
    said = "".join(page.read_text() for page in MANUAL.glob("*.md"))
    named = set(re.findall(r"\(images/([^)]+\.png)\)", said))
    taken = {f"{role}/{name}.png" for role, shown in SHOWN.items() for name in shown.values()} | {"sign-in.png"}
    assert named == taken == {str(path.relative_to(MANUAL / "images")) for path in MANUAL.rglob("*.png")}
