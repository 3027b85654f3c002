"""How letters are made to fit, whatever their length, and how vendors' numbers are read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.posting import Declined, Later, SendFailed
from services.notify.transports.errcodes import Codes
from services.notify.transports.pace import Pace
from services.notify.transports.port import Letter
from services.notify.transports.words import REPEAT, assembled, fitted, heading, plain, unlinked, written

WORDS = st.text(max_size=300)
CODES = Codes("某厂", "errcode", busy={45009: 60}, refused={81013: "成员不存在"}, ours={93000: "请更换 key"})


def letter(**more: Any) -> Letter:
    facts = {
        "id": "a.0", "alert_id": "a", "recipient": "desk", "address": "", "urgency": "urgent", "title": "标题",
        "body": "正文",
    }  # fmt: skip
    return Letter(**{**facts, **more})


@given(WORDS, st.integers(0, 50), st.integers(0, 80))
def test_what_is_fitted_is_within_both_limits_and_says_what_is_missing(text: str, characters: int, size: int) -> None:
    cut = fitted(text, characters=characters, size=size)
    assert not characters or len(cut) <= characters
    assert not size or len(cut.encode()) <= size
    assert cut == text or cut.endswith("…") or (not cut and 0 < size < 3)


def test_what_readers_see_as_one_character_is_not_cut_apart() -> None:
    assert fitted("🇨🇳🇨🇳🇨🇳", characters=7) == "🇨🇳…"
    assert fitted("👩‍👩‍👧好的", size=20) == "…"
    assert fitted("e\u0301e\u0301e\u0301", characters=4) == "e\u0301…"


@given(WORDS, WORDS, st.integers(60, 400))
def test_a_link_stays_whole_and_the_whole_fits(head: str, body: str, size: int) -> None:
    link = "https://desk.example/a/0123456789"
    whole = assembled(head, body, link, size=size)
    assert whole.endswith(link) and len(whole.encode()) <= size
    short = assembled(head, body, link, characters=size)
    assert short.endswith(link) and len(short) <= size


@given(WORDS, WORDS, WORDS)
def test_what_fits_is_left_as_it_is(head: str, body: str, tail: str) -> None:
    assert assembled(head, body, tail) == "\n".join(part for part in (head, body, tail) if part)


def test_the_body_is_cut_before_the_title() -> None:
    assert assembled("标题", "很长的正文" * 20, "链接", characters=12) == "标题\n很长的正文…\n链接"


def test_a_repetition_says_so_and_a_title_is_one_line() -> None:
    assert heading(letter(title="一\n二", repeat=True)) == f"{REPEAT}一 二"
    assert heading(letter(title="一")) == "一"


def test_a_button_takes_the_place_of_the_line_that_is_only_the_link() -> None:
    link = "https://desk.example/a/1"
    assert unlinked(letter(body=f"正文\n查看并确认: {link}", link=link)) == "正文"
    sentence = f"请在今天下班以前打开 {link} 并确认已经知道这件事, 不必回复"
    assert unlinked(letter(body=sentence, link=link)) == sentence


@given(WORDS, st.booleans(), st.booleans(), st.integers(150, 400))
def test_a_message_that_was_not_made_to_fit_keeps_link_and_mentions(
    body: str, inside: bool, repeat: bool, size: int
) -> None:
    link = "https://desk.example/a/1"
    one = letter(body=f"{body}{link}" if inside else body, link=link, repeat=repeat)
    for limit in ({"size": size}, {"characters": size}):
        whole = written(one, f"查看: {link}", "@zhang", **limit)
        assert len(whole.encode() if "size" in limit else whole) <= size
        assert link in whole and whole.endswith("@zhang") and whole.startswith(REPEAT) is repeat


def test_what_somebody_typed_does_not_become_a_link() -> None:
    assert "<" not in plain('<a href="https://evil.example">点我</a>')


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=200))
def test_nobody_gets_more_than_the_vendor_takes_in_any_minute(calls: list[tuple[str, float]]) -> None:
    pace, now = Pace(5, 60.0), 0.0
    sent: dict[str, list[float]] = {"a": [], "b": []}
    for person, later in calls:
        now += later
        wait_s = pace.wait_s(person, now)
        if wait_s == 0:
            sent[person].append(now)
        else:
            assert len([at for at in sent[person] if at > now - 60]) == 5
    for times in sent.values():
        assert all(len([t for t in times if at - 60 < t <= at]) <= 5 for at in times)


def test_who_got_nothing_for_a_minute_is_forgotten() -> None:
    pace = Pace(5, 60.0)
    for number in range(1000):
        pace.wait_s(f"person-{number}", float(number))
    assert len(pace._sent) < 130


@pytest.mark.parametrize(
    ("body", "kind", "unsure", "permanent"),
    [
        ({"errcode": 45009}, Later, False, False),
        ({"errcode": 81013}, Declined, False, True),
        ({"errcode": 93000}, SendFailed, False, True),
        ({"errcode": 77777}, SendFailed, False, True),
        (None, SendFailed, True, False),
        ({}, SendFailed, True, False),
        ({"errcode": "0"}, SendFailed, True, False),
    ],
)
def test_a_vendors_number_says_what_became_of_it(
    body: Any, kind: type[SendFailed], unsure: bool, permanent: bool
) -> None:
    with pytest.raises(SendFailed) as failed:
        CODES.judge(body)
    assert type(failed.value) is kind
    assert (failed.value.unsure, failed.value.permanent) == (unsure, permanent)


def test_zero_is_well() -> None:
    assert CODES.judge({"errcode": 0, "msgid": "1"})["msgid"] == "1"
