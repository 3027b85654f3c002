"""Attainment on real servers: from answers in time and late, over an exemption by two people, to the sheets."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import openpyxl
import pytest
import pytest_asyncio
from pypdf import PdfReader

from chassis.zone import BEIJING
from tests.integration.cases import clocks, do, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
HOSPITAL, CONTRACT = "H62010200001", "ht-2026-01"
WANG, ZHAO = {"X-Yibao-Staff": "wang.fang"}, {"X-Yibao-Staff": "zhao.lei"}
CLAUSES = [
    {"number": "3.1", "title": "首次响应及时率", "clock": "first_response", "share": 0.9},
    {"number": "3.2", "title": "解决及时率", "clock": "resolution", "share": 0.95},
]
BEGUN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
MONTHS = {"month": f"{BEGUN.astimezone(BEIJING):%Y-%m}", "until": f"{datetime.now(BEIJING):%Y-%m}"}


class Played(NamedTuple):
    """The desk after some work: a case answered in time, one answered late; besides an open one, and a stranger's."""

    desk: Desk
    prompt: str
    late: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    async with desk_in(tmp_path_factory.mktemp("attained"), "intake", "sla") as desk:
        await _save(desk, f"institution/{HOSPITAL}", {"name": "市第一人民医院"})
        days = {"begins": "2020-01-01", "ends": "2099-12-31"}
        contract = {"name": "市一院运维合同", "institution_codes": [HOSPITAL], **days, "clauses": CLAUSES}
        await _save(desk, f"contract/{CONTRACT}", contract)
        prompt = await opened(desk, "prompt", institution=HOSPITAL)
        late = await opened(desk, "late", institution=HOSPITAL, occurred_at=BEGUN)
        stranger = await opened(desk, "stranger")
        await opened(desk, "waits", institution=HOSPITAL)
        for case in (prompt, late, stranger):
            assert (await do(desk, case, "respond", text="请重试")).status_code == 200
            await clocks(desk, case, state="met")
        assert (await do(desk, prompt, "resolve", resolution="已恢复")).status_code == 200
        await desk.handled("sla")
        yield Played(desk, prompt, late)


async def _save(desk: Desk, path: str, body: Json) -> None:
    answer = await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body, headers=WANG)
    assert answer.status_code == 200, answer.text


async def figures(desk: Desk, **more: str) -> Json:
    told: Json = await desk.get("sla", "/attainment", **MONTHS, **more)
    assert "digest" in told, told
    return told


async def post(desk: Desk, path: str, who: dict[str, str], body: Json) -> httpx.Response:
    return await desk.http.post(desk.url("sla", f"/exemptions{path}"), headers=who, json=body)


