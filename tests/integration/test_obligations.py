"""Obligations on real servers: planned from the directory, told of, taken note of, proven and done; and the feed."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import icalendar
import pytest

from chassis.zone import BEIJING
from services.sla.obligations.store import Occurrences
from tests.integration.cases import STAFF
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from yibao.process import Process

pytestmark = pytest.mark.real
FILE = "obligations.yaml"
NOBODY = {"X-Yibao-Role": "none"}
FIRST, SECOND = "H62010290002", "H62010290004"
DUTY = """
- name: lists
  title: 结算清单上传
  todo: 全部上传
  each: institution
  every: month
  about: {about}
  due: {due}
  shift: none
  calendar: 24x7
  by_progress: true
  thresholds: {{-4s: [resident], due: [resident, lead], +1s: [lead, contact], +1h: [contact]}}
- name: trainings
  title: 培训
  todo: 培训并附签到表
  each: contract
  every: period
  due: last day 18:00
  count: {{least: 2, most: 2}}
  thresholds: {{due: [lead]}}
"""


@asynccontextmanager
async def due_in(directory: Path, seconds: float, **environment: str) -> AsyncIterator[Desk]:
    """A desk with two institutions under a contract, whose lists are due in so many seconds."""
    async with desk_in(directory, "intake", "notify") as desk:
        await save(desk, f"institution/{FIRST}", name="市第二人民医院")
        await save(desk, f"institution/{SECOND}", name="市第四人民医院")
        await contract(desk, FIRST, SECOND)
        await desk.handled("intake")
        due = (datetime.now(UTC) + timedelta(seconds=seconds)).astimezone(BEIJING)
        (desk.settings.data_dir / FILE).write_text(DUTY.format(about="last", due=f"day {due.day} {due:%H:%M:%S}"))
        await start_sla(desk, **environment)
        yield desk


async def start_sla(desk: Desk, **environment: str) -> None:
    path = desk.settings.data_dir / FILE
    await desk.start("sla", YIBAO_SLA_OBLIGATIONS=str(path), YIBAO_SLA_SWEEP_S="0.5", **environment)


async def save(desk: Desk, path: str, **body: Any) -> None:
    answer = await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body, headers=STAFF)
    assert answer.status_code == HTTPStatus.OK, answer.text


async def contract(desk: Desk, *institutions: str) -> None:
    today = datetime.now(BEIJING).date()
    term = {"begins": str(today - timedelta(days=300)), "ends": str(today + timedelta(days=200))}
    await save(desk, "contract/main", name="接口服务合同", institution_codes=institutions, **term)


async def occurrence(desk: Desk, definition: str, **want: Any) -> Json:
    async def look() -> Json | None:
        found = [o for o in await desk.get("sla", "/obligations") if o["definition"] == definition]
        return next((o for o in found if all(o[k] == v for k, v in want.items())), None)

    return await until(f"{definition} is {want}", look)


async def said(desk: Desk, id_: str, type_: str) -> Json:
    async def look() -> Json | None:
        told = [e for e in await desk.stream("OBLIGATION") if e["obligation_id"] == id_]
        return next((e for e in told if e["type"] == f"obligation.{type_}"), None)

    return await until(f"{id_} says {type_}", look)


async def alert(desk: Desk, rule: str, audience: str) -> Json:
    async def look() -> Json | None:
        found = await desk.get("notify", "/inbox", audience=audience)
        return next((a for a in found if a["rule"] == rule), None)

    return await until(f"{audience} has {rule}", look)


async def do(desk: Desk, id_: str, verb: str, **more: Any) -> httpx.Response:
    return await desk.http.post(desk.url("sla", f"/obligations/{id_}/{verb}"), headers=STAFF, **more)


async def subscribed(desk: Desk, **choice: str) -> httpx.Response:
    """The calendar, at the address that the desk gives out."""
    address = (await desk.get("sla", "/obligations/subscription", **choice))["url"]
    return await desk.http.get(desk.url("sla", address), headers=NOBODY)


async def test_a_duty_is_planned_told_of_taken_note_of_and_done(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with due_in(tmp_path_factory.mktemp("duty"), 14) as desk:
        duty = await occurrence(desk, "lists")
        id_ = duty["id"]
        assert duty["counts"] == {"open": 2, "done": 0, "waived": 0}
        half = [{"key": FIRST, "done": 60, "of": 60}, {"key": SECOND, "done": 30, "of": 40}]
        assert (await do(desk, id_, "progress", json={"items": half})).status_code == HTTPStatus.OK

        reminded = await said(desk, id_, "reminded")
        assert (reminded["open"], reminded["progress"], reminded["progress_of"]) == (1, 90, 100)
        told = await alert(desk, "obligation_reminder", "desk")
        assert "1 家未完成" in told["title"] and "市第四人民医院 30/40" in told["body"] and "90.0%" in told["body"]
        await said(desk, id_, "overdue")
        assert (await occurrence(desk, "lists", state="overdue"))["id"] == id_
        assert [o["id"] for o in await desk.get("sla", "/obligations", state="overdue")] == [id_]
        occurrences = Occurrences(desk.mongo[desk.settings.mongo_db])
        assert await occurrences.counts() == {"open": 1, "overdue": 1, "completed": 0, "dropped": 0}
        await alert(desk, "obligation_overdue", "lead")
        await said(desk, id_, "escalated")
        last = await alert(desk, "obligation_escalated", "contact")

        url = desk.url("notify", f"/alerts/{last['alert_id']}/acknowledge")
        assert (await desk.http.post(url, headers=STAFF)).status_code == HTTPStatus.OK
        assert (await said(desk, id_, "acknowledged"))["by"] == "wang"
        whole = await desk.get("sla", f"/obligations/{id_}")
        assert (whole["acknowledged_by"], whole["next"]) == ("wang", None)

        proof = b"4105 \xe5\xb7\xb2\xe4\xbc\xa0"
        sent = {"data": {"item": SECOND, "note": "平台截图"}, "files": {"file": ("4105.png", proof, "image/png")}}
        assert (await do(desk, id_, "evidence", **sent)).status_code == HTTPStatus.OK
        added = await said(desk, id_, "evidence_added")
        assert (added["file"]["sha256"], added["file"]["media_type"]) == (sha256(proof).hexdigest(), "text/plain")
        [_, item] = (await desk.get("sla", f"/obligations/{id_}"))["items"]
        answer = await desk.http.get(desk.url("sla", item["evidence"][0]["url"]), headers=STAFF)
        assert (answer.content, answer.headers["X-Content-Type-Options"]) == (proof, "nosniff")
        assert (await do(desk, id_, "fulfil", json={"note": "补传完毕"})).status_code == HTTPStatus.OK
        completed = await said(desk, id_, "completed")
        assert (completed["in_time"], completed["done"], completed["open"]) == (False, 2, 0)
        assert [o["id"] for o in await desk.get("sla", "/obligations", state="completed")] == [id_]
        assert await desk.dead() == []

        month = f"{datetime.fromisoformat(completed['due_at']).astimezone(BEIJING):%Y-%m}"
        code, printed = await desk.command("sla", "attainment", "--month", month, "--recompute")
        assert (code, "项与事件流重算的逐项相同" in printed) == (0, True), printed
        gone: Json = {"$set": {"state.items.0.decisions": [], "state.items.0.points": [], "state.items.0.evidence": []}}
        await desk.mongo[desk.settings.mongo_db]["obligations"].update_one({"_id": UUID(id_)}, gone)
        code, printed = await desk.command("sla", "attainment", "--month", month, "--recompute")
        assert (code, "义务不一致: " in printed) == (1, True), printed


async def test_a_contract_that_changes_changes_what_is_open_and_lost_timers_are_caught(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with due_in(tmp_path_factory.mktemp("change"), 8, YIBAO_SLA_SWEEP_GRACE_S="0.5") as desk:
        id_ = (await occurrence(desk, "lists"))["id"]
        await desk.js.purge_stream("TIMER", subject="timer.obligation.>")
        await contract(desk, FIRST)
        changed = await said(desk, id_, "rescheduled")
        assert changed["removed"] == [SECOND]
        others = [e for e in await desk.stream("OBLIGATION") if e["type"] == "obligation.rescheduled"]
        assert {e["obligation_id"] for e in others} == {id_}
        await desk.js.purge_stream("TIMER", subject="timer.obligation.>")
        await said(desk, id_, "overdue")
        text = (await desk.http.get(desk.url("sla", "/metrics"))).text
        caught = next(line for line in text.splitlines() if line.startswith("yibao_sla_sweep_catches_total"))
        assert float(caught.split()[1]) >= 1

        await said(desk, id_, "escalated")
        before = await desk.stream("OBLIGATION")
        await desk.stop("sla")
        await start_sla(desk)
        await desk.handled("sla")
        assert await desk.stream("OBLIGATION") == before
        assert len(await desk.documents("obligations")) == 2


async def test_a_file_of_obligations_that_cannot_be_used_stops_the_service_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with desk_in(tmp_path_factory.mktemp("faulty")) as desk:
        path = desk.settings.data_dir / FILE
        path.write_text(DUTY.format(about="last", due="day 11").replace("24x7", "nowhere"))
        environment = {**desk.settings.environment(), "YIBAO_SLA_OBLIGATIONS": str(path)}
        process = Process("sla", [sys.executable, "-m", "yibao.serve", "sla"], path.with_suffix(".log"), environment)
        await process.start()
        assert await process.wait() == os.EX_CONFIG
        assert "lists 的日历 nowhere 不存在" in path.with_suffix(".log").read_text()


async def assert_refused_leaves_nothing(desk: Desk, id_: str) -> None:
    """Neither a file nor a crash: whatever is wrong is said with 400, 409 or 415."""
    folder = desk.settings.data_dir / "sla" / "evidence"
    file = {"file": ("签到.txt", b"once")}
    assert (await do(desk, id_, "evidence", files=file)).status_code == HTTPStatus.OK
    again = await do(desk, id_, "evidence", files=file)
    assert (again.status_code, again.json()["code"]) == (409, "same_file")
    before = sorted(path.name for path in folder.iterdir())
    program = await do(desk, id_, "evidence", files={"file": ("回执.txt", b"#!/bin/sh\nrm -rf /", "image/png")})
    assert (program.status_code, program.json()["code"]) == (415, "not_allowed")
    long = {"note": (None, "补" * 2_001), "file": ("x.txt", b"other")}
    for files in (long, {"note": (None, b"\xff\xfe")}, {"note": (None, "n"), "item": (None, b"\xff")}):
        assert (await do(desk, id_, "evidence", files=files)).status_code == 400
    assert sorted(path.name for path in folder.iterdir()) == before
    named = {"file": ("㍿" * 150 + ".png", b"named")}
    assert (await do(desk, id_, "evidence", files=named)).status_code == HTTPStatus.OK
    for query in ({"month": "0001-01"}, {"month": "9999-12"}, {"state": "late"}):
        wrong = await desk.http.get(desk.url("sla", "/obligations"), params=query)
        assert (wrong.status_code, next(iter(query)) in wrong.json()["message"]) == (400, True)


async def test_one_contract_that_cannot_be_planned_stops_no_other(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with due_in(tmp_path_factory.mktemp("extreme"), 3600) as desk:
        always = {"begins": "0001-01-01", "ends": "9999-12-31"}
        many = [f"H{n:011d}" for n in range(5_001)]
        await save(desk, "contract/endless", name="无期合同", institution_codes=[FIRST], **always)
        await save(desk, "contract/large", name="大合同", institution_codes=many, **always)
        await save(desk, "contract/second", name="第二合同", institution_codes=[SECOND], **always)

        async def planned() -> bool:
            found = await desk.get("sla", "/obligations")
            return {"main", "endless", "second"} <= {o["contract"] for o in found if o["definition"] == "lists"}

        await until("all but one are planned", planned)
        feed = await subscribed(desk)
        assert feed.status_code == HTTPStatus.OK and "无期合同" in feed.text.replace("\r\n ", "")
        text = (await desk.http.get(desk.url("sla", "/metrics"))).text
        [failed] = [line for line in text.splitlines() if line.startswith("yibao_obligation_plans_failed_total")]
        assert 'definition="lists"' in failed and float(failed.split()[1]) >= 1


async def test_trainings_count_their_evidence_and_one_too_many_is_kept_and_marked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with due_in(tmp_path_factory.mktemp("trainings"), 3600) as desk:
        id_ = (await occurrence(desk, "trainings"))["id"]
        for n in range(3):
            assert (await do(desk, id_, "evidence", files={"note": (None, f"第 {n + 1} 次")})).status_code == 200
        added = [e for e in await desk.stream("OBLIGATION") if e["type"] == "obligation.evidence_added"]
        assert [(e["count"], e["exceeds"]) for e in added] == [(1, False), (2, False), (3, True)]
        assert (await said(desk, id_, "completed"))["in_time"] is True
        [item] = (await desk.get("sla", f"/obligations/{id_}"))["items"]
        assert (item["state"], item["done"], item["of"], item["exceeds"]) == ("done", 3, 2, True)

        refused = await do(desk, id_, "evidence", files={"note": (None, "联系人 13912345678")})
        assert (refused.status_code, refused.json()["code"]) == (422, "personal_data")
        big = {"file": ("x.bin", b"0" * (21 << 20))}
        answer = await do(desk, id_, "evidence", files=big)
        assert (answer.status_code, "超过 20 MB" in answer.json()["message"]) == (413, True)
        other = await do(desk, id_, "fulfil", json={"items": ["H1"]})
        assert (other.status_code, "H1" in other.json()["message"]) == (404, True)

        empty = await do(desk, id_, "evidence", files={"note": (None, " ")})
        assert (empty.status_code, empty.json()["code"]) == (409, "empty")
        url = desk.url("sla", f"/obligations/{id_}")
        assert (await desk.http.post(f"{url}/fulfil", json={}, headers=NOBODY)).status_code == HTTPStatus.UNAUTHORIZED
        assert (await desk.http.get(f"{url[:-1]}{'0' if url[-1] != '0' else '1'}")).status_code == HTTPStatus.NOT_FOUND
        wrong = await desk.http.get(desk.url("sla", "/obligations"), params={"month": "2026-13"})
        assert (wrong.status_code, "2026-11" in wrong.json()["message"]) == (400, True)
        short = await do(desk, id_, "waive", json={"reason": ""})
        assert short.status_code == HTTPStatus.BAD_REQUEST and not short.json()["message"].isascii()
        once = {**STAFF, "Idempotency-Key": "once"}
        for _ in range(2):
            answer = await desk.http.post(f"{url}/evidence", headers=once, files={"note": (None, "第 4 次")})
            assert answer.status_code == HTTPStatus.OK
        assert (await desk.get("sla", f"/obligations/{id_}"))["items"][0]["done"] == 4

        lists = (await occurrence(desk, "lists"))["id"]
        for verb, body in (("acknowledge", {}), ("waive", {"reason": "停业", "items": [FIRST]})):
            answer = await desk.http.post(desk.url("sla", f"/obligations/{lists}/{verb}"), headers=once, json=body)
            assert answer.status_code == HTTPStatus.OK
        assert (await desk.get("sla", f"/obligations/{lists}"))["items"][0]["state"] == "waived"
        await assert_refused_leaves_nothing(desk, id_)

        month = (await occurrence(desk, "lists"))["due_at"][:7]
        assert [o["definition"] for o in await desk.get("sla", "/obligations", month=month, institution=FIRST)] == [
            "lists"
        ]
        feed = await subscribed(desk)
        assert feed.headers["content-type"].startswith("text/calendar")
        calendar = icalendar.Calendar.from_ical(feed.content)
        events = calendar.walk("VEVENT")
        summaries = [str(event["SUMMARY"]) for event in events]
        assert len({str(event["UID"]) for event in events}) == len(events) >= 7
        assert any("〔已完成〕培训" in text for text in summaries)
        assert any("〔未开始〕结算清单上传" in text for text in summaries)
        only = await subscribed(desk, institution=SECOND)
        assert {"结算清单上传"} == {
            str(e["SUMMARY"]).partition("〕")[2].split(" ")[0]
            for e in icalendar.Calendar.from_ical(only.content).walk("VEVENT")
        }
