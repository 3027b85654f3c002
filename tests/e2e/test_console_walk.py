"""Everybody walks the console of a lived-in desk: each page that he may open is whole, readable, and leads on."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from contracts.identity import Role
from services.console.main import app
from tests.e2e.played import PEOPLE, Played, played_in
from tests.support.browser import visiting
from tests.support.chromium import EXECUTABLE
from tests.support.console import cookies_of
from tests.support.pictures import SHOWN, take
from tests.support.walking import Walk, kinds

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="chromium is not installed"),
]
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    async with played_in(tmp_path_factory.mktemp("walk")) as played:
        yield played


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

        # The colours are the same on a phone and for who reads the same pages; to compare them is most of axe's work.
        without = () if size == "desk" and role not in ("officer", "auditor") else ("color-contrast",)
        walk = Walk(visit, kinds(app(settings), role), look, without)
        await walk.along(played.beginning(role))
    missed = walk.missed - FOR_PROGRAMS - ONLY_AFTER_SAVING - NOT_WITH.get(role, set())
    assert (walk.serious, walk.bad, missed) == ([], [], set())


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
