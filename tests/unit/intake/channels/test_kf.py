"""WeChat customer service: what an announcement and a record say."""

from typing import Any

import pytest

from services.intake.channels.reading import BadPayload
from services.intake.channels.wecom.kf import Ring, parse_page, parse_record, parse_ring
from services.intake.channels.wecom.messages import address_of
from tests.support.wecom import xml


def record(**more: Any) -> dict[str, Any]:
    return {
        "msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1795327200, "origin": 3,
        "msgtype": "text", "text": {"content": "门诊结算失败"}, **more,
    }  # fmt: skip


def test_only_the_announcement_of_customer_service_is_one() -> None:
    assert parse_ring(xml("event", Event="kf_msg_or_event", Token="T", OpenKfId="wk1").encode()) == Ring("wk1", "T")
    assert parse_ring(xml("event", Event="enter_agent").encode()) is None
    assert parse_ring(xml("text", Content="kf_msg_or_event").encode()) is None


def test_a_customer_s_words_are_answered_in_the_same_desk_and_a_servicer_s_are_staff_s() -> None:
    said = parse_record(record())
    assert said and (said.message_id, said.conversation_id, said.sender.role) == ("kf:m1", "kf:wk1:wm1", "requester")
    assert address_of(said) == {"kind": "kf", "open_kfid": "wk1", "to_user": "wm1"}
    answered = parse_record(record(origin=5, servicer_userid="wangfang"))
    assert answered and (answered.sender.id, answered.sender.role) == ("wangfang", "staff")
    assert answered.conversation_id == said.conversation_id
    assert address_of(answered) == address_of(said)


@pytest.mark.parametrize(
    ("more", "text", "url"),
    [
        ({"msgtype": "image", "image": {"media_id": "m"}}, "", "wecom-media:m"),
        ({"msgtype": "location", "location": {"name": "县医院", "latitude": 36.0, "longitude": 103.8}},
         "[位置] 县医院 (36.0, 103.8)", None),
        ({"msgtype": "link", "link": {"title": "通知", "desc": "停机", "url": "https://x"}},
         "[链接]\n通知\n停机\nhttps://x", None),
        ({"msgtype": "miniprogram", "miniprogram": {"title": "x"}}, "[暂不支持的消息类型: miniprogram]", None),
    ],
)  # fmt: skip
def test_every_kind_of_record_reaches_somebody(more: dict[str, Any], text: str, url: str | None) -> None:
    said = parse_record(record(**more))
    assert said and said.text == text
    assert [a.url for a in said.attachments] == ([url] if url else [])


@pytest.mark.parametrize("more", [{"origin": 4}, {"msgtype": "event", "event": {}}, {"text": {"content": " "}}])
def test_what_nobody_said_is_no_message(more: dict[str, Any]) -> None:
    assert parse_record(record(**more)) is None


def test_one_record_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    page = parse_page({"msg_list": [record(external_userid=""), record()], "next_cursor": "c"}, "")
    assert [m.message_id for m in page.messages] == ["kf:m1"]
    assert [n for n, _ in page.wrong] == [0]


def test_a_cursor_that_does_not_move_ends_the_fetching() -> None:
    assert parse_page({"has_more": 1, "next_cursor": "c2"}, "c1").more
    assert not parse_page({"has_more": 1, "next_cursor": "c1"}, "c1").more
    assert not parse_page({"has_more": 1}, "c1").more
    with pytest.raises(BadPayload):
        parse_page({"msg_list": {}}, "")
