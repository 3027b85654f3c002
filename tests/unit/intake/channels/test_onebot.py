"""QQ events of OneBot 11: arrays and CQ codes, groups and persons, and what is no message."""

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channel import ChannelMessage
from services.intake.channels.onebot.messages import address_of, is_signed, parse_onebot, send_msg
from services.intake.channels.reading import BadPayload


def event(message: Any = "2207 报错", **more: Any) -> dict[str, Any]:
    return {
        "time": 1795327200, "self_id": 10001, "post_type": "message", "message_type": "group", "sub_type": "normal",
        "message_id": -2147, "group_id": 5550001, "user_id": 20002, "message": message, "raw_message": "",
        "sender": {"user_id": 20002, "nickname": "李工", "card": "县医院-李工", "role": "member"}, **more,
    }  # fmt: skip


def heard(message: Any, **more: Any) -> ChannelMessage:
    parsed = parse_onebot(event(message, **more))
    assert parsed is not None
    return parsed


def test_a_group_message_has_its_group_and_the_name_in_the_group() -> None:
    message = heard([{"type": "text", "data": {"text": "2207 报错"}}])
    assert (message.message_id, message.conversation_id, message.group) == ("qq:10001:-2147", "group:5550001", True)
    assert (message.sender.id, message.sender.name, message.text) == ("20002", "县医院-李工", "2207 报错")
    assert address_of(message, "10001") == {"kind": "group", "target": "5550001", "self_id": "10001"}


def test_a_private_message_is_a_conversation_of_its_own() -> None:
    message = heard("你好", message_type="private", group_id=None)
    assert (message.conversation_id, message.group) == ("private:20002", False)
    assert send_msg(address_of(message, "10001"), "a[CQ:at,qq=all]") == {
        "message_type": "private", "user_id": 20002, "message": [{"type": "text", "data": {"text": "a[CQ:at,qq=all]"}}],
    }  # fmt: skip


SEGMENTS = [
    {"type": "reply", "data": {"id": "-99"}},
    {"type": "at", "data": {"qq": "10001"}},
    {"type": "at", "data": {"qq": "30003", "name": "王芳"}},
    {"type": "text", "data": {"text": "看图 [1], a&b"}},
    {"type": "image", "data": {"file": "a.jpg", "url": "https://gchat.qpic.cn/1?x=1&y=2"}},
    {"type": "face", "data": {"id": "14"}},
]
CODED = (
    "[CQ:reply,id=-99][CQ:at,qq=10001][CQ:at,qq=30003,name=王芳]看图 &#91;1&#93;, a&amp;b"
    "[CQ:image,file=a.jpg,url=https://gchat.qpic.cn/1?x=1&amp;y=2][CQ:face,id=14]"
)


@pytest.mark.parametrize("written", [SEGMENTS, CODED], ids=["array", "cq"])
def test_an_array_and_cq_codes_say_the_same(written: Any) -> None:
    message = heard(written)
    assert message.text == "@王芳 看图 [1], a&b"
    assert message.quote is not None and message.quote.message_id == "qq:10001:-99"
    assert [(a.kind, a.url) for a in message.attachments] == [
        ("image", "https://gchat.qpic.cn/1?x=1&y=2"), ("sticker", "qq-face:14"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        ({"type": "record", "data": {"file": "https://multimedia.nt.qq.com.cn/1"}}, "audio"),
        ({"type": "video", "data": {"url": "https://multimedia.nt.qq.com.cn/1"}}, "video"),
        ({"type": "file", "data": {"file": "对账.xlsx", "url": "https://f.qq.com/1", "file_size": "12"}}, "file"),
        ({"type": "image", "data": {"url": "https://gchat.qpic.cn/1", "sub_type": 1}}, "sticker"),
    ],
)
def test_media_come_with_their_kind(segment: dict[str, Any], kind: str) -> None:
    [attachment] = heard([segment]).attachments
    assert attachment.kind == kind


def test_media_that_cannot_be_fetched_are_at_least_named() -> None:
    assert heard([{"type": "image", "data": {"file": "abc.image"}}]).text == "[图片]"


@pytest.mark.parametrize(
    "other",
    [
        {"post_type": "meta_event", "meta_event_type": "heartbeat"},
        {"post_type": "notice", "notice_type": "group_upload"},
        {"post_type": "request"},
        {"post_type": "message_sent"},
        {"user_id": 10001},
        {"message": [{"type": "at", "data": {"qq": "10001"}}]},
    ],
)
def test_what_is_no_question_is_no_message(other: dict[str, Any]) -> None:
    assert parse_onebot(event(**other)) is None


def test_a_colleague_is_known_as_staff() -> None:
    message = parse_onebot(event(), {"20002"})
    assert message is not None and message.sender.role == "staff"


@pytest.mark.parametrize(
    "change", [{"message_id": None}, {"user_id": ""}, {"time": "x"}, {"message": 7}, {"sender": 3}]
)
def test_what_is_wrong_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        parse_onebot(event(**change))


def test_a_signature_is_of_the_body_and_the_secret() -> None:
    body = b'{"a":1}'
    signature = "sha1=" + hmac.new(b"key", body, hashlib.sha1).hexdigest()
    assert is_signed(body, signature, "key")
    assert not is_signed(body + b" ", signature, "key")
    assert not is_signed(body, signature, "other")
    assert not is_signed(body, "", "key")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
def test_any_text_survives_the_escaping_of_cq_codes(text: str) -> None:
    coded, plain = parse_onebot(event(escaped(text))), parse_onebot(event([{"type": "text", "data": {"text": text}}]))
    assert (coded and coded.text) == (plain and plain.text)
    if text.strip():
        assert plain is not None and plain.text == text.strip()


def test_an_answer_to_an_id_that_no_message_has_is_still_heard() -> None:
    segments = [{"type": "reply", "data": {"id": "9" * 500}}, {"type": "text", "data": {"text": "还是不行"}}]
    message = heard(segments)
    assert (message.text, message.quote) == ("还是不行", None)
    assert ChannelMessage.model_validate_json(message.model_dump_json()) == message
