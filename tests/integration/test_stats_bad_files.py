"""Files as they really come, through the service: one sentence that says what to do, or rows that add up.

`tests/unit/stats/test_stats_ingest_bad_files.py` has those that need no service.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.runs import STAFF, ended
from tests.support.desk import Desk, desk_in
from tests.support.stats_bad_files import FAILING, GOOD, READ, REFUSED, THROUGH, Bad, row
from tests.support.stats_bad_files import csv as csv_of
from tests.support.traces import Json

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
IDENTITY = "62010219900307283X"
READ_IN = [bad for bad in (*FAILING, *READ) if bad.name in THROUGH]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("bad"), "stats", YIBAO_STATS_UPLOAD_MAX_MB="64") as desk:
        desk.http.headers.update(STAFF)
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(desk: Desk) -> dict[str, str]:
    """The run of each file; the next is asked for before the one before has ended, as people do."""
    return {bad.name: await _asked(desk, bad.name, bad.make()) for bad in READ_IN}


@pytest.mark.parametrize("bad", REFUSED, ids=lambda bad: bad.name)
async def test_what_is_no_data_is_refused_at_once(desk: Desk, bad: Bad) -> None:
    answer = await _sent(desk, bad.name, bad.make())
    assert answer["code"] == "unreadable"
    assert bad.says in answer["message"]


async def test_an_upload_over_the_limit_is_refused_before_it_is_read(desk: Desk) -> None:
    answer = await _sent(desk, "大.csv", bytes(66 << 20))
    assert (answer["code"], "超过 64 MB" in answer["message"]) == ("too_large", True)
    chunked = await desk.http.post(desk.url("stats", "/uploads"), content=_endless(), headers=_FORM)
    assert chunked.json()["code"] == "no_length"


@pytest.mark.parametrize("bad", READ_IN, ids=lambda bad: bad.name)
async def test_a_file_is_refused_in_one_sentence_or_its_rows_add_up(desk: Desk, runs: dict[str, str], bad: Bad) -> None:
    run = await ended(desk, runs[bad.name], within_s=120)
    if bad.rows is None:
        assert run["status"] == "failed"
        assert bad.says in run["reason"]
        assert run["reason"].count("\n") == 0
        return
    assert run["status"] == "finished", run["reason"]
    result = run["result"]
    assert (result["rows_accepted"], result["rows_rejected"], result["rows_in"]) == (*bad.rows, sum(bad.rows))
    assert bad.says in f"{result['outcome']['facts']} {result['outcome']['notes']}"
    assert len(await _rejects(desk, runs[bad.name])) == bad.rows[1]


async def test_refused_rows_are_mended_and_accepted(desk: Desk, runs: dict[str, str]) -> None:
    await ended(desk, runs["括号.csv"], within_s=120)
    rejects = await desk.http.get(desk.url("stats", f"/runs/{runs['括号.csv']}/rejects.csv"))
    assert "(12.50)" in rejects.text
    run = await ended(desk, await _asked(desk, "rejects.csv", rejects.text.replace("(12.50)", "12.50").encode()))
    assert (run["result"]["rows_accepted"], run["result"]["rows_rejected"]) == (1, 0)


async def test_nothing_that_tells_who_it_is_stays_in_clear(desk: Desk) -> None:
    """In no file, log or database, but in the upload itself."""
    wrong = row(2, psn_no=IDENTITY, insutype="张三丰")
    shifted = ",".join((GOOD[0], IDENTITY, "310", "张三丰", *GOOD[4:]))
    content = csv_of(row(1, psn_no=IDENTITY, psn_name="张三丰"), wrong, shifted)
    run_id = await _asked(desk, f"{IDENTITY}的结算.csv", content)
    run = await ended(desk, run_id)
    assert (run["result"]["rows_accepted"], run["result"]["rows_rejected"]) == (1, 2)
    told = [str(run), str(await desk.get("stats", "/datasets")), str(await desk.stream("STATS"))]
    kept = desk.settings.data_dir
    written = [p for p in kept.rglob("*") if p.is_file() and "uploads" not in p.parts and "nats" not in p.parts]
    found = [p.read_bytes() for p in written] + [text.encode() for text in told]
    assert not any(personal.encode() in text for personal in (IDENTITY, "张三丰") for text in found)


_FORM = {**STAFF, "Content-Type": "multipart/form-data; boundary=x"}


async def _endless() -> AsyncIterator[bytes]:
    yield b"--x\r\n"
    await asyncio.sleep(0)


async def _sent(desk: Desk, name: str, content: bytes) -> Json:
    answer = await desk.http.post(desk.url("stats", "/uploads"), files={"file": (name, content)}, timeout=60)
    return dict(answer.json())


async def _asked(desk: Desk, name: str, content: bytes) -> str:
    upload_id = (await _sent(desk, name, content))["upload_id"]
    wish = {"table": "hospital_ledger", "upload_id": upload_id, "name": name}
    answer = await desk.http.post(desk.url("stats", "/datasets"), json=wish, headers={"Idempotency-Key": upload_id})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def _rejects(desk: Desk, run_id: str) -> list[list[str]]:
    answer = await desk.http.get(desk.url("stats", f"/runs/{run_id}/rejects.csv"))
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
