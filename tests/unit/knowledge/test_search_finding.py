"""What is found and why: synonyms, spellings, filters, marks, usage, what is typed and what was meant."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import Findings
from contracts.knowledge import ArticleContent, Source, Usage
from services.knowledge.articles.model import Counts
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query
from services.knowledge.search.rank import LEAST, MOST, factor, reason
from services.knowledge.search.shown import no_hits, shown
from tests.unit.knowledge.articles import article

ENGINEER, HOSPITAL = Filters(Viewer("engineers")), Filters(Viewer("hospitals"))
SPECIAL = article(1, "门诊慢特病待遇怎么办", "先认定资格", audience="hospitals", category="门特结算")
BASE = article(
    2, "门诊结算失败", "重新签到", audience="hospitals", edition="V2.0", kind="guide",
    findings=Findings(infno="2207A", error="E10035 未签到", error_code="E10035", institution_code="H43010000001"),
    sources=(Source(kind="case", id="x", label="YB-1"),),
)  # fmt: skip
DRAFT = article(3, "生育津贴补发", "重新申报", live_revision=0, state="draft")


class Same:
    def expand(self, text: str) -> Sequence[tuple[str, Sequence[str]]]:
        return [("门特", ("门诊慢特病",))] if "门特" in text else []


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ArticleIndex]:
    made = ArticleIndex(tmp_path, Same(), lambda: ("生育津贴", "门诊慢特病", "门诊统筹"))
    made.open()
    made.bulk([SPECIAL, BASE, DRAFT], "today", 3)
    yield made
    made.close()


def test_a_synonym_is_found_marked_and_said_to_be_one(index: ArticleIndex) -> None:
    found = index.search(Query("门特", ENGINEER))
    [hit] = found.hits
    assert (hit.entry.number, hit.why) == (SPECIAL.number, ("门特≈门诊慢特病",))
    told = shown(hit, found.words, ENGINEER.viewer)
    assert [told["title"][a:b] for a, b in told["title_marks"]] == ["门诊慢特病"]


def test_a_synonym_counts_less_than_the_word_itself(index: ArticleIndex) -> None:
    index.apply([article(4, "门特待遇怎么办", "先认定资格", category="门特结算")], 4)
    assert [h.entry.number for h in index.search(Query("门特", ENGINEER)).hits] == ["YB-00004-00000", SPECIAL.number]


@pytest.mark.parametrize("typed", ["門診慢特病", "门诊慢特病", "門診慢特病待遇"])
def test_traditional_characters_are_found_and_marked_where_they_stand(index: ArticleIndex, typed: str) -> None:
    index.apply([article(5, "門診慢特病的認定", version=1)], 5)
    found = index.search(Query(typed, ENGINEER))
    marked = {
        told["title"][a:b]
        for told in (shown(h, found.words, ENGINEER.viewer) for h in found.hits)
        for a, b in told["title_marks"]
    }
    assert marked >= {"门诊慢特病", "門診慢特病"} or marked >= {"门诊慢特病待遇", "門診慢特病"}


@pytest.mark.parametrize(
    "filters",
    [
        {"category": "结算支付"}, {"infno": "2207a"}, {"error": "e10035"}, {"institution": "h43010000001"},
        {"state": "published", "edition": "v2.0"}, {"kind": "guide"}, {"edition": "Ｖ2.0"},
    ],
)  # fmt: skip
def test_filters_leave_what_fits(index: ArticleIndex, filters: dict[str, str]) -> None:
    for text in ("", "门诊"):
        wanted = HOSPITAL._replace(**filters)  # type: ignore[arg-type]
        found = index.search(Query(text, wanted))
        assert ([h.entry.number for h in found.hits], found.total) == ([BASE.number], 1)


def test_pages_follow_each_other_and_the_total_is_of_all(index: ArticleIndex) -> None:
    index.apply([article(n, f"门诊结算失败 {n}", "重新签到") for n in range(10, 40)], 4)
    whole = [h.entry.number for h in index.search(Query("结算", ENGINEER, 50)).hits]
    pages = [index.search(Query("结算", ENGINEER, 10, offset)) for offset in (0, 10, 20, 30, 40)]
    assert [h.entry.number for page in pages for h in page.hits] == whole
    assert {page.total for page in pages} == {31}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("门诊结蒜", "门诊结算"), ("门诊节算失败", "门诊结算失败"), ("E10036", "e10035"), ("生育进贴", "生育津贴"),
        ("門診結蒜", "门诊结算"), ("门诊结算", None), ("完全无关", None), ("zzz", None),
        ("22门诊结算", None),
    ],
)  # fmt: skip
def test_what_was_meant_is_told_where_something_is_misspelt(index: ArticleIndex, typed: str, meant: str | None) -> None:
    assert index.search(Query(typed, ENGINEER)).did_you_mean == meant


def test_what_a_reader_may_not_read_is_not_meant_either(index: ArticleIndex) -> None:
    assert index.search(Query("生育进贴", HOSPITAL)).did_you_mean is None


def test_what_is_typed_becomes_titles_and_terms(index: ArticleIndex) -> None:
    found = index.complete("门诊", ENGINEER, 5)
    assert [e.number for e in found.titles] == [BASE.number, SPECIAL.number] or len(found.titles) == 2
    assert found.terms == ["门诊慢特病"], "a term that stands nowhere is not offered"
    assert index.complete("22", ENGINEER, 5).terms == ["2207a"]
    assert [e.number for e in index.complete("结算失", ENGINEER, 5).titles] == [BASE.number]
    assert index.complete("生育", HOSPITAL, 5) == ([], [])
    assert index.complete("，。", ENGINEER, 5) == ([], [])


def test_what_is_like_a_case_is_found_by_its_words_or_its_codes(index: ArticleIndex) -> None:
    [first, *_] = index.like("窗口结不了账", Findings(infno="2207A"), ENGINEER, 5)
    assert (first.entry.number, "2207a" in first.why) == (BASE.number, True)
    assert index.like("", None, ENGINEER, 5) == []


def test_what_was_taken_over_comes_before_what_was_rejected(index: ArticleIndex) -> None:
    good, bad = Usage(accepted=9), Usage(rejected=9)
    index.apply([article(20, "专线网络中断", usage=bad), article(21, "专线网络中断", usage=good)], 4)
    first, second = index.search(Query("专线", ENGINEER)).hits
    assert first.score / second.score == pytest.approx(factor(Counts(accepted=9)) / factor(Counts(rejected=9)), 1e-3)
    assert "采纳 9 次" in first.why[-1] and "不适用 9 次" in second.why[-1]


COUNTS = st.builds(Counts, *[st.integers(0, 1_000)] * 6)


@given(COUNTS)
def test_usage_moves_a_score_within_bounds_and_says_by_how_much(usage: Counts) -> None:
    assert LEAST <= factor(usage) <= MOST
    assert f"×{factor(usage):.2f}" in reason(usage) or reason(usage) == ""
    assert factor(Counts()) == 1.0


@given(COUNTS, st.integers(1, 50))
def test_who_was_helped_never_lowers_a_score_and_who_was_not_never_raises_it(usage: Counts, more: int) -> None:
    helped = Counts(usage.accepted + more, usage.edited, usage.rejected, usage.helpful, usage.unhelpful)
    hindered = Counts(usage.accepted, usage.edited, usage.rejected + more, usage.helpful, usage.unhelpful)
    assert factor(hindered) <= factor(usage) <= factor(helped)


def test_readers_are_told_nothing_of_where_it_comes_from(index: ArticleIndex) -> None:
    [hit] = index.search(Query("2207A", HOSPITAL)).hits
    told = shown(hit, [], HOSPITAL.viewer)
    assert not {"sources", "audience", "case_id"} & told.keys()
    assert shown(hit, [], ENGINEER.viewer)["sources"] == [{"kind": "case", "id": "x", "label": "YB-1"}]


def test_of_an_article_that_is_being_changed_readers_find_what_is_in_force(index: ArticleIndex) -> None:
    live = ArticleContent(title="旧标题", question="旧问题", answer="旧办法", category="备案", audience="hospitals")
    index.apply([article(6, "新稿件", live=live, revision=2, live_revision=1, state="draft")], 4)
    for filters in (ENGINEER, HOSPITAL):
        assert [h.entry.revision for h in index.search(Query("旧问题", filters)).hits] == [1]
        assert index.search(Query("新稿件", filters)).total == 0


@pytest.mark.parametrize(
    ("query", "meant", "anything", "said"),
    [
        (Query("x", ENGINEER), None, False, "自动生成草稿"),
        (Query("x", HOSPITAL), None, False, "联系服务台"),
        (Query("", ENGINEER._replace(kind="guide")), None, True, "减少筛选条件"),
        (Query("x", ENGINEER._replace(kind="guide")), None, True, "也可减少筛选条件"),
        (Query("结蒜", ENGINEER), "结算", True, "您是不是要找「结算」"),
        (Query("长" * 99, ENGINEER), None, True, "…"),
    ],
)
def test_where_nothing_is_found_it_says_what_to_do(query: Query, meant: str | None, anything: bool, said: str) -> None:
    assert said in no_hits(query, meant, anything)
