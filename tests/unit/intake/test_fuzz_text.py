"""Any text at all goes through the whole of normalisation without an error, and stays as it is the second time."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.people import KINDS, survivors
from chassis.personal.masking import mask
from contracts.case import Findings
from services.intake.category.rules import categorise
from services.intake.text.findings import find
from services.intake.text.plain import MAX_TEXT, cut, fingerprint, normalise, title
from services.intake.text.quoted import said, unquote

PIECES = st.sampled_from(
    ['{"infno":"2207",', "<msgid>", "H62010200123", "620102", "19900307", "451X", "「", "」\n---\n", "> ", "[回复 ",
     "]", "元", "￥12.5", "2026-11-22", "年11月3日", "姓名：", "张三", "138", "1234", "5678", "\\\"", "ERROR ", "E11.9",
     "C0704", "错误代码:", "\u200b", "６", "一二三四五六七八九零一", "\r\n", "****"]
)  # fmt: skip
ANY = st.lists(PIECES | st.text(st.characters(codec=None), max_size=6), max_size=25).map("".join)


@settings(max_examples=300)
@given(ANY)
def test_any_text_is_handled_and_handled_again_without_a_change(text: str) -> None:
    plain = cut(normalise(text))[0]
    masked = mask(plain)
    assert mask(masked) == masked
    found = find(masked)
    category, _ = categorise(masked, found)
    assert category
    assert len(title(masked)) <= 60
    assert len(fingerprint(said(masked))) == 16
    assert len(unquote(masked)[1]) <= max(len(masked), 1)
    assert Findings.model_validate(found.model_dump()) == found
    assert len(masked) <= MAX_TEXT + 20


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal_survives_in_what_people_and_systems_send(kind: object) -> None:
    assert callable(kind)
    r = random.Random(7)
    for _ in range(300):
        text = kind(r)
        assert survivors(text, mask(normalise(text.text))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_checker_sees_every_number_that_is_not_masked(kind: object) -> None:
    assert callable(kind)
    r = random.Random(7)
    for _ in range(100):
        text = kind(r)
        assert set(survivors(text, normalise(text.text))) == {*text.numbers, *text.names}
