"""Who sees, starts, ends and accepts which run: every viewer against every kind of run and every route."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.runs import STAFF, ended, settlements, uploaded
from tests.support.desk import Desk, desk_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
A, B = "H62010000001", "H62010000002"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "everything": ("centre", {}),
    "two hospitals": ("centre", {"institutions": [A, B]}),
    "hospital": (f"hospital:{A}", {}),
    "province": ("district:62", {}),
    "city": ("district:62", {"districts": ["6201"]}),
    "hospital in city": ("centre", {"institutions": [A], "districts": ["6201"]}),
}
ALL = set(ASKED)
SEEN = {
    "engineers": ALL, "centre": ALL, "hospital:": set(), f"hospital:{B}": set(), "district:63": set(),
    f"hospital:{A}": {"hospital", "hospital in city"},
    "district:62": {"province", "city", "hospital in city"},
    "district:6201": {"city", "hospital in city"},
}  # fmt: skip
OUTSIDE = [name for name in SEEN if name not in ("engineers", "centre")]
NONE = "0" * 64
STAFF_ONLY = [
    ("GET", "/datasets"), ("POST", "/datasets"), ("DELETE", f"/datasets/setl_d/{NONE}"), ("GET", "/definitions"),
    ("GET", "/definitions/card_payments"), ("GET", f"/definitions/card_payments/text/{NONE}"),
    ("POST", "/definitions/card_payments"), ("POST", f"/definitions/card_payments/{NONE}/enforce"),
    ("GET", "/schedules"), ("POST", "/schedules"), ("DELETE", f"/schedules/{NONE[:8]}-0000-0000-0000-000000000000"),
    ("GET", "/feeds"), ("POST", "/feeds/x/fetch"),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("permissions"), "stats") as desk:
        desk.http.headers.update(STAFF)
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(desk: Desk) -> dict[str, str]:
    """The ids of the runs; there are no data, so that each of them fails, which is as good here."""
    found = {}
    for name, (viewer, wish) in ASKED.items():
        answer = await asked(desk, viewer, **wish)
        assert answer.status_code == 200, answer.text
        found[name] = answer.json()["id"]
        await ended(desk, found[name])
    return found


async def asked(desk: Desk, viewer: str, key: str = "", **wish: Any) -> httpx.Response:
    headers = {"X-Yibao-Viewer": viewer} | ({"Idempotency-Key": key} if key else {})
    body = {"report": "card_payments", "period": "2026-02", **wish}
    return await desk.http.post(desk.url("stats", "/runs"), json=body, headers=headers)


@pytest.mark.parametrize("viewer", SEEN)
async def test_a_viewer_sees_the_runs_that_counted_no_more_than_is_his(
    desk: Desk, runs: dict[str, str], viewer: str
) -> None:
    headers = {"X-Yibao-Viewer": viewer}
    listed = (await desk.http.get(desk.url("stats", "/runs"), headers=headers)).json()
    assert {name for name, id_ in runs.items() if id_ in [run["id"] for run in listed]} == SEEN[viewer]
    for name, id_ in runs.items():
        url, expected = desk.url("stats", f"/runs/{id_}"), 200 if name in SEEN[viewer] else 404
        assert (await desk.http.get(url, headers=headers)).status_code == expected, name
        assert (await desk.http.get(f"{url}/events", headers=headers)).status_code == expected, name
        for form in ("output.xlsx", "output.pdf", "output.html", "output.csv", "output.parquet", "rejects.csv"):
            refused = (await desk.http.get(f"{url}/{form}", headers=headers)).json()["code"]
            assert refused == ("no_output" if name in SEEN[viewer] else "not_found"), (name, form)
        if expected == 404:
            for step, body in (("cancel", {}), ("comments", {"text": "看看", "decision": "accept"})):
                assert (await desk.http.post(f"{url}/{step}", json=body, headers=headers)).status_code == 404


@pytest.mark.parametrize("viewer", OUTSIDE)
async def test_what_is_for_staff_is_no_address_for_others(desk: Desk, viewer: str) -> None:
    for method, path in STAFF_ONLY:
        answer = await desk.http.request(method, desk.url("stats", path), json={}, headers={"X-Yibao-Viewer": viewer})
        assert answer.status_code in (403, 404), path
        assert "没有这项权限" in answer.text or "没有这个地址" in answer.text, path


@pytest.mark.parametrize("viewer", [f"hospital:{A}", "district:62"])
async def test_others_than_staff_do_not_decide_about_results(desk: Desk, runs: dict[str, str], viewer: str) -> None:
    name = "hospital" if viewer.startswith("hospital") else "province"
    url, headers = desk.url("stats", f"/runs/{runs[name]}"), {"X-Yibao-Viewer": viewer, "X-Yibao-Staff": "other"}
    assert (await desk.http.post(f"{url}/cancel", json={}, headers=headers)).json()["code"] == "not_yours"
    accepted = await desk.http.post(f"{url}/comments", json={"text": "放行", "decision": "accept"}, headers=headers)
    assert accepted.json()["code"] == "not_yours"
    assert (await asked(desk, viewer, trial=True)).json()["code"] == "not_yours"
    compares = await asked(desk, viewer, report="reconciliation", institutions=[A])
    assert compares.json()["code"] == "not_yours"


async def test_a_run_counts_only_what_its_asker_may_name(desk: Desk, runs: dict[str, str]) -> None:
    hospital = f"hospital:{A}"
    assert (await asked(desk, "hospital:")).json()["code"] == "not_yours"
    assert (await asked(desk, hospital, institutions=[A, B])).json()["code"] == "not_yours"
    assert (await asked(desk, "district:6201", districts=["62"])).json()["code"] == "not_yours"
    assert (await asked(desk, hospital, institutions=[])).json()["code"] == "nothing_chosen"
    assert (await asked(desk, hospital, reworks=runs["everything"])).json()["code"] == "not_found"
    assert (await asked(desk, hospital, upload_id=NONE)).status_code in (404, 409)
    [table, *_] = (await desk.get("stats", "/reports/card_payments"))["tables"]
    unknown = await asked(desk, hospital, datasets=[{"table": table, "sha256": NONE}])
    assert "GET /datasets" in unknown.json()["message"]
    for other in ("../uploads", "psn_info_b", ""):
        answer = await asked(desk, hospital, datasets=[{"table": other, "sha256": NONE}])
        assert answer.status_code in (400, 409), answer.text


async def test_a_key_that_was_used_for_another_wish_is_refused(desk: Desk) -> None:
    first = await asked(desk, "centre", "once")
    assert (await asked(desk, "centre", "once")).json()["id"] == first.json()["id"]
    for wish in ({"forms": ["pdf"]}, {"institutions": [A]}, {"period": "2026-03"}, {"below": 11}):
        assert (await asked(desk, "centre", "once", **wish)).json()["code"] == "key_reused"
    assert (await asked(desk, f"hospital:{A}", "once")).json()["code"] == "key_reused"


async def test_a_hospital_counts_of_its_own_upload_only_its_own_rows(desk: Desk) -> None:
    header, *rows = settlements(4).decode("gb18030").splitlines()[:5]
    mine = [f"{row},{A if n < 3 else B}" for n, row in enumerate(rows)]
    upload_id = await uploaded(desk, "\n".join([f"{header},fixmedins_code", *mine]).encode("gb18030"))
    wish: dict[str, Any] = {
        "report": "settlement_summary", "upload_id": upload_id, "period": "", "forms": ["csv"],
    }  # fmt: skip
    answer = await asked(desk, f"hospital:{A}", **wish)
    run = await ended(desk, answer.json()["id"])
    assert run["status"] == "finished", run["reason"]
    text = (await desk.http.get(desk.url("stats", f"/runs/{run['id']}/output.csv"))).text
    assert "300.00" in text
    assert "400.00" not in text
