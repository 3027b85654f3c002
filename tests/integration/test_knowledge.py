"""Knowledge on a real nats-server and a real mongod: what is resolved is found over HTTP, whatever happens."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.provision import stream_config
from contracts.case import CaseResolved
from contracts.topology import STREAMS
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.knowledge.articles import resolved

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
ENGINEER = {"X-Yibao-Viewer": "engineers", "X-Yibao-Staff": "ligong"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Each test finds the articles of the tests before it."""
    async with desk_in(tmp_path_factory.mktemp("knowledge"), "knowledge") as desk:
        yield desk


async def publish(desk: Desk, *events: CaseResolved) -> None:
    for event in events:
        await desk.put(event.model_dump_json().encode(), "case.resolved")


async def ask(desk: Desk, path: str, viewer: str = "engineers", **parameters: Any) -> Json:
    headers = {**ENGINEER, "X-Yibao-Viewer": viewer}
    body: Json = (await desk.http.get(desk.url("knowledge", path), params=parameters, headers=headers)).json()
    return body


async def find(desk: Desk, query: str) -> list[Json]:
    hits: list[Json] = (await ask(desk, "/search", q=query)).get("hits", [])
    return hits


async def found(desk: Desk, query: str) -> list[Json]:
    """The hits as soon as there are any."""
    return await until(f"{query} is found", lambda: find(desk, query))


async def test_an_empty_library_says_so_in_chinese(desk: Desk) -> None:
    assert "知识库还没有您可以查看的条目" in (await ask(desk, "/search", q="结算"))["message"]


async def test_a_resolved_case_is_found_within_two_seconds_by_engineers_and_nobody_else(desk: Desk) -> None:
    question = "门诊医保结算失败，2207接口报错"
    await publish(desk, resolved(1, 3, title="门诊医保结算失败", question=question, resolution="重新签到"))
    [hit] = await found(desk, "2207")
    assert (hit["number"], hit["title"], hit["state"], hit["similar_case"]) == (
        "YB-00001-00000", "门诊医保结算失败", "draft", True,
    )  # fmt: skip
    start, end = hit["marks"][0]
    assert hit["snippet"][start:end] == "2207"
    for viewer in ("centre", "hospitals", "hospital:H43010000001"):
        told = await ask(desk, "/search", viewer, q="2207")
        assert (told["hits"], told["total"], told["did_you_mean"]) == ([], 0, None)
        assert (await ask(desk, "/search/suggest", viewer, q="门诊"))["titles"] == []


async def test_what_is_being_typed_and_misspelt_leads_to_it(desk: Desk) -> None:
    assert [t["title"] for t in (await ask(desk, "/search/suggest", q="门诊医"))["titles"]] == ["门诊医保结算失败"]
    assert (await ask(desk, "/search", q="门诊结蒜失败"))["did_you_mean"] == "门诊结算失败"
    assert [h["number"] for h in await find(desk, "門診醫保結算")] == ["YB-00001-00000"]


async def test_a_later_resolution_replaces_and_an_earlier_one_that_comes_late_does_not(desk: Desk) -> None:
    await publish(desk, resolved(2, 9, resolution="更换读卡器"))
    await found(desk, "读卡器")
    await publish(desk, resolved(2, 5, resolution="重装驱动"), resolved(2, 12, resolution="升级固件"))
    await found(desk, "固件")
    assert [h["number"] for h in await find(desk, "驱动") + await find(desk, "读卡器")] == []


async def test_errors_are_chinese(desk: Desk) -> None:
    assert "没有" in (await ask(desk, "/articles/nobody"))["message"]
    refused = await desk.http.post(desk.url("knowledge", "/index/rebuild"), headers={"X-Yibao-Viewer": "centre"})
    assert (refused.status_code, "没有这项权限" in refused.json()["message"]) == (httpx.codes.FORBIDDEN, True)


async def test_a_long_question_full_of_operators_is_answered(desk: Desk) -> None:
    hits = await find(desk, "结算 AND (失败 OR -2207:*~^ 😀" + "怎么办" * 1_000)
    assert hits[0]["number"] == "YB-00001-00000"


