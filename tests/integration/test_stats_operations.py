"""The desk's own figures on real servers: harvested from its streams and counted; settlement lists told to `sla`."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis import broker
from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from chassis.zone import BEIJING
from services.stats.definitions.definition import load
from services.stats.engine.counting import count
from services.stats.lists.counts import TABLE, counts
from services.stats.lists.feeding import Fed, feed
from services.stats.operations import reading
from services.stats.operations.harvest import HarvestFailed, harvest
from services.stats.operations.writing import write
from services.stats.periods import period
from services.stats.report import Scope
from services.stats.sources.table import tables
from tests.integration.cases import STAFF
from tests.support.desk import Desk, desk_in
from tests.support.servers import Servers
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.stats.independent.c_events import told
from tests.unit.stats.independent.c_line import PLACES, SECRETS, UNTIL

pytestmark = pytest.mark.real
DUTY = """
- name: settlement_list
  title: 结算清单上传
  todo: 全部上传
  each: institution
  every: month
  about: last
  due: last day
  shift: none
  calendar: 24x7
  by_progress: true
  thresholds: {due: [resident]}
"""


async def test_streams_become_data_sets_that_are_the_same_each_time(servers: Servers, tmp_path: Path) -> None:
    events = told(3, 80)
    frame = broker.connect(servers.settings, "harvest")
    client = await frame.connect()
    try:
        js, outbox = client.jetstream(timeout=5), NatsOutbox(client)
        empty = await harvest(js, tmp_path / "empty", UNTIL)
        assert [(i.table, i.rows) for i in empty] == [
            (name, 0) for name in sorted(tables()) if name.startswith("desk_")
        ]
        await outbox.publish([Outgoing(json.loads(body)["type"], body) for body in events])
        await outbox.publish([Outgoing("case.opened", b"{}"), Outgoing("case.noted", b"no event at all")])
        first = await harvest(js, tmp_path / "first", UNTIL)
        # The same aggregates' events in another order, and all of them twice.
        again = [body for body in events if json.loads(body)["version"] > 1]
        random.Random(1).shuffle(again)
        await outbox.publish([Outgoing(json.loads(body)["type"], body) for body in again])
        second = await harvest(js, tmp_path / "second", UNTIL)
        earlier = await harvest(js, tmp_path / "earlier", UNTIL - timedelta(days=90))
    finally:
        await frame.stop()
    assert [i.sha256 for i in first] == [i.sha256 for i in second]
    by_table = {i.table: i for i in first}
    assert by_table["desk_case"].rows == 80
    assert 0 < {i.table: i for i in earlier}["desk_case"].rows < 80
    for one in first:
        stored = Path(one.path).read_bytes()
        assert not [word for word in SECRETS if word.encode() in stored]
    chosen = [by_table["desk_case"]]
    limits: dict[str, Any] = {"memory_mb": 512, "scratch": tmp_path}
    report = count(load("desk_load"), period("2026"), chosen, Scope(), {}, tmp_path / "report", **limits)
    assert report.verdict != "failed"
    assert report.inputs == tuple(chosen)


async def test_a_harvest_whose_process_dies_says_what_to_do(servers: Servers, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    frame = broker.connect(servers.settings, "harvest")
    client = await frame.connect()
    try:
        with pytest.raises(HarvestFailed, match="请重试"):
            await harvest(client.jetstream(timeout=5), tmp_path / "taken", UNTIL)
    finally:
        await frame.stop()


async def test_a_stream_that_shrinks_while_it_is_read_is_not_taken_for_whole(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WAIT_S", 1.0)
    frame = broker.connect(servers.settings, "harvest")
    client = await frame.connect()
    try:
        js, outbox = client.jetstream(timeout=5), NatsOutbox(client)
        await outbox.publish([Outgoing("case.opened", b"{}") for _ in range(2 * reading.BATCH)])
        batches = reading.read(js, "CASE")
        assert len(await anext(batches)) == reading.BATCH
        await js.purge_stream("CASE")
        with pytest.raises((reading.Lost, TimeoutError)):
            await anext(batches)
        assert await js.consumers_info("CASE") == [c for c in await js.consumers_info("CASE") if c.config.durable_name]
    finally:
        await frame.stop()


async def test_an_institution_is_done_when_all_of_its_lists_are_uploaded(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    first, second, foreign = PLACES[:3]
    async with desk_in(tmp_path_factory.mktemp("lists"), "intake") as desk:
        await contract(desk, first, second)
        (desk.settings.data_dir / "duty.yaml").write_text(DUTY)
        path = str(desk.settings.data_dir / "duty.yaml")
        await desk.start("sla", YIBAO_SLA_OBLIGATIONS=path, YIBAO_SLA_SWEEP_S="0.5")
        duty = await items(desk, {first: ("open", 0, 0), second: ("open", 0, 0)})
        today = datetime.now(BEIJING).date()

        def counted(name: str, days: int, **done: int) -> Path:
            rows = [
                {"fixmedins_code": code, "fix_blng_admdvs": code[1:7], "setl_month": duty["period"],
                 "stt_date": today - timedelta(days=days), "need_upld_cnt": 60, "upld_cnt": n}
                for code, n in done.items()
            ]  # fmt: skip
            (tmp_path / name).mkdir()
            return Path(write(tables()[TABLE], rows, tmp_path / name).path)

        old = counted("old", 1, **{first: 60, second: 41, foreign: 5})
        for _ in range(2):
            fed = await feed(desk.js, desk.outbox.publish, counts([old]), datetime.now(UTC))
            assert fed == Fed(2, (foreign,))
        await items(desk, {first: ("done", 60, 60), second: ("open", 41, 60)})
        new = counted("new", 0, **{second: 60})
        # What was registered later and is of an older day changes nothing.
        await feed(desk.js, desk.outbox.publish, counts([new, old]), datetime.now(UTC))
        await items(desk, {first: ("done", 60, 60), second: ("done", 60, 60)})

        async def said() -> list[str] | None:
            types = [e["type"] for e in await desk.stream("OBLIGATION")]
            return types if "obligation.completed" in types else None

        assert (await until("the duty is completed", said)).count("obligation.progressed") == 2
        assert await desk.dead() == []


async def contract(desk: Desk, *institutions: str) -> None:
    today = datetime.now(BEIJING).date()
    term = {"begins": str(today - timedelta(days=300)), "ends": str(today + timedelta(days=200))}
    entries = [(f"institution/{code}", {"name": code}) for code in institutions]
    for path, body in [*entries, ("contract/main", {"name": "合同", "institution_codes": institutions, **term})]:
        answer = await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body, headers=STAFF)
        assert answer.is_success, answer.text


async def items(desk: Desk, wanted: dict[str, tuple[str, int, int]]) -> Json:
    """The duty, as soon as its items are as wanted."""

    async def look() -> Json | None:
        for known in await desk.get("sla", "/obligations"):
            whole: Json = await desk.get("sla", f"/obligations/{known['id']}")
            if {i["key"]: (i["state"], i["done"], i["of"]) for i in whole["items"]} == wanted:
                return whole
        return None

    return await until(f"items are {wanted}", look)
