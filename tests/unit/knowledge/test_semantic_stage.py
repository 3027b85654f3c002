"""The stage follows the index: what is said is near, what is revised is encoded anew, what is gone is forgotten."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from chassis.chinese import tokens
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query
from services.knowledge.search.near import NEARLY
from services.knowledge.semantic.encoder import About
from services.knowledge.semantic.projection import Floats, unit
from services.knowledge.semantic.stage import Stage
from tests.unit.knowledge.articles import article

DIMS = 64
ENGINEERS = Filters(Viewer("engineers"))
READER = article(1, "读卡无法识别", "换")
REGION = article(2, "异地就医备案怎么办理", "在国家医保服务平台上备案")


class Dictionary:
    """Texts whose words mean the same have the same vector; counts what it has encoded."""

    about = About("dictionary", DIMS, "a" * 64, "none")

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        rows = np.zeros((len(texts), DIMS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            meant = text.replace("刷卡", "读卡").replace("没反应", "无法识别")
            for token in tokens(meant):
                row[sum(token.encode()) % DIMS] += len(token)
        return unit(rows)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ArticleIndex]:
    made = ArticleIndex(tmp_path / "index")
    made.open()
    made.restart("today")
    made.apply([READER, REGION], 2)
    yield made
    made.close()


@pytest.fixture
def dictionary() -> Dictionary:
    return Dictionary()


@pytest.fixture
def stage(dictionary: Dictionary, tmp_path: Path) -> Stage:
    return Stage(dictionary, tmp_path / "semantic")


def numbers(index: ArticleIndex, text: str) -> list[str]:
    return [hit.entry.number for hit in index.search(Query(text, ENGINEERS)).hits]


def test_other_words_of_the_same_meaning_are_found_and_it_says_so(index: ArticleIndex, stage: Stage) -> None:
    assert numbers(index, "刷卡没反应") == []
    stage.follow(index)
    index.meaning = stage
    best = index.search(Query("刷卡没反应", ENGINEERS)).hits[0]
    assert best.entry.number == READER.number and NEARLY in best.why
    [like] = [hit for hit in index.like("刷卡没反应", None, ENGINEERS, 5) if hit.entry.number == READER.number]
    assert NEARLY in like.why


def test_a_code_is_meant_as_it_is(index: ArticleIndex, stage: Stage) -> None:
    coded = article(3, "2207 结算报错", "重新签到")
    index.apply([coded, article(4, "2208 结算报错", "先撤销")], 4)
    stage.follow(index)
    index.meaning = stage
    assert numbers(index, "2207")[0] == coded.number


def test_only_what_says_something_else_is_encoded_again(
    index: ArticleIndex, stage: Stage, dictionary: Dictionary
) -> None:
    assert stage.follow(index) == 2
    voted = READER.model_copy(update={"version": 2, "type": "knowledge.rated"})
    index.apply([voted], 3)
    assert stage.follow(index) == 0
    index.apply([article(1, "读卡无法识别", "升级固件", version=3)], 4)
    assert stage.follow(index) == 1
    assert len(dictionary.encoded) == 3


def test_what_is_retired_is_forgotten(index: ArticleIndex, stage: Stage) -> None:
    stage.follow(index)
    index.apply([article(1, "读卡无法识别", version=2, state="retired", live_revision=0)], 3)
    stage.follow(index)
    assert len(stage) == 1


def test_a_rebuilt_index_is_looked_through_and_nothing_is_encoded_twice(
    index: ArticleIndex, stage: Stage, dictionary: Dictionary
) -> None:
    stage.follow(index)
    index.bulk([READER, REGION, article(5, "生育津贴补发")], "today", 5)
    assert stage.follow(index) == 1
    index.bulk([READER], "another", 1)
    stage.follow(index)
    assert (len(stage), len(dictionary.encoded)) == (1, 3)


def test_the_vectors_are_there_after_a_restart(index: ArticleIndex, stage: Stage, tmp_path: Path) -> None:
    stage.follow(index)
    again = Dictionary()
    Stage(again, tmp_path / "semantic").follow(index)
    assert again.encoded == []


class FullDisk(Dictionary):
    """Breaks off once."""

    def encode(self, texts: Sequence[str]) -> Floats:
        if not self.encoded:
            self.encoded.append("")
            raise OSError("no space left")
        return super().encode(texts)


def test_what_broke_off_is_made_up_for(index: ArticleIndex, tmp_path: Path) -> None:
    stage = Stage(FullDisk(), tmp_path / "semantic")
    with pytest.raises(OSError, match="no space"):
        stage.follow(index)
    assert stage.follow(index) == 2
