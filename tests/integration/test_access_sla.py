"""Who sees and changes what of clocks, promises, attainment and obligations, on a real service."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from openpyxl import load_workbook
from pypdf import PdfReader

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
    assert {r["case_id"] for r in (await ask(desk, path, hospital(A)))["rows"]} == {OURS, ABOUT_THEM}
    assert (await ask(desk, f"{path}&institution={B}&contract=ht-9", hospital(A)))["rows"] == []
    assert (await ask(desk, f"{path}&institution={B}", hospital(A)))["rows"] == []
    told = await ask(desk, f"/attainment?month={month}&by=institution", hospital(A))
    assert B not in str(told) and told["clauses"] == told["exemptions"] == told["editions"] == []
    for name in ("engineer", "category", "priority", "policy", "edition"):
        for refused in (
            f"/attainment?month={month}&by=clock,{name}",
            *([f"{path}&{name}="] if name != "edition" else []),
        ):
            answer = await desk.http.get(desk.url("sla", refused), headers=hospital(A))
            assert (answer.status_code, answer.json()["code"]) == (400, "not_for_hospitals"), refused
    for query, status in (("", 404), (f"?institution={B}", 404), (f"?institution={A}", 200)):
        answer = await desk.http.get(desk.url("sla", f"/obligations/subscription{query}"), headers=hospital(A))
        assert answer.status_code == status
    feed = answer.json()["url"]
    assert (await desk.http.get(desk.url("sla", feed))).status_code == 200
    assert (await desk.http.get(desk.url("sla", feed.replace(A, B)))).status_code == 403


async def test_attainment_tells_no_hospital_what_another_asked_about_it(desk: Desk) -> None:
    month, number = (await ask(desk, "/clocks", LEAD))[0]["started_at"][:7], ""
    for row in (await ask(desk, f"/attainment/rows?month={month}", LEAD))["rows"]:
        assert row["engineer"] == "wang" and row["links"]
        number = row["number"] if row["case_id"] == ABOUT_THEM else number
    assert number
    for by in ("institution", "clock", "month", "contract"):
        told = await ask(desk, f"/attainment?month={month}&by={by}", hospital(B))
        assert told["total"]["cycles"] * 3 == (await ask(desk, f"/attainment?month={month}", LEAD))["total"]["cycles"]
    rows = (await ask(desk, f"/attainment/rows?month={month}&institution={B}", hospital(B)))["rows"]
    assert {row["case_id"] for row in rows} == {THEIRS}
    assert not [
        r for r in rows if r["engineer"] or r["category"] or r["priority"] or r["policy"] or r["edition"] or r["links"]
    ]
    for ending in ("xlsx", "pdf"):
        answer = await desk.http.get(desk.url("sla", f"/attainment.{ending}?month={month}"), headers=hospital(B))
        assert answer.status_code == 200
        words = text_of(answer.content, ending)
        assert "首次响应" in words and not [word for word in (number, ABOUT_THEM, A, "wang", "普通") if word in words]
    mine = await ask(desk, f"/attainment/rows?month={month}", of_district("6202"))
    assert {row["case_id"] for row in mine["rows"]} == {THEIRS, ABOUT_THEM}


def text_of(content: bytes, ending: str) -> str:
    if ending == "pdf":
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    sheets = load_workbook(BytesIO(content))
    return str([line for sheet in sheets for line in sheet.values if sheet.title != "口径说明"])


async def test_exemptions_are_of_the_whole_city_and_none_are_there_for_an_officer_of_a_district(desk: Desk) -> None:
    officer = of_district("6202")
    known = (await ask(desk, "/clocks", LEAD))[0]["number"]
    wish: Json = {
        "ground": "other", "text": "停电", "begins": "2026-11-19T12:00:00+08:00", "ends": "2026-11-19T13:00:00+08:00",
        "scope": {"institutions": [], "case_ids": [known]},
    }  # fmt: skip
    made = (await ask(desk, "/exemptions", LEAD, wish))["id"]
    assert await ask(desk, f"/exemptions/{made}", LEAD)
    assert (await ask(desk, "/exemptions", officer), len(await ask(desk, "/exemptions", LEAD))) == ([], 1)
    for how, path in (("GET", ""), ("POST", "/approve"), ("POST", "/reject"), ("POST", "/revoke")):
        body = {"reason": "x"} if how == "POST" else None
        urls = [desk.url("sla", f"/exemptions/{one}{path}") for one in (made, NONE)]
        told = [await desk.http.request(how, url, headers=officer, json=body) for url in urls]
        assert [answer.status_code for answer in told] == [404, 404] and told[0].text == told[1].text
    for number in (known, "YB-00000-00000"):
        sent = {**wish, "scope": {"case_ids": [number]}}
        answer = await desk.http.post(desk.url("sla", "/exemptions"), headers=officer, json=sent)
        assert (answer.status_code, "全市范围" in answer.json()["message"]) == (404, True)
    assert [one["standing"] for one in await ask(desk, "/exemptions", LEAD)] == ["requested"]
