"""What is masked is set aside whole, and read only with a reason that stays on the case."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts.case import CloseCase
from contracts.casework import CaseRevealed, RevealOriginal
from contracts.channel import ChannelMessage, Quote, Sender
from services.intake.model import Case
from services.intake.originals.aside import read
from tests.chassis.folding import Folder
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only, wish

ID = "62010219900307451X"
SECRET = f"患者张三，身份证{ID}，2207报错"


def opened(**facts: Any) -> Folder[Case]:
    cases = desk()
    cases.hear(message(**facts))
    return cases


def asides(cases: Folder[Case]) -> list[str]:
    return [text for document in cases.documents.values() for _, text in document.asides]


def reveal(cases: Folder[Case], n: int = 0, **facts: Any) -> list[Any]:
    return cases.hear(wish(cases, RevealOriginal, n, **{"message_id": "m1", "reason": "核对参保人身份", **facts}))


def test_a_masked_message_leaves_its_whole_original() -> None:
    cases = opened(text=SECRET, sender="13812345678", subject="2207", quote=Quote(text="电话13912345678"))
    assert only(cases).lines[0].sealed
    [kept] = asides(cases)
    original = read(kept)
    assert (original.text, original.sender_id) == (SECRET, "13812345678")
    assert (original.subject, original.quote, original.conversation_id) == ("2207", "电话13912345678", "c1")
    assert ID not in json.dumps([str(state) for state in cases.states.values()])


@pytest.mark.parametrize(
    "facts",
    [
        {"sender": "13812345678"},
        {"conversation": "13812345678"},
        {"subject": SECRET},
        {"quote": Quote(text=SECRET)},
        {"text": "２２０７报错"},
    ],
)
def test_whatever_was_changed_is_kept(facts: dict[str, Any]) -> None:
    assert len(asides(opened(**facts))) == 1


@pytest.mark.parametrize(
    "facts",
    [{}, {"text": "  2207报错 \n"}, {"subject": "结算", "quote": Quote(text="门诊")}, {"quote": Quote(message_id="x")}],
)
def test_a_message_in_which_nothing_was_changed_leaves_nothing(facts: dict[str, Any]) -> None:
    cases = opened(**facts)
    assert asides(cases) == []
    assert not only(cases).lines[0].sealed


def test_the_subject_opens_a_case_and_is_not_said_again() -> None:
    cases = opened(text="见附件", subject="4101上传失败")
    cases.hear(message("m2", "还有一个", subject="4101上传失败"))
    assert [line.text for line in only(cases).lines] == ["4101上传失败\n见附件", "还有一个"]
    assert only(cases).title == "4101上传失败"


def test_reading_an_original_is_written_on_the_case_with_its_reason() -> None:
    cases = opened(text=SECRET)
    [revealed] = reveal(cases, reason="核对 13812345678 的身份")
    assert isinstance(revealed, CaseRevealed)
    assert (revealed.message_id, revealed.reason) == ("m1", "核对 138****5678 的身份")
    assert revealed.actor.id == "wang"
    assert ID not in revealed.model_dump_json()


def test_an_original_of_a_closed_case_can_be_read() -> None:
    cases = opened(text=SECRET)
    cases.hear(wish(cases, CloseCase, 1, reason="已处理"))
    assert reveal(cases)


def test_what_is_not_there_cannot_be_read() -> None:
    with pytest.raises(NotFound, match="没有这条消息"):
        reveal(opened(text=SECRET), message_id="m9")
    with pytest.raises(Refused, match="就是原文"):
        reveal(opened(text="2207报错"))
    with pytest.raises(Refused, match="理由"):
        reveal(opened(text=SECRET), reason="      ")


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_every_original_is_read_back_as_it_was(text: str, sender: str, subject: str) -> None:
    said = ChannelMessage(
        message_id="m1", channel="wechat", conversation_id="c1", sender=Sender(id=sender), text=text,
        subject=subject, occurred_at=NOON,
    )  # fmt: skip
    cases = desk()
    cases.hear(said)
    for kept in asides(cases):
        assert (read(kept).text, read(kept).sender_id, read(kept).subject) == (text, sender, subject)
