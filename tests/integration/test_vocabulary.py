"""Synonyms over HTTP on real servers: taught by the desk, heard in memory, refused in Chinese."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.knowledge.vocabulary.model import shipped_id
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
STAFF = {"X-Yibao-Staff": "E001"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Each test finds the groups of the tests before it."""
    async with desk_in(tmp_path_factory.mktemp("vocabulary"), "knowledge") as desk:
        yield desk


async def ask(desk: Desk, method: str, path: str, **more: Any) -> httpx.Response:
    more["headers"] = {**STAFF, **more.get("headers", {})}
    return await desk.http.request(method, desk.url("knowledge", path), **more)


async def equals(desk: Desk, text: str) -> dict[str, list[str]]:
    found = (await ask(desk, "GET", "/synonyms/expand", params={"q": text})).json()
    return {one["word"]: one["equals"] for one in found}


async def test_shipped_groups_are_there_before_anybody_has_taught_one(desk: Desk) -> None:
    groups = (await ask(desk, "GET", "/synonyms")).json()
    assert len(groups) >= 30 and {g["holds"] for g in groups} == {"shipped"}
    assert "门诊慢特病" in (await equals(desk, "门特怎么结算"))["门特"]


async def test_a_taught_group_is_heard_of_and_changed_under_its_version(desk: Desk) -> None:
    made = (await ask(desk, "POST", "/synonyms", json={"words": ["读卡器", "读卡机"]})).json()
    await until("the group is heard of", lambda: _hears(desk, "读卡机坏了", "读卡机", ["读卡器"]))
    words = {"words": ["读卡器", "读卡机", "社保卡读卡器"]}
    late = await ask(desk, "PUT", f"/synonyms/{made['id']}", json=words, headers={"If-Match": '"7"'})
    assert late.status_code == 409 and "刷新" in late.json()["message"]
    right = await ask(desk, "PUT", f"/synonyms/{made['id']}", json=words, headers={"If-Match": '"1"'})
    assert right.status_code == 200 and right.json()["version"] == 2
    await until("it is heard of again", lambda: _hears(desk, "读卡机", "读卡机", ["读卡器", "社保卡读卡器"]))


async def test_a_word_in_two_groups_is_refused_in_words_that_help(desk: Desk) -> None:
    answer = await ask(desk, "POST", "/synonyms", json={"words": ["读卡器", "刷卡机具"]})
    assert answer.status_code == 409
    assert "「读卡器」已在「读卡器」一组" in answer.json()["message"]


async def test_of_two_groups_with_one_word_that_come_at_once_only_one_is_saved(desk: Desk) -> None:
    words = [(f"打印机{n}号", f"{other}{n}号") for n in range(12) for other in ("票据机", "出票机")]
    answers = await asyncio.gather(*(ask(desk, "POST", "/synonyms", json={"words": pair}) for pair in words))
    assert sorted(answer.status_code for answer in answers) == [200] * 12 + [409] * 12


async def test_the_same_request_again_is_the_same_group(desk: Desk) -> None:
    once = {"Idempotency-Key": "k1"}
    for words in (
        ["电子票据", "电子发票"],
        ["结算清单", "医保结算清单"],
    ):  # one of its own, one in a shipped group's place
        first, again, anew = [
            await ask(desk, "POST", "/synonyms", json={"words": words}, headers=headers) for headers in (once, once, {})
        ]
        assert (first.status_code, again.status_code, anew.status_code) == (200, 200, 200), again.text
        assert {answer.json()["id"] for answer in (first, again, anew)} == {first.json()["id"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["冲正"], "两个不同的词"),
        (["冲正", "冲正"], "两个不同的词"),
        (["张三丰", "13812345678"], "电话"),
        (["好", "不错"], "2 到 40"),
    ],
)
async def test_what_is_no_group_is_refused(desk: Desk, words: list[str], told: str) -> None:
    answer = await ask(desk, "POST", "/synonyms", json={"words": words})
    assert answer.status_code == 409 and told in answer.json()["message"]


async def test_a_saved_group_takes_the_place_of_the_shipped_one_and_removing_it_hides_both(desk: Desk) -> None:
    saved = (await ask(desk, "POST", "/synonyms", json={"words": ["冲正", "冲账"]})).json()
    assert saved["id"] == str(shipped_id("冲正"))
    await until("it counts", lambda: _hears(desk, "冲正", "冲正", ["冲账"]))
    assert (await ask(desk, "DELETE", f"/synonyms/{saved['id']}")).status_code == 200
    await until("it is gone", lambda: _is(desk, "冲正", {}))
    assert (await ask(desk, "GET", f"/synonyms/{saved['id']}")).status_code == 404


async def test_a_shipped_group_can_be_hidden_and_brought_back(desk: Desk) -> None:
    id_ = shipped_id("目录对照")
    assert (await ask(desk, "DELETE", f"/synonyms/{id_}")).status_code == 200
    await until("it is hidden", lambda: _is(desk, "目录匹配", {}))
    again = await ask(desk, "PUT", f"/synonyms/{id_}", json={"words": ["目录对照", "目录匹配"]})
    assert again.status_code == 200
    await until("it is back", lambda: _hears(desk, "目录匹配", "目录匹配", ["目录对照"]))


async def test_only_engineers_see_the_vocabulary(desk: Desk) -> None:
    for viewer in ("hospitals", "centre", "hospital:H62010200123"):
        one, words = f"/synonyms/{shipped_id('起付线')}", {"json": {"words": ["甲乙", "丙丁"]}}
        asked: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", "/synonyms", {}), ("GET", one, {}), ("GET", "/synonyms/expand", {}), ("DELETE", one, {}),
            ("POST", "/synonyms", words), ("POST", "/synonyms", {"content": b"x"}), ("PUT", one, words),
        ]  # fmt: skip
        answers = [await ask(desk, how, path, headers={"X-Yibao-Viewer": viewer}, **more) for how, path, more in asked]
        assert {answer.status_code for answer in answers} == {403}


async def test_after_a_restart_the_process_knows_all_groups_before_it_is_ready(desk: Desk) -> None:
    await desk.kill("knowledge")
    await desk.start("knowledge")
    assert await equals(desk, "读卡机") == {"读卡机": ["读卡器", "社保卡读卡器"]}
    assert await equals(desk, "冲正") == {}


async def _hears(desk: Desk, text: str, word: str, others: list[str]) -> bool:
    return (await equals(desk, text)).get(word) == others


async def _is(desk: Desk, text: str, found: dict[str, list[str]]) -> bool:
    return await equals(desk, text) == found
