"""The index: what is put in is found, what is revised is found anew, and nothing that people type breaks it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.chinese import tokens
from contracts.case import Findings
from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex, IndexInUse
from services.knowledge.search.model import Filters, Hit, Query
from services.knowledge.search.schema import code as index_code
from services.knowledge.search.shown import shown
from tests.unit.knowledge.articles import article

CLINIC = article(
    1, "门诊医保结算失败，2207接口报错", "重新签到后再结算", findings=Findings(infno="2207", error="E10035 未签到")
)
REMOTE = article(2, "异地就医备案怎么办理", "在国家医保服务平台上备案", category="备案")
EVERYTHING = Filters(Viewer("engineers"))
FOUND = Findings(institution_code="H43010000001")
CATALOGUE = article(3, "目录对照时PSN_NO为空", "升级HIS接口程序", category="目录", findings=FOUND)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ArticleIndex]:
    made = _opened(tmp_path)
    made.restart("today")
    made.apply([CLINIC, REMOTE, CATALOGUE], 3)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("结算", CLINIC.number),
        ("2207", CLINIC.number),
        ("２２０７", CLINIC.number),
        ("e10035", CLINIC.number),
        ("门诊结算报错了怎么办", CLINIC.number),
        ("签到", CLINIC.number),
        ("异地备案", REMOTE.number),
        ("psn_no", CATALOGUE.number),
        ("PSN", CATALOGUE.number),
        ("h43010000001", CATALOGUE.number),
        ("yb-00003-00000", CATALOGUE.number),
        ("对照" + "您好" * 4_000, CATALOGUE.number),
    ],
)
def test_what_is_asked_for_comes_first(index: ArticleIndex, query: str, number: str) -> None:
    assert _numbers(index, query)[0] == number


def test_one_character_is_searched_for_when_it_is_all_there_is(index: ArticleIndex) -> None:
    assert _numbers(index, "备") == [REMOTE.number]


def test_sharing_a_character_is_not_enough(index: ArticleIndex) -> None:
    assert _numbers(index, "门特") == []


def test_a_category_narrows_the_search(index: ArticleIndex) -> None:
    assert [hit.entry.number for hit in _hits(index, "医保", category="备案")] == [REMOTE.number]


def test_nothing_is_found_for_what_is_nowhere(index: ArticleIndex) -> None:
    assert _numbers(index, "zzz 9999 😀") == []


def test_without_a_question_the_latest_come_first(index: ArticleIndex) -> None:
    assert [h.entry.number for h in _hits(index, "")][:2] == [CATALOGUE.number, REMOTE.number]
    assert [h.entry.number for h in _hits(index, "", category="结算支付")] == [CLINIC.number]


def test_a_revision_replaces_and_an_older_event_that_is_said_again_does_not(index: ArticleIndex) -> None:
    index.apply([article(1, CLINIC.question, "更换读卡器", version=2)], 4)
    index.apply([CLINIC], 5)
    assert _numbers(index, "读卡器") == [CLINIC.number]
    assert _numbers(index, "签到") == []
    assert len(index) == 3


def test_within_a_batch_the_latest_version_counts(index: ArticleIndex) -> None:
    index.apply([article(4, "门特", version=2), article(4, "慢病", version=1)], 5)
    assert (_numbers(index, "门特"), _numbers(index, "慢病")) == (["YB-00004-00000"], [])


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.restart("today")
    index.apply([CLINIC], 7)
    index.close()
    again = _opened(tmp_path)
    assert (again.position.sequence, _numbers(again, "结算")) == (7, [CLINIC.number])
    assert again.belongs_to("today", 7)
    assert not again.belongs_to("today", 6)
    assert not again.belongs_to("tomorrow", 100)


@pytest.mark.parametrize("damage", ["index-2/position.json", "index-2/index/meta.json", "index-2/index", "index-2"])
@pytest.mark.parametrize("content", ["{]", None])
def test_what_is_damaged_or_deleted_is_built_anew(tmp_path: Path, damage: str, content: str | None) -> None:
    index = _opened(tmp_path)
    index.restart("today")
    index.apply([CLINIC], 7)
    index.close()
    _damage(tmp_path / damage, content)
    again = _opened(tmp_path)
    assert not again.belongs_to("today", 7)
    again.restart("today")
    again.apply([CLINIC], 7)
    assert _numbers(again, "结算") == [CLINIC.number]


def test_a_change_that_fails_leaves_the_index_as_it_was(index: ArticleIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, pytest.raises(OSError, match="full"):
        patched.setattr("chassis.position.save", _fail)
        index.apply([article(4, "门特待遇")], 4)
    assert index.position.sequence == 3
    index.apply([article(4, "门特待遇")], 4)
    assert len(index) == 4


def test_a_folder_belongs_to_one_process(index: ArticleIndex, tmp_path: Path) -> None:
    with pytest.raises(IndexInUse):
        _opened(tmp_path)


NASTY = st.text(
    alphabet=st.one_of(
        st.characters(), st.characters(categories=["Cs"]), st.sampled_from('+-&|!(){}[]^"~*?:\\/<>= 结算2207😀結２Ａ')
    ),
    max_size=300,
)
SAYABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(NASTY, st.sampled_from([None, "备案", "x"]), NASTY)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_question_breaks_the_search(index: ArticleIndex, query: str, category: str | None, code: str) -> None:
    _hits(index, query, category=category)
    _hits(index, query, infno=code, error=code, institution=code, edition=code, kind=code, state=code)
    index.complete(query, EVERYTHING, 8)
    index.like(query, None, EVERYTHING, 5)


@given(SAYABLE, SAYABLE, SAYABLE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_document_breaks_the_index_and_each_is_found_by_its_own_title(
    index: ArticleIndex, title: str, answer: str, code: str
) -> None:
    found = Findings(infno=code, error=code, msgid=code, catalogue=(code,))
    strange = article(
        9, title, answer, version=index.position.sequence, findings=found, keywords=(code,), edition=code, title=title
    )
    index.apply([strange], index.position.sequence + 1)
    hits = _hits(index, title, infno=code or None)
    if any(word.strip() for word in tokens(title)) and index_code(code):
        assert strange.number in {hit.entry.number for hit in hits}
    for hit in hits:
        shown(hit, list(tokens(title)), EVERYTHING.viewer)


@pytest.mark.parametrize(
    "query", ["结" * 10_000, "a b" * 5_000, "x" * 10_000, "".join(map(chr, range(0x4E00, 0x7510)))]
)
def test_a_question_of_ten_thousand_characters_is_answered(index: ArticleIndex, query: str) -> None:
    _hits(index, query)


def test_of_a_long_text_what_is_rare_finds_wherever_it_stands(index: ArticleIndex) -> None:
    log = "".join(chr(0x4E00 + n * 7 % 9_000) for n in range(9_000))
    index.apply([article(7, "读卡器E77012无法识别")], index.position.sequence + 1)
    for text in (f"E77012 {log}", f"{log} E77012"):
        assert "YB-00007-00000" in _numbers(index, text)


def test_an_article_is_found_by_its_number_though_that_has_no_digit(index: ArticleIndex) -> None:
    index.apply([article(7, "读卡器", number="ZS-ABCDE-FGHJK")], index.position.sequence + 1)
    assert _numbers(index, "zs-abcde-fghjk") == ["ZS-ABCDE-FGHJK"]


def _opened(folder: Path) -> ArticleIndex:
    index = ArticleIndex(folder)
    index.open()
    return index


def _damage(path: Path, content: str | None) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if content is not None:
        path.write_text(content)


def _numbers(index: ArticleIndex, query: str) -> list[str]:
    return [hit.entry.number for hit in _hits(index, query)]


def _hits(index: ArticleIndex, query: str, **filters: Any) -> list[Hit]:
    return index.search(Query(query, EVERYTHING._replace(**filters))).hits


def _fail(*_: object) -> None:
    raise OSError("disk full")
