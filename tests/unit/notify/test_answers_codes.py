"""The code by which an alert is acknowledged in an answer: typed by people, and taken for nothing else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channel import CODE_ALPHABET, answer_code
from services.notify.answers import answer_in
from services.notify.links.codes import Codes, Told, allowed
from tests.support.make import message

CODES = Codes(bytes(range(32)))
ALERT = UUID(int=7)
CODE = CODES.code(ALERT, "staff:wang")
KEYS = st.sampled_from(["staff:wang", "staff:li", "contact:c1", "desk"])


@given(st.uuids(), KEYS)
def test_a_code_is_read_out_of_every_way_in_which_people_answer(alert: UUID, recipient: str) -> None:
    code = CODES.code(alert, recipient)
    typed = code.lower().replace("0", "o").replace("1", "l")
    for text in (
        code, typed, f"知悉 {code}", f"收到{typed}。", f"已知悉：{code}", f" 知悉\n{code} ", f"确认，{code}！",
        f"{code} 收到", f"【{code}】", f"「医保服务台：工单 YB-1 超时\n回复 知悉 ABCDE1」\n- - - - - -\n知悉 {code}",
    ):  # fmt: skip
        assert answer_code(text) == code, text


@given(st.uuids(), KEYS)
def test_a_code_has_a_letter_and_a_digit_and_no_look_alikes(alert: UUID, recipient: str) -> None:
    code = CODES.code(alert, recipient)
    assert len(code) == 6 and set(code) <= set(CODE_ALPHABET) and not set(code) & set("ILOU")
    assert 2 <= sum(c.isalpha() for c in code) < 6


@given(st.integers(0, 5), st.sampled_from(CODE_ALPHABET))
def test_a_code_with_one_character_mistyped_is_none(at: int, other: str) -> None:
    mistyped = CODE[:at] + other + CODE[at + 1 :]
    assert (answer_code(mistyped) is None) == (mistyped != CODE)


@pytest.mark.parametrize(
    "text",
    [
        "", "知悉", "收到", "收到，谢谢老师", "123456", "ABCDEF", "E10023", "报错 2207", f"知悉 {CODE} 但是还有问题",
        f"{CODE}{CODE}", f"{CODE}\n麻烦看下", f"我们的单号是 {CODE} 请查", "知悉 " + "A1" * 200, f"知悉 ＃{CODE}x",
    ],
)  # fmt: skip
def test_what_people_write_otherwise_is_no_answer(text: str) -> None:
    assert answer_code(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_codes(text: str) -> None:
    code = answer_code(text)
    assert code is None or len(code) == 6


def test_a_code_belongs_to_one_alert_one_recipient_and_one_desk() -> None:
    told = [Told(UUID(int=n), r) for n in range(300) for r in ("staff:wang", "staff:li", "desk")]
    assert CODES.by_code(told)[CODE] == [Told(ALERT, "staff:wang")]
    assert CODE not in Codes(bytes(32)).by_code(told)


def test_the_recipient_may_answer_and_a_colleague_and_nobody_else() -> None:
    assert allowed(Told(ALERT, "contact:c1"), {"contact:c1"}) == "contact:c1"
    assert allowed(Told(ALERT, "desk"), {"staff:wang"}) == "staff:wang"
    assert allowed(Told(ALERT, "staff:li"), {"staff:wang"}) == "staff:wang"
    assert allowed(Told(ALERT, "staff:li"), {"contact:c1"}) is None
    assert allowed(Told(ALERT, "staff:li"), ()) is None


def test_only_answers_among_channel_messages_are_looked_at() -> None:
    said = message("m1", f"知悉 {CODE}", sender="wangwx")
    found = answer_in(said.model_dump_json().encode())
    assert found is not None and found[0] == CODE
    assert (found[1].sender.id, found[1].message_id, found[1].channel) == ("wangwx", "m1", "wechat")
    for other in (message("m2", "门诊结算失败").model_dump_json().encode(), b"", b"{}", b"\xff", b"[]", b'{"text": 1}'):
        assert answer_in(other) is None
