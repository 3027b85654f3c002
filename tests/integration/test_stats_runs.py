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
        desk.http.headers.update(STAFF)
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def large(desk: Desk) -> str:
    return await uploaded(desk, settlements(LARGE))


async def test_an_upload_becomes_a_sheet(desk: Desk) -> None:
    content = settlements(1_000)
    answer = await upload(desk, content)
    assert answer.status_code == 201
    assert answer.json() == {"upload_id": sha256(content).hexdigest(), "bytes": len(content), "name": "结算.csv"}
    assert (await upload(desk, content)).json() == answer.json()

    run_id = await requested(desk, answer.json()["upload_id"], "story")
    run = await ended(desk, run_id)
    assert (run["status"], run["done"]) == ("finished", 1.0)
    assert run["result"]["rows_in"] == 1_001
    assert (run["result"]["rows_accepted"], run["result"]["rows_rejected"]) == (1_000, 1)
    assert [run["timeline"][0]["type"], run["timeline"][-1]["type"]] == ["stats.requested", "stats.finished"]
    assert run["verdict"] == "passed"

    sheet = await desk.http.get(desk.url("stats", f"/runs/{run_id}/output.xlsx"))
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    [file] = run["result"]["outcome"]["files"]
    assert (file["form"], file["sha256"]) == ("xlsx", sha256(sheet.content).hexdigest())
    rejects = (await desk.http.get(desk.url("stats", f"/runs/{run_id}/rejects.csv"))).content.decode("utf-8-sig")
    assert "李四" not in rejects
    assert "格式不符" in rejects
    assert run_id in [r["id"] for r in await desk.get("stats", "/runs")]


async def test_the_catalogue_says_what_the_csv_needs(desk: Desk) -> None:
    [report] = [r for r in await desk.get("stats", "/reports") if r["report"] == "settlement_summary"]
    assert (report["title"], report["tables"]) == ("医保基金支付汇总表", ["hospital_ledger"])
    table = await desk.get("stats", "/tables/hospital_ledger")
    [insutype] = [c for c in table["columns"] if c["code"] == "insutype"]
    assert (insutype["name"], insutype["required"]) == ("险种类型", True)
    assert table["dictionaries"]["insutype"]["310"] == "职工基本医疗保险"


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
    run_id = await requested(desk, await uploaded(desk, b"setl_id,insutype\n1,310\n"), "columns")
    run = await ended(desk, run_id)
    assert run["status"] == "failed"
    assert "缺少列" in run["reason"]
    sheet = await desk.get("stats", f"/runs/{run_id}/output.xlsx")
    assert "缺少列" in sheet["message"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "文件是空的"), (b"%PDF-1.7", "请导出 CSV 或 Excel"), (b"\x01\0\0\xfe" * 99, "二进制")],
)
async def test_what_is_no_data_is_not_kept(desk: Desk, content: bytes, message: str) -> None:
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
    nobody = await desk.http.post(
        desk.url("stats", "/runs"), json={"report": "x", "upload_id": "y"}, headers={"X-Yibao-Role": "none"}
    )
    assert nobody.status_code == 401


async def test_a_run_is_cancelled_in_the_middle(desk: Desk, large: str) -> None:
    run_id = await requested(desk, large, "cancelled")
    url = desk.url("stats", f"/runs/{run_id}/cancel")
    assert (await desk.http.post(url, json={"reason": "期间选错"})).status_code == 200
    run = await ended(desk, run_id)
    assert (run["status"], run["cancelled_by"], run["result"]) == ("cancelled", "wang", None)
    assert (await desk.http.post(url, json={"reason": "再取消一次"})).json()["code"] == "ended"


async def test_a_comment_stays_with_the_run(desk: Desk) -> None:
    run_id = await requested(desk, await uploaded(desk, settlements(3, seed=4)), "commented")
    await ended(desk, run_id)
    url = desk.url("stats", f"/runs/{run_id}/comments")
    assert (await desk.http.post(url, json={"text": "与财务核对一致"})).status_code == 200
    assert (await desk.http.post(url, json={"text": "放行", "decision": "accept"})).json()["code"] == "own_run"
    run = await desk.get("stats", f"/runs/{run_id}")
    assert [c["text"] for c in run["comments"]] == ["与财务核对一致"]
