"""Messages that come again, or too many of them; docs/bad-input.md has a line for every test of this module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chassis import deadletter
from tests.integration.bad import body_of
from tests.integration.cases import case_of, fresh
from tests.support.desk import Desk, desk_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("again"), "intake") as desk:
        yield desk


@pytest.mark.parametrize("window", ["within", "outside"])
async def test_a_known_id_with_other_content_is_a_dead_letter(desk: Desk, window: str) -> None:
    first, other = (fresh(f"twice-{window}", text) for text in ("2207报错", "3201报错"))
    await desk.send(first)
    await case_of(desk, first.message_id)
    before = len(await desk.dead())
    await (desk.send(other) if window == "within" else desk.put(body_of(other)))
    await desk.handled("intake")
    [letter] = (await desk.dead())[before:]
    assert "内容不同" in deadletter.decode((letter.headers or {})[deadletter.REASON])
    case = await case_of(desk, first.message_id)
    assert ([line["text"] for line in case["lines"]], case["version"]) == (["2207报错"], 1)


@pytest.mark.parametrize("window", ["within", "outside"])
async def test_a_known_id_with_the_same_content_changes_nothing(desk: Desk, window: str) -> None:
    once = fresh(f"again-{window}")
    await desk.send(once)
    await desk.handled("intake")
    stored, said, dead = [(await desk.js.stream_info(s)).state.messages for s in ("CHANNEL", "CASE", "DEAD")]
    await (desk.send(once) if window == "within" else desk.put(body_of(once)))
    await desk.handled("intake")
    after = [(await desk.js.stream_info(s)).state.messages for s in ("CHANNEL", "CASE", "DEAD")]
    assert after == [stored + (window == "outside"), said, dead]
    assert ((await case_of(desk, once.message_id))["received"], (await case_of(desk, once.message_id))["version"]) == (
        1,
        1,
    )


async def test_one_id_in_two_conversations_belongs_to_the_case_that_had_it_first(desk: Desk) -> None:
    both = [fresh("shared-id", text, conversation=text) for text in ("甲院结算失败", "乙院签到异常")]
    dead = len(await desk.dead())
    await desk.send(*both)
    await desk.handled("intake")
    documents = await desk.documents("cases")
    knowing = [d for d in documents if both[0].cause_id in d["causes"]]
    assert [d["state"]["title"] for d in knowing] == ["甲院结算失败"]
    assert len(await desk.dead()) == dead + 1


async def test_ten_thousand_messages_of_one_sender_are_all_accounted_for(desk: Desk) -> None:
    texts = ("结算失败" if n % 2 else f"第{n}次还是不行" for n in range(10_000))
    flood = [fresh(f"flood{n}", text, conversation="flood", sender="flooder") for n, text in enumerate(texts)]
    await desk.send(*flood)
    await desk.handled("intake")
    cases = [c for c in await desk.get("intake", "/cases", limit=500) if c["requester_id"] == "flooder"]
    assert sum(len(c["lines"]) + c["repeats"] for c in cases) == 10_000
    where = [k for c in cases for line in c["lines"] for k in line["message_ids"]]
    assert sorted(where) == sorted(m.message_id for m in flood)
    assert max(len(c["lines"]) for c in cases) <= 200
    assert sum(c["current"] for c in cases) <= 1
