"""The API of cases over real HTTP: lists and pages, full text, records, and the proof that nothing was changed."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from pypdf import PdfReader

from chassis.chain import hash_of
from services.intake.record.why import SENTENCES
from tests.integration.cases import NOBODY, STAFF, case_of, do, fresh, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("api"), "intake") as desk:
        yield desk


async def listed(desk: Desk, **asked: Any) -> httpx.Response:
    answer = await desk.http.get(desk.url("intake", "/cases"), params=asked)
    assert answer.status_code == 200, answer.text
    return answer


async def pages(desk: Desk, **asked: Any) -> list[list[str]]:
    """The ids of every page, followed by their cursors."""
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await listed(desk, **asked, **cursor)
        found.append([case["id"] for case in answer.json()])
        if (following := answer.headers.get("X-Next-Cursor")) is None:
            return found
        cursor = {"cursor": following}


async def test_a_case_shows_every_field_also_those_that_nobody_has_set(desk: Desk) -> None:
    case = await desk.get("intake", f"/cases/{await opened(desk, 'fields', text='2207接口报错：交易超时')}")
    assert (case["kind"] is not None, case["assignee"], case["visits"], case["outage"]) == (True, None, [], None)
    assert case["lines"][0]["staff"] is False
    assert case["lines"][0]["why_text"] == SENTENCES[case["lines"][0]["why"]]
    assert case["why_text"].startswith("该会话的第一条消息")
    assert case["chain"]["ok"] is True and len(case["chain"]["head"]) == 64
    assert case["timeline"][0]["actor"]["kind"] == "requester"
    assert case["timeline"][0]["cause_id"]


async def test_pages_neither_skip_nor_repeat_a_case_that_was_touched_in_the_same_moment(desk: Desk) -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    messages = [fresh(f"page-{n}", f"分页 {n}", occurred_at=moment - timedelta(seconds=n // 7)) for n in range(23)]
    await desk.send(*[m.model_copy(update={"channel": "qq"}) for m in messages])
    await desk.handled("intake")
    whole = [case["id"] for case in (await listed(desk, channel="qq", limit=500)).json()]
    assert len(whole) == 23
    for limit in (1, 4, 7, 22, 23):
        found = await pages(desk, channel="qq", limit=limit)
        assert [id_ for page in found for id_ in page] == whole, f"pages of {limit}"
        assert all(len(page) == limit for page in found[:-1])
    answer = await listed(desk, channel="qq", limit=4)
    [link] = [answer.headers["Link"].split(";")[0].strip("<>")]
    assert [c["id"] for c in (await desk.http.get(desk.url("intake", link))).json()] == whole[4:8]


async def test_a_list_can_be_filtered_by_what_staff_ask_for(desk: Desk) -> None:
    mine = await opened(desk, "mine", text="门诊结算失败", institution="H62010200777")
    other = await opened(desk, "other", text="门诊结算又失败")
    await do(desk, mine, "assign", assignee="filter-li", reason="懂结算")
    await do(desk, mine, "wait", waiting_for="institution", reason="等医院截图")
    state = await desk.get("intake", f"/cases/{mine}")
    hour = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    async def ids(**asked: Any) -> set[str]:
        return {case["id"] for case in (await listed(desk, limit=500, **asked)).json()}

    for asked in (
        {"assignee": "filter-li"}, {"institution": "H62010200777"}, {"waiting_for": "institution"},
        {"status": ["waiting", "closed"], "kind": state["kind"]}, {"owes": "institution"},
        {"category": state["category"], "assignee": "filter-li", "opened_since": hour, "touched_since": hour},
    ):  # fmt: skip
        assert mine in (found := await ids(**asked)), asked
        assert other not in found or "kind" not in asked, asked
    assert other in await ids(unassigned=True) and mine not in await ids(unassigned=True)
    assert other in await ids(owes="desk"), "a default is not stored and is found nevertheless"
    assert await ids(assignee="filter-li", touched_until=hour) == set()
    assert await ids(outage="GZ-00000") == set()


async def test_what_cannot_be_understood_says_what_to_do(desk: Desk) -> None:
    for asked in (
        {"cursor": "zzz"},
        {"opened_since": "2026-11-22T09:00:00"},
        {"q": "x", "cursor": "-1"},
        {"q": "a\x00b"},
    ):
        answer = await desk.http.get(desk.url("intake", "/cases"), params=asked)
        assert (answer.status_code, answer.json()["message"][-1]) != (200, ""), answer.text
        assert answer.status_code == 400, asked
    assert (await desk.http.get(desk.url("intake", "/cases"), params={"status": "lost"})).status_code == 400


async def found_by(desk: Desk, words: str, **more: Any) -> list[str]:
    return [case["id"] for case in (await listed(desk, q=words, **more)).json()]


async def test_full_text_finds_words_and_numbers_the_best_first(desk: Desk) -> None:
    weak = await opened(desk, "weak", text="住院清单怎么打印, 另外门特备案的材料要哪些")
    best = await opened(desk, "best", text="门特备案一直提示诊断编码错误, 错误码 E10035", institution="H62010200555")
    number = (await desk.get("intake", f"/cases/{best}"))["number"]

    async def indexed() -> bool:
        return {weak, best} <= set(await found_by(desk, "门特备案"))

    await until("both are found", indexed)
    assert await found_by(desk, "门特备案 诊断编码") == [best, weak]
    for words in (number, "H62010200555", "E10035", "Ｅ１００３５"):
        assert (await found_by(desk, words))[0] == best, words
    assert best not in await found_by(desk, "门特备案", status="closed")
    assert await found_by(desk, "门特备案", limit=1, cursor="1") != await found_by(desk, "门特备案", limit=1)
    assert await found_by(desk, "，。！") == []
    await do(desk, weak, "resolve", resolution="在自助机上选择补打")

    async def again() -> bool:
        answer = await listed(desk, q="自助机补打")
        return answer.headers["X-Index-Behind"] == "0" and weak in [c["id"] for c in answer.json()]

    await until("a changed case is found by its solution", again)


async def test_an_index_that_is_lost_is_built_anew_from_the_database(desk: Desk) -> None:
    case = await opened(desk, "rebuilt", text="生育津贴申领的进度在哪里查询")
    await desk.stop("intake")
    folder = desk.settings.data_dir / "intake" / "search"
    for file in sorted(folder.rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    await desk.start("intake")

    async def indexed() -> bool:
        return case in await found_by(desk, "生育津贴 申领 进度")

    await until("it is found again", indexed)


async def record(desk: Desk, case: str, form: str) -> httpx.Response:
    answer = await desk.http.get(desk.url("intake", f"/cases/{case}/export"), params={"format": form})
    assert answer.status_code == 200, answer.text
    return answer


async def told(desk: Desk) -> str:
    case = await opened(
        desk, f"told-{datetime.now(UTC).timestamp()}",
        text="2207接口报错：交易超时 <b>急</b> & 参保人电话 13912345678 😀\n第二行",
    )  # fmt: skip
    await do(desk, case, "assign", assignee="wang.fang", reason="值班")
    await do(desk, case, "respond", text="请稍候, 正在查看", via="phone")
    await do(desk, case, "note", text="已联系省平台")
    await do(desk, case, "resolve", resolution="省平台已恢复, 请重新结算")
    return case


async def test_a_record_as_json_proves_itself(desk: Desk) -> None:
    case = await told(desk)
    answer = await record(desk, case, "json")
    made = answer.json()
    assert answer.headers["Content-Disposition"].endswith('.json"')
    before = ""
    for text in made["chain"]["said"]:
        assert msgspec.json.decode(text)["previous"] == before
        before = hash_of(text.encode())
    assert before == made["chain"]["head"]
    assert "13912345678" not in answer.text
    assert [e["type"] for e in made["timeline"]][:3] == ["case.opened", "case.assigned", "case.responded"]
    assert made["case"]["status"] == "resolved"


async def test_a_record_as_pdf_can_be_read(desk: Desk) -> None:
    case = await told(desk)
    answer = await record(desk, case, "pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    made = (await record(desk, case, "json")).json()
    for words in ("工单档案", made["case"]["number"], "<b>急</b>&", "省平台已恢复,请重新结算", "wang.fang",
                  "内部备注", "已联系省平台", made["chain"]["head"], "第二行", "微信"):  # fmt: skip
        assert words in text, words
    assert "13912345678" not in text


async def test_a_long_case_is_printed_on_as_many_pages_as_it_takes(desk: Desk) -> None:
    case = await opened(desk, "long", text="结算失败的详细经过。" * 1_500)
    for n in range(30):
        await do(desk, case, "note", text=f"第 {n} 次备注 " + "内容" * 60)
    pages = PdfReader(io.BytesIO((await record(desk, case, "pdf")).content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert len(pages) >= 3 and 290 <= text.count("结算失败的详细经过。") <= 310, "in conversation and timeline, cut"
    assert text.count("全文见JSON档案") == 2
    assert "第29次备注" in text


async def verdict(desk: Desk, case: str) -> Json:
    found: Json = await desk.get("intake", f"/cases/{case}/audit")
    return found


async def test_a_record_that_was_changed_in_the_database_is_found(desk: Desk) -> None:
    case = await told(desk)
    assert (await verdict(desk, case))["ok"] is True
    cases = desk.mongo[desk.settings.mongo_db]["cases"]
    stored = await cases.find_one({"state.number": (await desk.get("intake", f"/cases/{case}"))["number"]})
    assert stored is not None
    history = stored["history"]
    await cases.update_one({"_id": stored["_id"]}, {"$set": {"history.1": history[1].replace("wang.fang", "li.qiang")}})
    broken = await verdict(desk, case)
    assert (broken["ok"], broken["broken_at"]) == (False, 2)
    await cases.update_one({"_id": stored["_id"]}, {"$set": {"history": history[:-1]}})
    assert (await verdict(desk, case))["ok"] is False
    assert (await desk.get("intake", f"/cases/{case}"))["chain"]["ok"] is False


async def test_a_message_knows_its_case_and_staff_actions_need_a_name(desk: Desk) -> None:
    case = await opened(desk, "named")
    assert (await case_of(desk, "named"))["id"] == case
    assert (await do(desk, case, "note", NOBODY, text="x")).status_code == 401
    assert (await do(desk, case, "merge", STAFF, into="YB-00000-00000")).status_code == 404
