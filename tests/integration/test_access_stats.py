"""Who counts, agrees and reconciles, on a real service; whose rows a run shows is in test_stats_permissions."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from contracts.identity import TITLES
from tests.support.desk import Desk, desk_in
from tests.support.roles import OPS, admitted, is_locked, of_district

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
NONE, HASH = "00000000-0000-0000-0000-000000000000", "0" * 64
DESK, READERS = {"engineer", "lead"}, {"engineer", "lead", "officer", "auditor"}
EVERY = READERS | {"hospital"}
ASKERS = EVERY - {"auditor"}
OPEN_TO = {
    ("POST", "/uploads"): DESK, ("GET", "/tables"): EVERY, ("GET", "/datasets"): READERS, ("POST", "/datasets"): DESK,
    ("DELETE", f"/datasets/setl_d/{HASH}"): DESK, ("GET", "/reports"): EVERY, ("GET", "/definitions"): READERS,
    ("POST", "/definitions/x"): DESK, ("POST", f"/definitions/x/{HASH}/confirm"): {"officer"},
    ("POST", f"/definitions/x/{HASH}/return"): {"lead", "officer"},
    ("POST", f"/definitions/x/{HASH}/approve"): {"lead"}, ("POST", f"/definitions/x/{HASH}/enforce"): {"lead"},
    ("GET", "/runs"): EVERY, ("POST", "/runs"): ASKERS, ("GET", f"/runs/{NONE}"): EVERY,
    ("POST", f"/runs/{NONE}/cancel"): ASKERS, ("GET", f"/runs/{NONE}/output.xlsx"): EVERY,
    ("GET", "/schedules"): READERS, ("POST", "/schedules"): DESK,
    ("GET", "/feeds"): DESK | {"ops", "admin", "auditor"}, ("POST", "/feeds/x/fetch"): DESK | {"ops"},
    ("GET", "/reconciliations"): EVERY, ("POST", f"/reconciliations/{NONE}/raise"): DESK | {"officer"},
    ("POST", f"/reconciliations/{NONE}/answer"): ASKERS, ("GET", "/health/live"): set(TITLES),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("access"), "stats") as desk:
        yield desk


@pytest.mark.parametrize("route", OPEN_TO, ids=" ".join)
async def test_a_route_is_open_to_the_roles_that_need_it(desk: Desk, route: tuple[str, str]) -> None:
    assert await admitted(desk, "stats", *route) == OPEN_TO[route]


async def test_a_token_has_to_be_ours_for_this_service_and_fresh(desk: Desk) -> None:
    await is_locked(desk, "stats", "/runs")


async def test_what_is_of_the_whole_is_not_there_for_an_officer_of_a_district(desk: Desk) -> None:
    for path in ("/datasets", "/definitions", "/schedules"):
        assert (await desk.http.get(desk.url("stats", path), headers=of_district("6201"))).status_code == 404
    assert (await desk.http.get(desk.url("stats", "/feeds"), headers=OPS)).status_code == 200
