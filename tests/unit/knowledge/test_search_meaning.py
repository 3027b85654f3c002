"""One list of what shares words and of what means the same: codes that are quoted, pages, and who may read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.case import Findings
from contracts.knowledge import Usage
from services.knowledge.articles.model import article_id_of
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Found, Query
from tests.unit.knowledge.articles import article, case_id

ENGINEER = Filters(Viewer("engineers"))


class Means:
    """The nearest articles are always these, the first the nearest."""

    def __init__(self, *cases: int) -> None:
        self._cases = cases

    def nearest(self, text: str, limit: int) -> list[tuple[UUID, float]]:
        return [(id_of(case), 0.9 - n / 1_000) for n, case in enumerate(self._cases[:limit])]


def id_of(case: int) -> UUID:
    return article_id_of(case_id(case))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ArticleIndex]:
    index = ArticleIndex(tmp_path)
    index.open()
    yield index
    index.close()


def ask(index: ArticleIndex, text: str, filters: Filters = ENGINEER, **page: Any) -> Found:
    return index.search(Query(text, filters, **page))


def test_a_code_that_is_quoted_stands_before_all_that_means_the_same(index: ArticleIndex) -> None:
    quoted = article(1, "接口返回异常", "联系省平台", findings=Findings(error_code="E5023"), usage=Usage(rejected=30))
    others = [
        article(n, "门诊结算失败提示怎么处理", "门诊结算失败提示怎么处理", usage=Usage(accepted=30))
        for n in range(2, 9)
    ]
    index.apply([quoted, *others], 1)
    index.meaning = Means(*range(2, 9))
    found = ask(index, "门诊结算失败提示E5023怎么处理")
    assert found.hits[0].entry.article_id == id_of(1)
    assert found.hits[0].score > found.hits[1].score


def test_pages_show_each_article_once_and_the_total_is_the_same_on_each(index: ArticleIndex) -> None:
    index.apply(
        [article(n, "门诊结算失败", usage=Usage(accepted=n * 7 % 40, rejected=n * 3 % 30)) for n in range(290)]
        + [article(n, "别的问题") for n in range(290, 310)],
        1,
    )
    index.meaning = Means(*range(309, 150, -1))
    pages = [ask(index, "结算失败", limit=20, offset=at) for at in range(0, 340, 20)]
    shown = [hit.entry.article_id for page in pages for hit in page.hits]
    assert {page.total for page in pages} == {310}
    assert sorted(shown) == sorted(id_of(n) for n in range(310))


def test_a_code_that_only_others_may_read_changes_no_order_and_no_score(index: ArticleIndex) -> None:
    index.apply([article(n, f"门诊结算失败{'提示' * n}", audience="hospitals") for n in range(5)], 1)
    index.meaning = Means(4, 3, 2, 1, 0)
    hospital = Filters(Viewer("hospitals"))
    before = [(hit.entry.article_id, hit.score) for hit in ask(index, "结算失败 E5023", hospital).hits]
    secret = article(9, "读卡器", findings=Findings(error_code="E5023"))
    index.apply([secret], 2)
    after = [hit.entry.article_id for hit in ask(index, "结算失败 E5023", hospital).hits]
    assert after == [id_ for id_, _ in before] and ask(index, "E5023", hospital).hits[0].score < 1.01


def test_nothing_is_found_for_what_has_no_words(index: ArticleIndex) -> None:
    index.apply([article(1, "门诊结算失败")], 1)
    index.meaning = Means(1)
    assert ask(index, "？？？！！") == Found([], 0, [])
