"""Who reads and writes knowledge, on a real service; which article whom is for is in test_articles_audiences."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chassis.token import Principal, Signer
from contracts.identity import TITLES
from tests.integration.test_articles import published
from tests.support.desk import Desk, desk_in
from tests.support.roles import AUDITOR, ENGINEER, OFFICER, admitted, hospital, is_locked
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
A, B = "H62010200123", "H62010200999"
NONE = "00000000-0000-0000-0000-000000000000"
DESK, INSIDE = {"engineer", "lead"}, {"engineer", "lead", "auditor"}
EVERY = INSIDE | {"officer", "hospital"}
OPEN_TO = {
    ("GET", "/articles"): EVERY, ("POST", "/articles"): DESK, ("GET", "/articles/x"): EVERY,
    ("GET", "/articles/x/versions"): INSIDE, ("PUT", "/articles/x"): DESK, ("POST", "/articles/x/publish"): DESK,
    ("POST", "/articles/x/rate"): EVERY - {"auditor"}, ("POST", "/articles/question-all"): DESK,
    ("GET", "/search"): EVERY, ("GET", "/similar/x"): EVERY, ("GET", "/suggestions/x"): INSIDE,
    ("POST", "/suggestions/x/judge"): DESK, ("GET", "/gaps"): INSIDE, ("GET", "/documents"): INSIDE,
    ("GET", f"/documents/{'0' * 64}"): DESK, ("GET", "/synonyms"): INSIDE, ("POST", "/synonyms"): DESK,
    ("GET", "/index"): INSIDE | {"ops", "admin"}, ("POST", "/index/rebuild"): {"ops", "admin", "lead"},
    ("GET", f"/archive/{B}.pdf"): EVERY, ("GET", "/health/live"): set(TITLES),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("access"), "knowledge", YIBAO_COMMAND_WAIT_S="10") as desk:
        yield desk


@pytest.mark.parametrize("route", OPEN_TO, ids=" ".join)
async def test_a_route_is_open_to_the_roles_that_need_it(desk: Desk, route: tuple[str, str]) -> None:
    assert await admitted(desk, "knowledge", *route) == OPEN_TO[route]


async def test_a_token_has_to_be_ours_for_this_service_and_fresh(desk: Desk) -> None:
    await is_locked(desk, "knowledge", "/articles")


async def test_an_article_is_read_by_the_institutions_of_an_account_and_its_book_is_noted(desk: Desk) -> None:
    ref = await published(desk, title="专属", audience=f"hospital:{A}")
    url = desk.url("knowledge", f"/articles/{ref}")
    read = {name: (await desk.http.get(url, headers=who)).status_code for name, who in (
        ("own", hospital(A)), ("other", hospital(B)), ("none", hospital("")), ("centre", OFFICER),
        ("engineer", ENGINEER), ("auditor", AUDITOR),
    )}  # fmt: skip
    assert read == {"own": 200, "other": 404, "none": 404, "centre": 404, "engineer": 200, "auditor": 200}
    both = Principal("chain", "hospital", institutions=(B, A))
    assert await _as(desk, both, f"/articles/{ref}") == 200
    assert await _as(desk, both, f"/archive/{A}.pdf") == 200

    async def noted() -> list[Json]:
        return [e for e in await desk.stream("AUDIT") if e["object"] == "archive" and e["institution_code"] == A]

    [one] = await until("the book is on the log", noted)
    assert (one["act"], one["actor"]["id"]) == ("exported", "chain")


async def _as(desk: Desk, who: Principal, path: str) -> int:
    import httpx

    from chassis.http import now

    headers = {"Authorization": f"Bearer {Signer(desk.settings.desk_key).sign(who, 'knowledge', now())}"}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        return (await http.get(desk.url("knowledge", path), headers=headers)).status_code