async def test_metrics_tell_how_many_articles_there_are(desk: Desk) -> None:
    async def told() -> bool:
        text = (await desk.http.get(desk.url("knowledge", "/metrics"))).text
        assert "yibao_search_seconds_bucket" in text
        return "yibao_articles 2.0" in text and "yibao_index_lag_messages 0.0" in text

    await until("the gauges are level", told)


async def test_the_index_and_the_database_are_compared(desk: Desk) -> None:
    compared = await ask(desk, "/index/check")
    assert (compared["same"], compared["articles"], compared["indexed"]) == (True, 2, 2)


async def test_the_index_is_built_anew_while_it_answers(desk: Desk) -> None:
    before = set((desk.settings.data_dir / "knowledge").glob("index-*"))
    begun = await desk.http.post(desk.url("knowledge", "/index/rebuild"), headers=ENGINEER)
    assert begun.status_code == httpx.codes.ACCEPTED

    async def over() -> bool:
        assert await find(desk, "2207"), "the present generation answers"
        return not (await ask(desk, "/index"))["rebuild"]["running"]

    await until("the rebuild is over", over)
    told = await ask(desk, "/index")
    assert (told["rebuild"]["failed"], told["rebuild"]["documents"], told["articles"]) == ("", 2, 2)
    after = set((desk.settings.data_dir / "knowledge").glob("index-*"))
    assert (len(after), before & after) == (1, set())
    assert (await ask(desk, "/index/check"))["same"]
    await publish(desk, resolved(9, 3, resolution="重启前置机"))
    assert await found(desk, "前置机"), "the feed goes on with the new generation"


@pytest.mark.parametrize("forget", [False, True])
async def test_after_a_crash_the_index_goes_on_or_is_built_anew(desk: Desk, forget: bool) -> None:
    await desk.kill("knowledge")
    if forget:
        shutil.rmtree(desk.settings.data_dir / "knowledge")
    await publish(desk, resolved(3 + forget, 3, resolution="核对目录编码"))
    await desk.start("knowledge")

    async def new_one_found() -> bool:
        return f"YB-0000{3 + forget}-00000" in {h["number"] for h in await find(desk, "目录")}

    await until("the new article is found", new_one_found)
    assert await find(desk, "2207") and await find(desk, "固件")


async def test_the_server_may_be_restarted(desk: Desk) -> None:
    await desk.stop("nats")
    assert await find(desk, "2207"), "the index answers without the server"
    await desk.servers.start("nats")
    await desk.ready("knowledge")
    await desk.connected()
    await publish(desk, resolved(5, 3, resolution="检查专线网络"))
    assert await found(desk, "专线")


async def test_removed_messages_are_not_waited_for_and_the_comparison_tells_of_them(desk: Desk) -> None:
    await desk.stop("knowledge")
    await publish(desk, resolved(6, 3, resolution="门特资格复审"))
    await desk.start("knowledge")
    [hit] = await found(desk, "门特资格")
    await desk.stop("knowledge")
    shutil.rmtree(desk.settings.data_dir / "knowledge")
    await desk.js.delete_msg("KNOWLEDGE", (await desk.js.stream_info("KNOWLEDGE")).state.last_seq)
    await desk.start("knowledge")
    assert await find(desk, "2207") and not await find(desk, "门特资格")
    async with asyncio.timeout(20):
        compared = await ask(desk, "/index/check")
    assert (compared["same"], compared["differs"], compared["missing"]) == (False, 1, [hit["article_id"]])


async def test_another_stream_has_another_index(desk: Desk) -> None:
    await desk.js.delete_stream("KNOWLEDGE")
    await desk.js.add_stream(stream_config(next(s for s in STREAMS if s.name == "KNOWLEDGE")))

    async def empty() -> str:
        return str((await ask(desk, "/search", q="2207"))["message"])

    assert await until("the library says that it is empty", empty)
    await publish(desk, resolved(7, 3, resolution="生育津贴补发"))
    assert [h["number"] for h in await found(desk, "津贴")] == ["YB-00007-00000"]
