"""Stats on a real nats-server and a real mongod: upload, request, follow, take the sheet away."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
import pytest_asyncio

from tests.integration.runs import LARGE, STAFF, ended, request, requested, settlements, upload, uploaded
from tests.support.desk import Desk, desk_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("runs"), "stats") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def large(desk: Desk) -> str:
    return await uploaded(desk, settlements(LARGE))


async def test_an_upload_becomes_a_sheet(desk: Desk) -> None:
    content = settlements(1_000)
    answer = await upload(desk, content)
    assert answer.status_code == 201
    assert answer.json() == {"upload_id": sha256(content).hexdigest(), "bytes": len(content)}
    assert (await upload(desk, content)).json() == answer.json()

    run_id = await requested(desk, answer.json()["upload_id"], "story")
    run = await ended(desk, run_id)
    assert (run["status"], run["done"]) == ("finished", 1.0)
    assert run["result"]["rows_in"] == 1_001
    assert (run["result"]["rows_accepted"], run["result"]["rows_rejected"]) == (1_000, 1)
    assert [run["timeline"][0]["type"], run["timeline"][-1]["type"]] == ["stats.requested", "stats.finished"]

    sheet = await desk.http.get(desk.url("stats", f"/runs/{run_id}/output.xlsx"))
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert sha256(sheet.content).hexdigest() == run["result"]["output_sha256"]
    rejects = (await desk.http.get(desk.url("stats", f"/runs/{run_id}/rejects.csv"))).content.decode("utf-8-sig")
    assert "李四" not in rejects
    assert "1002,结算ID (setl_id) 格式不符" in rejects
    assert run_id in [r["id"] for r in await desk.get("stats", "/runs")]


async def test_the_catalogue_says_what_the_csv_needs(desk: Desk) -> None:
    [report] = await desk.get("stats", "/reports")
    assert (report["report"], report["title"]) == ("settlement_summary", "医保基金支付汇总表")
    assert {"code": "insutype", "name": "险种类型", "type": "code", "required": True} in report["columns"]


async def test_progress_is_followed_to_the_end(desk: Desk, large: str) -> None:
    run_id = await requested(desk, large, "followed")
    async with desk.http.stream("GET", desk.url("stats", f"/runs/{run_id}/events"), timeout=30) as stream:
        names = [line.removeprefix("event: ") async for line in stream.aiter_lines() if line.startswith("event: ")]
    assert names[0] == "state"
    assert "stats.progressed" in names
    assert names[-1] == "stats.finished"


async def test_the_same_wish_is_one_run(desk: Desk, large: str) -> None:
    first = await requested(desk, large, "twice")
    assert await requested(desk, large, "twice") == first
    other = await uploaded(desk, settlements(1, seed=2))
    assert (await request(desk, other, "twice")).json()["code"] == "key_reused"
    await ended(desk, first)


async def test_a_file_without_the_columns_fails_with_what_to_do(desk: Desk) -> None:
    run_id = await requested(desk, await uploaded(desk, b"a,b\n1,2\n"), "columns")
    run = await ended(desk, run_id)
    assert run["status"] == "failed"
    assert "缺少列" in run["reason"]
    sheet = await desk.get("stats", f"/runs/{run_id}/output.xlsx")
    assert sheet["message"].startswith("这个任务没有结果文件: 缺少列")


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "文件是空的"), (b"PK\x03\x04", "另存为 CSV"), (b"hello", "第一行没有逗号")]
)
async def test_what_is_no_csv_is_not_kept(desk: Desk, content: bytes, message: str) -> None:
    answer = await upload(desk, content)
    assert answer.status_code == 422
    assert message in answer.json()["message"]
    assert not list((desk.settings.data_dir / "stats" / "uploads").glob(".upload-*"))


async def test_errors_say_what_to_do(desk: Desk) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "GET /runs" in (await desk.get("stats", f"/runs/{unknown}"))["message"]
    assert (await desk.http.get(desk.url("stats", f"/runs/{unknown}/events"))).status_code == 404
    assert "POST /uploads" in (await request(desk, "../../etc/passwd", "path")).json()["message"]
    no_file = await desk.http.post(desk.url("stats", "/uploads"), headers=STAFF, files={"other": b"x"})
    assert no_file.json()["code"] == "no_file"
    nobody = await desk.http.post(desk.url("stats", "/runs"), json={"report": "x", "upload_id": "y"})
    assert nobody.status_code == 401
