"""Tokens: both sides of a search see the same words, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.chinese import MAX_WORD, codes, normalise, terms, tokens
from services.knowledge.search.snippet import WIDTH, snippet

MIXED = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("医保结算失败結繳醫２２０７aB_-.，😀ﬁ①㎏")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("结算失败", ["结", "算", "失", "败", "结算", "算失", "失败"]),
        ("调用2207接口", ["调", "用", "调用", "2207", "接", "口", "接口"]),
        ("２２０７Ａ", ["2207a"]),
        ("醫保", ["医", "保", "医保"]),
        ("結算繳費", list(tokens("结算缴费"))),
        ("PSN_NO", ["psn_no", "psn", "no"]),
        ("YB-7K3QM-9XW2P", ["yb-7k3qm-9xw2p", "yb", "7k3qm", "9xw2p"]),
        ("😀 ，。！", []),
        ("", []),
    ],
)
def test_a_text_becomes_its_tokens(text: str, expected: list[str]) -> None:
    assert list(tokens(text)) == expected


def test_codes_are_the_words_with_a_digit() -> None:
    assert codes(("2207", "错误码：-1，编号E10035", None, "H43010000001")) == ["2207", "1", "e10035", "h43010000001"]


@given(MIXED)
def test_tokens_are_never_empty_nor_hold_white_space_nor_grow_without_bound(text: str) -> None:
    for token in tokens(text):
        assert token.split() == [token]
        assert len(token) <= MAX_WORD
        assert token.encode()


def test_each_traditional_character_becomes_one_so_that_places_stay() -> None:
    text = "門診醫保結算繳費失敗，２２０７接口報錯"
    assert normalise(text) == "门诊医保结算缴费失败,2207接口报错"
    shown = snippet(text, terms("缴费"))
    assert [shown.text[a:b] for a, b in shown.marks] == ["繳費"]


@given(MIXED)
def test_width_and_letter_case_do_not_matter(text: str) -> None:
    assert list(tokens(normalise(text))) == list(tokens(text))


@given(MIXED, MIXED)
def test_a_text_holds_the_tokens_of_each_of_its_paragraphs(first: str, second: str) -> None:
    assert set(tokens(f"{first}\n{second}")) >= set(tokens(first)) | set(tokens(second))


@given(MIXED, MIXED)
def test_a_snippet_marks_parts_of_itself(text: str, query: str) -> None:
    shown = snippet(text, terms(query))
    assert len(shown.text) <= WIDTH + 2
    assert all(0 <= a < b <= len(shown.text) for a, b in shown.marks)
    assert all(a <= b for (_, a), (b, _) in zip(shown.marks, shown.marks[1:], strict=False))


def test_a_snippet_shows_what_was_looked_for_far_behind_the_beginning() -> None:
    text = "您好，" * 200 + "请在医保前置机重新签到后，再调用２２０７结算" + "。谢谢" * 200
    shown = snippet(text, terms("2207 签到"))
    assert {shown.text[a:b] for a, b in shown.marks} == {"签到", "２２０７"}
