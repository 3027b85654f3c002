"""Search by meaning on a real desk: whole without an encoder, and with one it finds what shares no word."""

import os
from pathlib import Path

import pytest

from tests.integration.test_knowledge import ENGINEER, ask, find, publish
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.knowledge.articles import resolved

pytestmark = [pytest.mark.real, pytest.mark.asyncio]
READER = resolved(
    1, 3, title="读卡器无法识别社保卡", question="读卡器无法识别社保卡", resolution="更换读卡器后重新插卡"
)
OTHERS = [resolved(n, 3, title=t, question=t, resolution=r) for n, (t, r) in enumerate(
    (("异地就医备案怎么办理", "在国家医保服务平台上备案"), ("生育津贴什么时候到账", "审核后十五个工作日内")), 2
)]  # fmt: skip


@pytest.fixture
def encoder() -> Path:
    """An exported encoder; its weights do not come with the product."""
    pytest.importorskip("onnxruntime", reason="the extra `semantic` is not installed")
    for at in filter(None, (os.environ.get("YIBAO_BENCH_ENCODER"), ".yibao/encoder", ".yibao/bench/encoder")):
        if (Path(at) / "encoder.json").exists():
            return Path(at).resolve()
    pytest.skip("no exported encoder: run make encoder")


async def level(desk: Desk) -> Json | None:
    told = await ask(desk, "/semantic")
    return told if told["vectors"] == 1 + len(OTHERS) and not told["waiting"] else None


async def test_without_an_encoder_search_is_whole_and_says_what_is_missing(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.start("knowledge", YIBAO_ENCODER="off")
        await publish(desk, READER)
        assert await until("it is found by its words", lambda: find(desk, "读卡器"))
        told = await ask(desk, "/semantic")
        assert not told["installed"] and "未安装" in told["message"]
        answer = await desk.http.post(desk.url("knowledge", "/semantic/train"), headers=ENGINEER)
        assert answer.status_code == 409 and "请先安装" in answer.json()["message"]


async def test_with_one_it_finds_what_shares_no_word_also_after_a_crash(tmp_path: Path, encoder: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.start("knowledge", YIBAO_ENCODER=str(encoder))
        await publish(desk, READER, *OTHERS)
        told = await until("the stage is level", lambda: level(desk))
        assert told["installed"] and "非商业" in told["licence"]
        for _ in range(2):
            best = (await find(desk, "刷卡没反应"))[0]
            assert best["number"] == READER.number and "意思相近" in best["why"]
            await desk.kill("knowledge")
            await desk.start("knowledge", YIBAO_ENCODER=str(encoder))
            await until("the stage is level", lambda: level(desk))


async def test_an_encoder_that_is_named_and_not_there_is_told_of_at_the_start(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        with pytest.raises(AssertionError):
            await desk.start("knowledge", YIBAO_ENCODER=str(tmp_path / "none"))
        assert "YIBAO_ENCODER=off" in desk.processes["knowledge"].last_words()
