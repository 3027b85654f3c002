"""Text becomes plain: what intake stores can be searched, shown and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.text.plain import MAX_TEXT, cut, fingerprint, normalise, title

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)  # lone surrogates included


def test_wide_letters_and_digits_become_narrow_while_chinese_punctuation_stays() -> None:
    assert normalise("２２０７接口，ＨＩＳ报错：（超时）！　请看") == "2207接口，HIS报错：（超时）！ 请看"


def test_signs_whose_meaning_would_change_are_left_alone() -> None:
    assert normalise("①第一步 10²…") == "①第一步 10²…"


def test_line_ends_become_newlines_and_tabs_stay() -> None:
    assert normalise("a\r\nb\rc\u2028d\te\n") == "a\nb\nc\nd\te"


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u202e", "\x00", "\x1b", "\ud83d", "\u2066", "\ufe0f\u20e3"])
def test_what_nobody_sees_cannot_hide_a_number(hidden: str) -> None:
    assert normalise(f"电话1{hidden}3812345678") == "电话13812345678"


@given(ANY_TEXT)
def test_plain_text_stays_as_it_is_and_can_be_encoded(text: str) -> None:
    plain = normalise(text)
    plain.encode()
    assert normalise(plain) == plain


@given(st.text(max_size=300), st.integers(0, 3))
def test_a_cut_text_says_so_and_never_exceeds_the_limit(text: str, more: int) -> None:
    long = (text or "医").ljust(MAX_TEXT + more, "保")
    short, was_cut = cut(long)
    assert len(short) <= MAX_TEXT
    assert was_cut == (len(long) > MAX_TEXT)
    assert not was_cut or f"原文共{len(long)}字" in short
    assert cut(short) == (short, False)


@pytest.mark.parametrize("start", range(MAX_TEXT - 50, MAX_TEXT))
def test_no_half_of_an_id_number_is_left_at_the_cut(start: int) -> None:
    short, _ = cut("医" * start + "620102199003074514" + "保" * 40)
    assert "6201021990" not in short or "620102199003074514" in short


def test_the_title_is_the_first_line_that_says_something() -> None:
    assert title("您好！\n在吗\n——\n  2207  结算报错\n详情如下") == "2207 结算报错"
    assert title("老师您好，门诊结算失败") == "门诊结算失败"
    assert title("请问备案怎么办") == "备案怎么办"


def test_a_text_of_greetings_only_still_has_a_title() -> None:
    assert title("您好！") == "您好！"
    assert title("") == "（无文字）"


@given(st.text(max_size=300))
def test_a_title_is_one_line_of_at_most_sixty_characters(text: str) -> None:
    assert 1 <= len(title(text)) <= 60
    assert "\n" not in title(text)


def test_a_long_title_ends_with_an_ellipsis() -> None:
    assert title("结" * 61) == "结" * 59 + "…"


def test_the_same_words_have_the_same_fingerprint() -> None:
    assert fingerprint("2207 报错，请处理！") == fingerprint("2207报错\n请处理")
    assert fingerprint("HIS 接口") == fingerprint("his接口。")


def test_other_words_or_amounts_have_another_fingerprint() -> None:
    assert len({fingerprint(text) for text in ("1.5元", "15元", "？？", "！！", "")}) == 5


@given(ANY_TEXT)
def test_every_text_has_a_fingerprint_of_sixteen_hex_digits(text: str) -> None:
    assert len(fingerprint(text)) == 16
    int(fingerprint(text), 16)
