"""Bytes that people send as documents, whatever they are."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.knowledge.documents.extract import Asked, answer
from services.knowledge.documents.importing import clean_name
from services.knowledge.documents.plain import decoded, tidied
from services.knowledge.documents.sniff import sniff
from services.knowledge.documents.trouble import CODES, Unreadable
from tests.unit.knowledge import documents as files

GUIDE = files.docx(files.paragraph("指南", "h1") + files.table(("交易", "名称"), ("2207", "门诊结算")))
han = st.text("医保门诊结算失败，请重新签到。2207 abc\n", max_size=80).map("医保经办指南".__add__)


@given(st.text(max_size=12), st.binary(max_size=300))
def test_whatever_is_sent_is_judged_or_refused(name: str, data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert sniff(name, data).kind in ("docx", "pdf", "html", "markdown")


@given(han, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_chinese_is_read_in_every_encoding_of_the_trade(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_what_a_page_declares_counts_where_it_is_no_utf_8() -> None:
    assert decoded('<meta charset="big5">醫療'.encode("big5")) == '<meta charset="big5">醫療'
    with pytest.raises(Unreadable):
        decoded(b'<meta charset="zip">\xff\xfe\xfd')


@given(st.text(max_size=200))
def test_a_tidied_text_stays_as_it_is_and_holds_nothing_that_nobody_sees(text: str) -> None:
    plain = tidied(text)
    assert tidied(plain) == plain
    assert not set(plain) & {"\0", "\r", "\u200b", "\ufeff", "\x1b"} and "\n\n\n" not in plain


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GUIDE) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_word_document_is_read_or_refused_by_a_known_word(at: int, noise: bytes) -> None:
    found = answer(Asked("docx", name="指南.docx"), GUIDE[:at] + noise + GUIDE[at + len(noise) :])
    assert found.trouble in CODES if found.trouble else found.parts


@given(st.text(max_size=300))
def test_a_name_of_a_file_is_no_path_and_not_long(name: str) -> None:
    plain = clean_name(name)
    assert 0 < len(plain) <= 150 and plain.isprintable() and "/" not in plain and "\\" not in plain