async def yibao(desk: Desk, *more: str) -> tuple[int, str]:
    """Exit code and words of `yibao sla attainment` about these months."""
    span = ["--month", MONTHS["month"], "--until", MONTHS["until"]]
    command = [sys.executable, "-m", "yibao", "sla", "attainment", *span, *more]
    environment = {**os.environ, **desk.settings.environment(), "COLUMNS": "200"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    words, _ = await process.communicate()
    return process.returncode or 0, words.decode()


def counts(line: Json) -> dict[str, int]:
    return {name: line[name] for name in ("kept", "late", "exempted", "open", "void") if line[name]}


async def test_figures_are_by_clause_and_drill_down_to_the_cases(played: Played) -> None:
    desk = played.desk
    told = await figures(desk, by="institution")
    assert [(c["number"], c["verdict"], counts(c["line"])) for c in told["clauses"]] == [
        ("3.1", "未达标", {"kept": 1, "late": 1, "open": 1}), ("3.2", "达标", {"kept": 1, "open": 2}),
    ]  # fmt: skip
    by = {line["name"]: line for line in told["groups"]["institution"]}
    assert counts(by["市第一人民医院"]) == {"kept": 2, "late": 1, "open": 3}
    assert counts(by["未登记机构"]) == {"kept": 1, "open": 1}

    only = {"institution": HOSPITAL, "clock": "first_response", "outcome": "late"}
    found = await desk.get("sla", "/attainment/rows", **MONTHS, **only)
    assert found["cycles"] == 1
    [row] = found["rows"]
    assert (row["case_id"], row["contract"], row["within_s"]) == (played.late, CONTRACT, 1800)
    account = (await desk.get("sla", row["links"]["account"]))["clocks"][0]
    assert account["counted_s"] == pytest.approx(row["counted_s"])
    assert (await desk.get("intake", row["links"]["case"]))["id"] == played.late

    half = await desk.get("sla", "/attainment/rows", **MONTHS, limit=3)
    rest = await desk.get("sla", "/attainment/rows", **MONTHS, offset=half["next"], as_of=half["as_of"])
    assert len(half["rows"]) + len(rest["rows"]) == half["cycles"] == told["total"]["cycles"] == 8


async def test_what_cannot_be_asked_is_said_in_words(played: Played) -> None:
    desk = played.desk
    wrong: list[tuple[dict[str, str], str]] = [
        ({"month": "2026"}, "请写成"), ({"by": "doctor"}, "doctor"), ({"contracts": "x"}, "不认识的参数 contracts"),
        ({"contract": "nope"}, "没有这份合同"), ({"clock": "first"}, "chase"), ({"outcome": "xx"}, "可用 kept"),
        ({"as_of": "2099-01-01T00:00:00+08:00"}, "还没有到"), ({"as_of": "1"}, "请写成"),
        ({"as_of": "0001-01-01T00:00:00+08:00"}, "2000 至"), ({"as_of": "9999-12-31T23:59:59-08:00"}, "2000 至"),
    ]  # fmt: skip
    for parameters, why in wrong:
        answer = await desk.http.get(desk.url("sla", "/attainment"), params={**MONTHS, **parameters})
        assert (answer.status_code, why in answer.json()["message"]) == (400, True), answer.text
    told = await figures(desk)
    blank = await desk.http.get(f"{desk.url('sla', '/attainment')}?month={MONTHS['month']}&as_of={told['as_of']}")
    assert (blank.status_code, blank.json()["as_of"]) == (200, told["as_of"]), blank.text  # its + was not quoted
    for options in (("--as-of", "garbage"), ("--as-of", "2099-01-01T00:00:00Z"), ("--only", "contract=nope"),
                    ("--xlsx", "/nowhere/a.xlsx"), ("--pdf", "/nowhere/a.pdf")):  # fmt: skip
        code, words = await yibao(desk, *options)
        assert (code, "Traceback" in words, "请" in words, "校验码" in words) == (2, False, True, False), words


async def test_only_a_whole_contract_is_judged(played: Played) -> None:
    desk = played.desk
    assert len((await figures(desk, contract=CONTRACT))["clauses"]) == 2
    some = await figures(desk, contract=CONTRACT, outcome="kept")
    assert (some["clauses"], some["judged"]) == ([], False)


async def test_an_exemption_that_is_written_wrongly_never_comes_to_mean_everything(played: Played) -> None:
    desk = played.desk
    wish = {
        "ground": "other", "text": "停机", "begins": "2026-11-19T12:00:00+08:00", "ends": "2026-11-19T13:00:00+08:00",
    }  # fmt: skip
    scopes: list[Json] = [
        {}, {"institution": [HOSPITAL]}, {"cases": [played.late]}, {"contract": [CONTRACT]}, {"contracts": ["ht-O1"]},
        {"institutions": ["H62010299999"]}, {"case_ids": ["YB-NOPE"]}, {"clocks": ["first"]},
        {"clocks": ["chase"] * 9}, {"everything": True, "clocks": ["chase"]},
    ]  # fmt: skip
    every = {"everything": True}
    wrong: list[tuple[int, Json]] = [(400, {**wish, "scope": scope}) for scope in scopes]
    wrong += [(400, wish), (400, {**wish, "scope": every, "contracts": []})]
    wrong += [
        (400, {**wish, "text": " \u3000 ", "scope": every}),
        (422, {**wish, "text": "+8613800138000", "scope": every}),
    ]
    wrong += [(409, {**wish, "begins": "0001-01-01T00:00:00+08:00", "ends": "0001-01-02T00:00:00Z", "scope": every})]
    for status, body in wrong:
        answer = await post(desk, "", WANG, body)
        assert answer.status_code == status, (body, answer.text)
    assert await desk.get("sla", "/exemptions") == []


async def test_the_same_wish_is_one_exemption_and_whoever_asked_is_known_in_any_spelling(played: Played) -> None:
    desk = played.desk
    number = (await desk.get("intake", f"/cases/{played.late}"))["number"]
    times = {"begins": "2026-01-19T12:00:00+08:00", "ends": "2026-01-19T13:00:00+08:00"}
    wish = {"ground": "other", "text": " 停机 ", **times, "scope": {"case_ids": [number.lower()]}}
    once = {**WANG, "Idempotency-Key": "one"}
    first, again = [await post(desk, "", once, wish) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.json()["id"] == again.json()["id"]
    [shown] = await desk.get("sla", "/exemptions")
    assert (shown["scope"], shown["text"]) == ({"case_ids": [played.late]}, "停机")
    assert shown["scope_name"] == f"适用范围: 工单 {played.late}"
    one = f"/{shown['id']}"
    mine = await post(desk, f"{one}/approve", {"X-Yibao-Staff": "Wang.Fang"}, {})
    assert (mine.status_code, mine.json()["code"]) == (409, "same_person")
    assert (await post(desk, f"{one}/revoke", WANG, {"reason": "  "})).status_code == 400
    for _ in range(2):
        answer = await post(desk, f"{one}/revoke", {**WANG, "Idempotency-Key": "two"}, {"reason": "重复申请"})
        assert answer.status_code == 200, answer.text


async def test_an_exemption_needs_two_people_and_counts_from_then_until_it_is_revoked(played: Played) -> None:
    desk = played.desk
    before = await figures(desk)
    span = {"begins": BEGUN.isoformat(), "ends": (BEGUN + timedelta(minutes=50)).isoformat()}
    wish = {"ground": "platform_maintenance", "text": "省平台停机升级", **span, "scope": {"contracts": [CONTRACT]}}
    asked = await post(desk, "", WANG, wish)
    assert asked.status_code == 200, asked.text
    one = f"/{asked.json()['id']}"
    assert [e["requester"] for e in await desk.get("sla", "/exemptions", standing="requested")] == ["wang.fang"]
    refused = await post(desk, f"{one}/approve", WANG, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "same_person")
    assert counts((await figures(desk))["clauses"][0]["line"]) == {"kept": 1, "late": 1, "open": 1}

    assert (await post(desk, f"{one}/approve", ZHAO, {"reason": "与公告一致"})).status_code == 200
    after = await figures(desk)
    assert counts(after["clauses"][0]["line"]) == {"kept": 1, "exempted": 1, "open": 1}
    assert (after["clauses"][0]["verdict"], len(after["exemptions"])) == ("达标", 1)
    then = await figures(desk, as_of=before["as_of"])
    assert (then["digest"], then["clauses"]) == (before["digest"], before["clauses"])
    code, words = await yibao(desk, "--recompute")
    assert (code, "一致" in words) == (0, True), words

    assert (await post(desk, f"{one}/revoke", WANG, {"reason": "时段有误"})).status_code == 200
    again = await figures(desk)
    assert counts(again["clauses"][0]["line"]) == {"kept": 1, "late": 1, "open": 1}
    assert await desk.get("sla", "/exemptions", standing="requested") == []
    shown = await desk.get("sla", f"/exemptions{one}")
    assert [(d["standing"], d["by"]) for d in shown["decisions"]] == [
        ("requested", "wang.fang"), ("approved", "zhao.lei"), ("revoked", "wang.fang"),
    ]  # fmt: skip
    said = [event["type"] for event in await desk.stream("EXEMPTION") if event["exemption_id"] == one[1:]]
    assert said == ["exemption.requested", "exemption.approved", "exemption.revoked"]


async def test_api_workbook_page_and_stream_give_the_same_numbers(played: Played, tmp_path: Path) -> None:
    desk = played.desk
    told = await figures(desk, by="institution")
    at = {**MONTHS, "as_of": told["as_of"]}
    body = (await desk.http.get(desk.url("sla", "/attainment.xlsx"), params=at)).content
    book = openpyxl.load_workbook(BytesIO(body))
    clauses = [[cell.value for cell in row] for row in book["条款达成"].iter_rows(min_row=6, max_row=7)]
    for line, clause in zip(clauses, told["clauses"], strict=True):
        counted = [clause["line"][name] for name in ("kept", "late", "exempted", "open", "void", "cycles")]
        assert line[5:13] == [*counted, pytest.approx(clause["line"]["rate"]), clause["verdict"]]
    assert book["明细"].max_row - 5 == told["total"]["cycles"]
    assert book["按机构"]["A4"].value == f"校验码: {told['digest']}"
    page = (await desk.http.get(desk.url("sla", "/attainment.pdf"), params=at)).content
    assert told["digest"][:16] in PdfReader(BytesIO(page)).pages[0].extract_text()

    mine = tmp_path / "mine.xlsx"
    code, words = await yibao(desk, "--as-of", told["as_of"], "--recompute", "--xlsx", str(mine))
    assert (code, f"校验码 {told['digest']}" in words) == (0, True), words
    assert mine.read_bytes() == body
    late = await figures(desk, as_of=told["as_of"], contract=CONTRACT, outcome="late")
    only = ["--only", f"contract={CONTRACT}", "--only", "outcome=late", "--recompute"]
    code, words = await yibao(desk, "--as-of", told["as_of"], *only)
    assert (code, f"校验码 {late['digest']}" in words) == (0, True), words


async def test_what_somebody_changes_in_the_database_is_not_what_the_stream_tells(played: Played) -> None:
    desk, stored = played.desk, played.desk.mongo[played.desk.settings.mongo_db]["clocks"]
    first = {"_id": UUID(played.late), "state.clocks.clock": "first_response"}
    await stored.update_one(first, {"$set": {"state.clocks.$.breached": False}})
    try:
        code, words = await yibao(desk, "--recompute")
        assert (code, "不一致: 1 条" in words) == (1, True), words
        assert "outcome 所存 达成, 重算 超时" in words
    finally:
        await stored.update_one(first, {"$set": {"state.clocks.$.breached": True}})


async def test_a_contract_with_other_clauses_is_judged_by_them_from_then_on(played: Played) -> None:
    desk = played.desk
    before = await figures(desk)
    days = {"begins": "2020-01-01", "ends": "2099-12-31"}
    contract = {"name": "市一院运维合同", "institution_codes": [HOSPITAL], **days, "clauses": CLAUSES[:1]}
    await _save(desk, f"contract/{CONTRACT}", contract)

    async def known() -> bool:
        return len((await figures(desk))["clauses"]) == 1

    await until("the other clauses are known", known)
    assert (await figures(desk, as_of=before["as_of"]))["clauses"] == before["clauses"]
