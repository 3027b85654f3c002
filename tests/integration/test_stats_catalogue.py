"""The catalogue on real servers: read data in, count, agree on what is counted, see only what is one's own."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from services.stats.definitions.definition import source
from services.stats.sample import as_files, generate
from tests.integration.runs import STAFF, ended
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
MONTHS = ("2026-01", "2026-02")
REPORT = "card_payments"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("catalogue"), "stats") as desk:
        desk.http.headers.update(STAFF)
        yield desk


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made, out = tmp_path_factory.mktemp("sample"), tmp_path_factory.mktemp("uploads")
    generate(made, seed=5, persons=300, months=MONTHS)
    return as_files(made, out, "gb18030", only=("setl_d", "fixmedins_b"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def read_in(desk: Desk, files: list[Path]) -> dict[str, Json]:
    """The runs that have read the files in, by table."""
    return {path.name.partition(".")[0]: await _read_in(desk, path) for path in files}


async def _read_in(desk: Desk, path: Path, **more: object) -> Json:
    answer = await desk.http.post(desk.url("stats", "/uploads"), files={"file": (path.name, path.read_bytes())})
    body = {"table": path.name.partition(".")[0], "upload_id": answer.json()["upload_id"], "name": path.name, **more}
    asked = await desk.http.post(desk.url("stats", "/datasets"), json=body)
    run = await ended(desk, asked.json()["id"])
    made = run["result"]["outcome"].get("made", {}).get("sha256")

    async def listed() -> bool:  # by a command of its own: the run may have ended a moment before
        return made in [None, *(d["sha256"] for d in await desk.get("stats", "/datasets"))]

    await until("the data set is listed", listed)
    return run


async def _counted(desk: Desk, viewer: str = "", **wish: object) -> Json:
    headers = {"X-Yibao-Viewer": viewer} if viewer else {}
    body = {"report": REPORT, "period": "2026-02", **wish}
    asked = await desk.http.post(desk.url("stats", "/runs"), json=body, headers=headers)
    assert asked.status_code == 200, asked.text
    return await ended(desk, asked.json()["id"])


async def test_every_row_of_an_upload_is_accepted_or_rejected(desk: Desk, read_in: dict[str, Json]) -> None:
    for table, run in read_in.items():
        result = run["result"]
        assert (run["status"], run["kind"], run["report"]) == ("finished", "ingest", table)
        assert result["rows_in"] == result["rows_accepted"] + result["rows_rejected"] > 0
    known = {d["table"]: d for d in await desk.get("stats", "/datasets")}
    assert known["setl_d"]["sha256"] == read_in["setl_d"]["result"]["outcome"]["made"]["sha256"]


async def test_a_report_is_counted_twice_to_the_same_bytes_and_each_taking_is_in_its_log(
    desk: Desk, read_in: dict[str, Json]
) -> None:
    first, second = [await _counted(desk, forms=["xlsx", "csv", "html"]) for _ in range(2)]
    assert first["result"]["output_sha256"] == second["result"]["output_sha256"]
    assert first["result"]["outcome"]["files"] == second["result"]["outcome"]["files"]
    sheet = await desk.http.get(desk.url("stats", f"/runs/{first['id']}/output.xlsx"))
    book = load_workbook(BytesIO(sheet.content))
    assert "刷卡" in str(book.worksheets[0]["A1"].value)
    timeline = (await desk.get("stats", f"/runs/{first['id']}"))["timeline"]
    assert [(e["actor"]["id"], e["form"]) for e in timeline if e["type"] == "stats.taken"] == [("wang", "xlsx")]


async def test_a_hospital_counts_and_sees_its_own_rows_only(desk: Desk, read_in: dict[str, Json]) -> None:
    everything = await _counted(desk, forms=["csv"])
    text = (await desk.http.get(desk.url("stats", f"/runs/{everything['id']}/output.csv"))).text
    code = next(c for c in _cells(text) if c.startswith("H62"))
    mine = await _counted(desk, f"hospital:{code}", forms=["csv"])
    hospital, url = {"X-Yibao-Viewer": f"hospital:{code}"}, desk.url("stats", f"/runs/{mine['id']}")
    counted = (await desk.http.get(f"{url}/output.csv", headers=hospital)).text
    assert {c for c in _cells(counted) if c.startswith(("H62", "P62"))} == {code}
    for viewer in ("hospital:H99999999999", "hospital:"):
        assert (await desk.http.get(url, headers={"X-Yibao-Viewer": viewer})).status_code == 404
    listed = (await desk.http.get(desk.url("stats", "/runs"), headers=hospital)).json()
    assert [r["id"] for r in listed] == [mine["id"]]
    other = {"report": REPORT, "period": "2026-02", "institutions": ["H99999999999"]}
    refused = await desk.http.post(desk.url("stats", "/runs"), json=other, headers=hospital)
    assert refused.json()["code"] == "not_yours"
    assert (await desk.http.get(desk.url("stats", "/datasets"), headers=hospital)).status_code == 403


def _cells(text: str) -> list[str]:
    return [cell.strip('"') for cell in text.replace("\r\n", ",").replace("\n", ",").split(",")]


async def test_reading_in_is_followed_by_the_report_that_was_asked_for(desk: Desk, files: list[Path]) -> None:
    path = next(p for p in files if p.name.startswith("setl_d"))
    run = await _read_in(desk, path, then=[REPORT], period="2026-01")

    async def follows() -> Json | None:
        found = [r for r in await desk.get("stats", "/runs", report=REPORT) if r["after"] == run["id"]]
        return found[0] if found and found[0]["status"] == "finished" else None

    followed = await until("the report after it has been counted", follows, 30)
    assert run["result"]["outcome"]["made"]["sha256"] in [d["sha256"] for d in followed["datasets"]]


async def test_a_definition_comes_into_force_by_three_people_and_is_named_by_the_next_run(
    desk: Desk, read_in: dict[str, Json]
) -> None:
    text, sql = source(REPORT)
    draft = {"source": text, "sql": sql + "-- 2026\n", "note": "年度复核"}
    url = desk.url("stats", f"/definitions/{REPORT}")
    assert (await desk.http.post(url, json={**draft, "sql": "SELECT 1 AS x; DROP TABLE setl_d"})).status_code == 422
    assert (await desk.http.post(url, json=draft)).status_code == 200
    [version] = (await desk.get("stats", f"/definitions/{REPORT}"))["versions"]
    assert (await _counted(desk, trial=True, definition_hash=version["hash"]))["wanted"]["trial"] is True
    for step, who in (("confirm", "qian"), ("approve", "sun"), ("enforce", "sun")):
        viewer = {"X-Yibao-Viewer": "centre"} if step == "confirm" else {}
        headers, body = {"X-Yibao-Staff": who, **viewer}, {"department": "基金财务科", "note": "同意"}
        moved = await desk.http.post(f"{url}/{version['hash']}/{step}", json=body, headers=headers)
        assert moved.status_code == 200, moved.text
    assert (await _counted(desk))["definition_hash"] == version["hash"]
    [shown] = [r for r in await desk.get("stats", "/reports") if r["report"] == REPORT]
    assert (shown["origin"], shown["definition_hash"]) == ("desk", version["hash"])


async def test_a_schedule_is_saved_with_its_next_times_and_removed(desk: Desk) -> None:
    body = {"name": "刷卡月报", "report": REPORT, "span": "last_month"}
    bad = await desk.http.post(desk.url("stats", "/schedules"), json={**body, "timing": {"cron": "every day"}})
    assert bad.json()["code"] == "bad_cron"
    timing = {"cron": "0 8 * * *", "workday": 1}
    saved = await desk.http.post(desk.url("stats", "/schedules"), json={**body, "timing": timing})
    assert saved.status_code == 200, saved.text
    [shown] = await desk.get("stats", "/schedules")
    assert len(shown["next"]) == 3
    assert (await desk.http.delete(desk.url("stats", f"/schedules/{shown['id']}"))).status_code == 200
    assert await desk.get("stats", "/schedules") == []


async def test_what_cannot_be_counted_is_refused_with_what_to_do(desk: Desk) -> None:
    async def refused(**wish: object) -> str:
        answer = await desk.http.post(desk.url("stats", "/runs"), json={"report": REPORT, **wish})
        assert answer.status_code in (404, 409), answer.text
        return str(answer.json()["message"])

    assert "请写明统计期" in await refused()
    assert "统计期写法不对" in await refused(period="去年")
    assert "没有参数" in await refused(period="2026-01", parameters={"nothing": "1"})
    assert "GET /reports" in await refused(report="nothing", period="2026-01")
    run = await _counted(desk, report="drug_catalogue", period="2026-01")
    assert run["status"] == "failed"
    assert "请先上传" in run["reason"]
