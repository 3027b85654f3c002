"""Knowledge on a real nats-server and a real mongod: what is resolved is found over HTTP, whatever happens."""

import shutil
from collections.abc import AsyncIterator

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Each test finds the articles of the tests before it."""
    async with desk_in(tmp_path_factory.mktemp("knowledge"), "knowledge") as desk:
        yield desk


async def publish(desk: Desk, *events: CaseResolved) -> None:
    for event in events:
        await desk.put(event.model_dump_json().encode(), "case.resolved")


async def find(desk: Desk, query: str) -> list[Json]:
    hits: list[Json] = (await desk.get("knowledge", "/search", q=query)).get("hits", [])
    return hits


async def found(desk: Desk, query: str, within_s: float = 20.0) -> list[Json]:
    """The hits as soon as there are any."""
    return await until(f"{query} is found", lambda: find(desk, query), within_s)


async def test_an_empty_library_says_so_in_chinese(desk: Desk) -> None:
    assert "知识库还没有条目" in (await desk.get("knowledge", "/search", q="结算"))["message"]


async def test_a_resolved_case_is_found_within_two_seconds(desk: Desk) -> None:
    question = "门诊医保结算失败，2207接口报错"
    await publish(desk, resolved(1, 3, title="门诊医保结算失败", question=question, resolution="重新签到"))
    hits = await found(desk, "2207", within_s=2.0)
    assert (hits[0]["number"], hits[0]["title"]) == ("YB-00001-00000", "门诊医保结算失败")
    start, end = hits[0]["marks"][0]
    assert hits[0]["snippet"][start:end] == "2207"
    id_ = hits[0]["article_id"]
    assert (await desk.get("knowledge", f"/articles/{id_}"))["answer"] == "重新签到"
    assert (await desk.get("knowledge", "/articles/yb-00001-00000"))["id"] == id_
    assert await desk.get("knowledge", "/articles/counts") == {"total": 1, "by_category": {"结算支付": 1}}


async def test_a_later_resolution_replaces_and_an_earlier_one_that_comes_late_does_not(desk: Desk) -> None:
    await publish(desk, resolved(2, 9, resolution="更换读卡器"))
    await found(desk, "读卡器")
    await publish(desk, resolved(2, 5, resolution="重装驱动"), resolved(2, 12, resolution="升级固件"))
    await found(desk, "固件")
    assert [h["number"] for h in await find(desk, "驱动") + await find(desk, "读卡器")] == []


async def test_errors_are_chinese(desk: Desk) -> None:
    assert "没有知识条目" in (await desk.get("knowledge", "/articles/nobody"))["message"]
    assert "没有类别" in (await desk.get("knowledge", "/search", category="nothing"))["message"]


async def test_a_long_question_full_of_operators_is_answered(desk: Desk) -> None:
    hits = await find(desk, "结算 AND (失败 OR -2207:*~^ 😀" + "怎么办" * 1_000)
    assert hits[0]["number"] == "YB-00001-00000"


async def test_metrics_tell_how_many_articles_there_are(desk: Desk) -> None:
    text = (await desk.http.get(desk.url("knowledge", "/metrics"))).text
    assert "yibao_articles 2.0" in text
    assert "yibao_index_lag_messages 0.0" in text
    assert "yibao_search_seconds_bucket" in text


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


async def test_removed_messages_are_not_waited_for(desk: Desk) -> None:
    await desk.stop("knowledge")
    await publish(desk, resolved(6, 3, resolution="门特资格复审"))
    await desk.start("knowledge")
    await found(desk, "门特")
    await desk.stop("knowledge")
    shutil.rmtree(desk.settings.data_dir / "knowledge")
    await desk.js.delete_msg("KNOWLEDGE", (await desk.js.stream_info("KNOWLEDGE")).state.last_seq)
    await desk.start("knowledge")
    assert await find(desk, "2207") and not await find(desk, "门特")


async def test_another_stream_has_another_index(desk: Desk) -> None:
    await desk.js.delete_stream("KNOWLEDGE")
    await desk.js.add_stream(stream_config(next(s for s in STREAMS if s.name == "KNOWLEDGE")))

    async def empty() -> str:
        return str((await desk.get("knowledge", "/search", q="2207"))["message"])

    assert await until("the library says that it is empty", empty)
    await publish(desk, resolved(7, 3, resolution="生育津贴补发"))
    assert [h["number"] for h in await found(desk, "津贴")] == ["YB-00007-00000"]
