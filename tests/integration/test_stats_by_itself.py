"""What stats does by itself: schedules, watched folders, databases, what follows, and clearing away."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import yaml

from chassis.calendars.book import CalendarBook
from services.stats.definitions.book import Book
from services.stats.definitions.definition import source
from services.stats.definitions.store import Definitions
from services.stats.feeds.config import load
from services.stats.feeds.watching import Watching
from services.stats.places import run_dir, upload_path
from services.stats.runs.keeping import Keeping
from services.stats.runs.store import Runs
from services.stats.schedules.planner import Planner
from services.stats.schedules.store import Schedules
from tests.integration.runs import STAFF, ended, settlements, uploaded
from tests.support.desk import Desk, desk_in
from tests.support.postgres import postgres
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
REPORT = "settlement_summary"


@pytest.fixture(scope="module")
def ledger() -> Iterator[str]:
    """A hospital's database with a ledger of ten settlements, one of them in February."""
    with postgres() as url, psycopg.connect(url) as database:
        header, *rows = settlements(10).decode("gb18030").splitlines()[:11]
        database.execute(f"CREATE TABLE ledger ({', '.join(f'{c} text' for c in header.split(','))})".encode())
        for row in rows:
            cells = row.replace("2025-01-10", "2025-02-10").split(",")
            database.execute(f"INSERT INTO ledger VALUES ({', '.join(['%s'] * len(cells))})".encode(), cells)
        database.execute("ALTER TABLE ledger ALTER setl_time TYPE timestamp USING setl_time::timestamp")
        database.commit()
        yield url


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, ledger: str) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "ledgers").mkdir()
    feeds = {
        "台账": {"table": "hospital_ledger", "folder": str(folder / "ledgers")},
        "库": {"table": "hospital_ledger", "database": "his", "from_table": "ledger"},
    }
    (folder / "sources.yaml").write_text(yaml.safe_dump({"databases": {"his": ledger}, "feeds": feeds}))
    return folder / "sources.yaml"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> AsyncIterator[Desk]:
    path = tmp_path_factory.mktemp("alone")
    async with desk_in(path, "stats", YIBAO_STATS_SOURCES=str(sources)) as desk:
        desk.http.headers.update(STAFF)
        yield desk


class Parts:
    """The service's parts over the same servers, so that a test decides when they look and what time it is."""

    def __init__(self, desk: Desk) -> None:
        db = desk.mongo[desk.settings.mongo_db]
        self.service: Any = SimpleNamespace(settings=desk.settings, outbox=desk.outbox)
        self.runs, self.schedules = Runs(db, Book(Definitions(db))), Schedules(db)


async def found(desk: Desk, **query: str) -> list[Json]:
    return [run for run in await desk.get("stats", "/runs") if all(run[k] == v for k, v in query.items())]


async def the_run(desk: Desk, **query: str) -> Json:
    async def look() -> Json | None:
        runs = await found(desk, **query)
        return runs[0] if runs and runs[0]["status"] in ("finished", "failed") else None

    return await until(f"a run of {query} has ended", look, 30)


async def test_a_schedule_that_is_due_asks_for_its_run_once(desk: Desk) -> None:
    body = {"name": "汇总月报", "report": REPORT, "timing": {"cron": "0 8 3 * *"}, "span": "last_month"}
    saved = await desk.http.post(desk.url("stats", "/schedules"), json=body)
    assert saved.status_code == 200, saved.text
    [shown] = await desk.get("stats", "/schedules")
    due, parts = datetime.fromisoformat(shown["next"][0]), Parts(desk)

    def planner(at: datetime) -> Planner:
        return Planner(parts.service, parts.schedules, parts.runs, CalendarBook.load(), lambda: at)

    await planner(due - timedelta(seconds=1)).look()
    for seconds in (0, 20, 40):
        await planner(due + timedelta(seconds=seconds)).look()
    run = await the_run(desk, schedule=shown["id"])
    last_month = (due.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    assert (run["wanted"]["period"], run["requested_by"], run["kind"]) == (last_month, "wang", "report")
    await planner(due + timedelta(hours=3)).look()
    assert len(await found(desk, schedule=shown["id"])) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [({"timing": {"cron": "* * * * *", "workday": 31}}, "永远不会到期"), ({"span": "none"}, "请写明统计期"),
     ({"report": "nothing"}, "GET /reports"), ({"then": [{"report": "nothing"}]}, "GET /reports"),
     ({"wanted": {"parameters": {"x": "1"}}}, "没有参数"), ({"timing": {"cron": "* * * * * *"}}, "五段"),
     ({"kind": "ingest", "report": "hospital_ledger", "wanted": {"parameters": {"feed": "台账"}}}, "GET /feeds"),
     ({"timing": {"cron": "0 8 3 * *", "calendar": "none"}}, "没有日历")],
)  # fmt: skip
async def test_a_schedule_that_could_not_be_kept_is_not_saved(desk: Desk, change: Json, told: str) -> None:
    body = {"name": "汇总月报", "report": REPORT, "timing": {"cron": "0 8 3 * *"}, **change}
    answer = await desk.http.post(desk.url("stats", "/schedules"), json=body)
    assert answer.status_code in (404, 409), answer.text
    assert told in answer.json()["message"]


