"""`yibao audit` on real servers: somebody with the database's password is found out, whatever they change."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
import pytest_asyncio

from chassis.chain import chained, hash_of
from tests.integration.cases import do, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("audit"), "intake") as desk:
        for n in range(3):
            case = await opened(desk, f"audit-{n}", text=f"第 {n} 个问题, 结算报错")
            await do(desk, case, "assign", assignee="wang.fang")
            await do(desk, case, "respond", text="请稍候")
            await do(desk, case, "note", text="已联系省平台")
            await do(desk, case, "escalate", reason="省平台超时")
        yield desk


Change = Callable[[Json], Json | None]


@asynccontextmanager
async def tampered(desk: Desk, change: Change) -> AsyncIterator[Json]:
    """The first case as `change` leaves it in the database (None: gone); afterwards as it was."""
    cases = desk.mongo[desk.settings.mongo_db]["cases"]
    stored = await cases.find_one(sort=[("_id", 1)])
    assert stored is not None
    after = change({**stored, "history": list(stored["history"])})
    await cases.delete_one({"_id": stored["_id"]})
    if after is not None:
        await cases.insert_one(after)
    try:
        yield stored
    finally:
        await cases.replace_one({"_id": stored["_id"]}, stored, upsert=True)


def changed(case: Json) -> Json:
    """The internal note says something else now."""
    case["history"] = [text.replace("已联系省平台", "已联系厂商") for text in case["history"]]
    return case


def removed(case: Json) -> Json:
    del case["history"][2]
    return case


def cut(case: Json) -> Json:
    case["history"].pop()
    return case


def reordered(case: Json) -> Json:
    case["history"][1], case["history"][3] = case["history"][3], case["history"][1]
    return case


def relinked(case: Json) -> Json:
    """Every hash computed anew, so that the chain itself is whole again."""
    head = ""
    for n, text in enumerate(case["history"]):
        body = chained(msgspec.json.decode(text), head)
        case["history"][n], head = body.decode(), hash_of(body)
    return {**case, "head": head}


async def test_a_desk_that_nobody_touched_is_whole(desk: Desk) -> None:
    code, said = await desk.command("audit")
    assert code == 0, said
    assert "未发现改动: 3 个工单" in said
    number = (await desk.get("intake", "/cases"))[0]["number"]
    code, said = await desk.command("audit", number)
    assert (code, "未发现改动: 1 个工单" in said) == (0, True), said
    code, said = await desk.command("audit", "YB-00000-00000")
    assert (code, "没有工单" in said) == (2, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed, "哈希不符"),
        (removed, "哈希不符"),
        (cut, "与链尾的哈希不符"),
        (reordered, "哈希不符"),
        (lambda case: {**case, "head": "0" * 64}, "与链尾的哈希不符"),
        (lambda case: relinked(changed(case)), "与事件流中的原件不同"),
        (lambda case: relinked(removed(case)), "事件流中有, 工单里没有"),
        (lambda case: relinked(cut(case)), "事件流中有, 工单里没有"),
        (lambda case: None, "整个工单不在数据库中"),
    ],
    ids=["changed", "removed", "cut", "reordered", "another head", "changed and relinked", "removed and relinked",
         "cut and relinked", "deleted"],
)  # fmt: skip
async def test_what_somebody_changed_in_the_database_is_found_and_named(desk: Desk, change: Change, words: str) -> None:
    async with tampered(desk, change) as stored:
        code, said = await desk.command("audit")
        assert (code, words in said, stored["state"]["number"] in said) == (1, True, True), said
    code, said = await desk.command("audit")
    assert code == 0, said
