"""Who sees and changes what of clocks, promises, attainment and obligations, on a real service."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contracts.envelope import derive_id
from contracts.identity import TITLES
from tests.integration.inbox_reading import open_cases
from tests.support.desk import Desk, desk_in
from tests.support.roles import LEAD, admitted, hospital, is_locked, of_district
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
A, B = "H62010000001", "H62020000002"
OURS, THEIRS, ABOUT_THEM = (str(derive_id("inbox case", n)) for n in (1, 2, 3))
NONE = str(derive_id("no case"))
READERS = {"engineer", "lead", "officer", "auditor"}
OPEN_TO = {
    ("GET", "/clocks"): READERS | {"hospital"}, ("POST", "/clocks/of"): READERS | {"hospital"},
    ("GET", f"/clocks/{OURS}/account"): READERS | {"hospital"}, ("GET", "/clocks/counts"): READERS,
    ("POST", f"/clocks/{NONE}/resolution/acknowledge"): {"engineer", "lead"},
    ("GET", "/promises"): READERS | {"admin"}, ("PUT", "/promises/policies"): {"lead", "admin"},
    ("GET", "/exemptions"): READERS, ("POST", "/exemptions"): {"engineer", "lead", "officer"},
    ("POST", f"/exemptions/{NONE}/approve"): {"lead", "officer"},
    ("GET", "/attainment?month=2026-11"): READERS | {"hospital"}, ("GET", "/obligations"): READERS | {"hospital"},
    ("POST", f"/obligations/{NONE}/waive"): {"lead", "officer"},
    ("POST", f"/obligations/{NONE}/fulfil"): {"engineer", "lead", "officer"},
    ("GET", "/obligations/calendar.ics"): set(), ("GET", "/health/live"): set(TITLES),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A case of each of two hospitals, in two districts, and one about the second that the first has asked."""
    async with desk_in(tmp_path_factory.mktemp("access"), "sla") as desk:
        for n, asked, about in ((1, A, A), (2, B, B), (3, A, B)):
            await open_cases(desk, n, asked_from=asked, institution_code=about, assignee="wang")

        async def all_of_them() -> bool:
            return await cases(desk, LEAD) == {OURS, THEIRS, ABOUT_THEM}

        await until("all have clocks", all_of_them)
        yield desk


async def ask(desk: Desk, path: str, who: dict[str, str], body: Json | None = None) -> Any:
    how = "POST" if body else "GET"
    answer = await desk.http.request(how, desk.url("sla", path), headers=who, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def cases(desk: Desk, who: dict[str, str]) -> set[str]:
    return {row["case_id"] for row in await ask(desk, "/clocks", who)}


@pytest.mark.parametrize("route", OPEN_TO, ids=" ".join)
async def test_a_route_is_open_to_the_roles_that_need_it(desk: Desk, route: tuple[str, str]) -> None:
    assert await admitted(desk, "sla", *route) == OPEN_TO[route]


async def test_a_token_has_to_be_ours_for_this_service_and_fresh(desk: Desk) -> None:
    await is_locked(desk, "sla", "/clocks")


@pytest.mark.parametrize("who", [hospital(A), of_district("6201"), of_district("620100")])
async def test_a_hospital_and_an_officer_of_a_district_see_their_own_cases_clocks(
    desk: Desk, who: dict[str, str]
) -> None:  # fmt: skip
    assert await cases(desk, who) == {OURS, ABOUT_THEM}
    of = {"case_ids": [OURS, THEIRS, ABOUT_THEM]}
    assert {row["case_id"] for row in await ask(desk, "/clocks/of", who, of)} == {OURS, ABOUT_THEM}
    for one in (OURS, ABOUT_THEM):
        assert (await ask(desk, f"/clocks/{one}/account", who))["clocks"]
    refused = [await desk.http.get(desk.url("sla", f"/clocks/{one}/account"), headers=who) for one in (THEIRS, NONE)]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert refused[0].text.replace(THEIRS, NONE) == refused[1].text
    assert await ask(desk, f"/clocks?case_id={THEIRS}", who) == []


async def test_of_a_case_that_another_asked_about_it_a_hospital_knows_nothing_and_its_officer_does(desk: Desk) -> None:
    assert await cases(desk, hospital(B)) == {THEIRS}
    assert await cases(desk, of_district("6202")) == {THEIRS, ABOUT_THEM}
    path = desk.url("sla", f"/clocks/{ABOUT_THEM}/account")
    told = [(await desk.http.get(path, headers=who)).status_code for who in (hospital(B), of_district("6202"))]
    assert told == [404, 200]


@pytest.mark.parametrize("who", [hospital(""), hospital("H62010000003"), of_district("63")])
async def test_who_has_no_case_sees_none(desk: Desk, who: dict[str, str]) -> None:
    assert await cases(desk, who) == set()


async def test_an_officer_of_a_district_counts_it_alone(desk: Desk) -> None:
    one, all_ = [await ask(desk, "/clocks/counts", who) for who in (of_district("6201"), LEAD)]
    assert 0 < one["total"] * 3 == all_["total"] * 2


async def test_a_hospital_hears_nothing_of_how_the_desk_works(desk: Desk) -> None:
    rows = await ask(desk, "/clocks", hospital(A))
    account = await ask(desk, f"/clocks/{OURS}/account", hospital(A))
    assert not {"assignee", "policy", "segments", "reached"} & {name for row in rows for name in row}
    assert "wang" not in str(account) and "policy" not in str(account)


async def test_the_running_clocks_of_many_cases_come_with_the_earliest_deadline_first(desk: Desk) -> None:
    rows = await ask(desk, "/clocks/of", LEAD, {"case_ids": [OURS, THEIRS, NONE]})
    assert {row["case_id"] for row in rows} == {OURS, THEIRS}
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)
    assert set(rows[0]) == {"case_id", "number", "clock", "cycle", "state", "due_at", "breached"}


async def test_attainment_and_feeds_are_of_ones_own_institution(desk: Desk) -> None:
    month = (await ask(desk, "/clocks", LEAD))[0]["started_at"][:7]
    path = f"/attainment/rows?month={month}"
    assert {r["case_id"] for r in (await ask(desk, path, LEAD))["rows"]} == {OURS, THEIRS, ABOUT_THEM}
    assert {r["case_id"] for r in (await ask(desk, path, hospital(A)))["rows"]} == {OURS}
    assert (await ask(desk, f"{path}&institution={B}&contract=ht-9", hospital(A)))["rows"] == []
    told = await ask(desk, f"/attainment?month={month}&by=institution", hospital(A))
    assert B not in str(told) and told["clauses"] == told["exemptions"] == []
    for query, status in (("", 404), (f"?institution={B}", 404), (f"?institution={A}", 200)):
        answer = await desk.http.get(desk.url("sla", f"/obligations/subscription{query}"), headers=hospital(A))
        assert answer.status_code == status
    feed = answer.json()["url"]
    assert (await desk.http.get(desk.url("sla", feed))).status_code == 200
    assert (await desk.http.get(desk.url("sla", feed.replace(A, B)))).status_code == 403