async def test_a_file_in_a_watched_folder_is_read_in_once_and_when_it_has_settled(desk: Desk, sources: Path) -> None:
    parts, path = Parts(desk), sources.parent / "ledgers" / "一月.csv"
    watching = Watching(parts.service, load(sources), parts.runs, 10)
    whole = settlements(20, seed=3)
    path.write_bytes(whole[:700])
    os.utime(path, (time.time() - 60, time.time() - 60))
    await watching.look()
    path.write_bytes(whole)
    os.utime(path, (time.time() - 30, time.time() - 30))
    await watching.look()
    assert await found(desk, kind="ingest") == []
    await watching.look()
    run = await the_run(desk, kind="ingest")
    assert (run["status"], run["result"]["rows_accepted"]) == ("finished", 20)
    await watching.look()
    again = Watching(parts.service, load(sources), parts.runs, 10)
    for _ in range(3):
        await again.look()
    assert len(await found(desk, kind="ingest")) == 1


async def test_a_table_of_a_database_is_fetched_for_a_period(desk: Desk) -> None:
    answer = await desk.http.post(desk.url("stats", "/feeds/库/fetch"), json={"period": "2025-01"})
    run = await ended(desk, answer.json()["id"])
    assert run["status"] == "finished", run["reason"]
    assert run["result"]["rows_accepted"] == 9
    made = run["result"]["outcome"]["made"]["sha256"]

    async def listed() -> bool:  # by a command of its own: the run may have ended a moment before
        return made in [d["sha256"] for d in await desk.get("stats", "/datasets", table="hospital_ledger")]

    await until("the data set is listed", listed)
    assert "his" not in str(run) and "postgresql" not in str(run)


async def test_lists_of_an_institution_that_owes_none_are_read_in_and_staff_are_told(desk: Desk) -> None:
    header = "fixmedins_code,fix_blng_admdvs,setl_month,stt_date,upld_cnt,need_upld_cnt"
    upload_id = await uploaded(desk, f"{header}\nH62010200001,620102,2026-10,2026-11-09,7,8\n".encode())
    body = {"table": "setl_list_upload", "upload_id": upload_id, "name": "清单.csv"}
    asked = await desk.http.post(desk.url("stats", "/datasets"), json=body)
    run = await ended(desk, asked.json()["id"])
    assert run["status"] == "finished", run["reason"]
    assert [n for n in run["result"]["outcome"]["notes"] if "没有对应的上传义务" in n and "H62010200001" in n]


async def test_a_result_whose_check_failed_is_taken_only_once_another_has_accepted_it(desk: Desk) -> None:
    text, sql = source(REPORT)
    definition = yaml.safe_load(text)
    definition["checks"].append({"name": "至少一万行", "kind": "row_count", "least": 10_000, "severity": "fail"})
    draft = {"source": yaml.safe_dump(definition, allow_unicode=True), "sql": sql}
    drafted = await desk.http.post(desk.url("stats", f"/definitions/{REPORT}"), json=draft)
    assert drafted.status_code == 200, drafted.text
    [version] = (await desk.get("stats", f"/definitions/{REPORT}"))["versions"]
    wish = {"report": REPORT, "trial": True, "definition_hash": version["hash"]}
    wish["upload_id"] = await uploaded(desk, settlements(30, seed=9))
    run = await ended(desk, (await desk.http.post(desk.url("stats", "/runs"), json=wish)).json()["id"])
    assert (run["verdict"], run["handed_over"]) == ("failed", False)
    url = desk.url("stats", f"/runs/{run['id']}")
    assert (await desk.http.get(f"{url}/output.xlsx")).json()["code"] == "checks_failed"
    assert (await desk.http.get(f"{url}/rejects.csv")).status_code == 200
    accept = {"text": "行数少是因为试点", "decision": "accept"}
    assert (await desk.http.post(f"{url}/comments", json=accept)).json()["code"] == "own_run"
    qian = {"X-Yibao-Staff": "qian"}
    assert (await desk.http.post(f"{url}/comments", json=accept, headers=qian)).status_code == 200
    assert (await desk.http.get(f"{url}/output.xlsx")).status_code == 200
    assert (await desk.http.get(url)).json()["handed_over"] is True


async def test_what_was_kept_long_enough_is_said_to_be_gone_before_it_goes(desk: Desk) -> None:
    upload_id = await uploaded(desk, settlements(5, seed=11))
    asked = await desk.http.post(desk.url("stats", "/runs"), json={"report": REPORT, "upload_id": upload_id})
    run = await ended(desk, asked.json()["id"])
    parts, data = Parts(desk), desk.settings.data_dir
    folder, upload = run_dir(data, run["id"]), upload_path(data, upload_id)
    days = [datetime.now(UTC) + timedelta(days=n) for n in (0, 2)]
    await Keeping(parts.service, parts.runs, 1.0, lambda: days[0]).look()
    assert (folder / "output.xlsx").exists() and upload.exists()
    keeping = Keeping(parts.service, parts.runs, 1.0, lambda: days[1])
    await keeping.look()

    async def said() -> bool:
        return (await desk.get("stats", f"/runs/{run['id']}"))["expired_at"] is not None

    await until("it is said to be gone", said)
    assert not upload.exists()
    refused = await desk.http.get(desk.url("stats", f"/runs/{run['id']}/output.xlsx"))
    assert (refused.status_code, refused.json()["code"]) == (409, "expired")
    later = Keeping(parts.service, parts.runs, 1.0, lambda: datetime.now(UTC) + timedelta(days=1))
    await later.look()
    assert not folder.exists()
