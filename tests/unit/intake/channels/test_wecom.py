"""WeChat messages: every type of the application's callback, robots in groups, and the chat archive."""

import json
from typing import Any

import pytest

from services.intake.channels.reading import BadPayload
from services.intake.channels.wecom.group import parse_archive, parse_robot, reply_url
from services.intake.channels.wecom.messages import address_of, encrypted_of, parse_wecom
from tests.support.make import NOON
from tests.support.wecom import envelope, xml

ROBOT_XML = """<xml><WebhookUrl><![CDATA[https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k]]></WebhookUrl>
<ChatId><![CDATA[wrroom]]></ChatId><ChatType>group</ChatType><From><UserId>lisi</UserId><Name><![CDATA[县医院李工]]></Name>
<Alias>l</Alias></From><MsgType>text</MsgType>
<Text><Content><![CDATA[@医保助手 2207 超时]]></Content></Text><MsgId>m-9</MsgId></xml>"""
ARCHIVED: dict[str, Any] = {
    "msgid": "a-1", "action": "send", "from": "wmlisi", "tolist": ["wangfang"], "roomid": "wrroom",
    "msgtime": 1795327200123, "msgtype": "text", "text": {"content": "门特结算失败"}, "fromname": "县医院李工",
}  # fmt: skip


def test_a_text_is_a_message_of_a_person_in_an_application() -> None:
    message = parse_wecom(xml(Content="2207 报错").encode())
    assert message is not None
    assert (message.message_id, message.conversation_id, message.text) == (
        "wecom:7301",
        "app:1000002:zhangsan",
        "2207 报错",
    )
    assert (message.sender.id, message.sender.role, message.group) == ("zhangsan", "requester", False)
    assert message.occurred_at.timestamp() == 1795327200
    assert address_of(message) == {"kind": "app", "agent_id": "1000002", "to_user": "zhangsan"}


@pytest.mark.parametrize(
    ("kind", "fields", "text", "attached"),
    [
        ("image", {"PicUrl": "http://wework.qpic.cn/1", "MediaId": "m1"}, "", ("image", "http://wework.qpic.cn/1")),
        ("voice", {"MediaId": "m1", "Format": "amr"}, "", ("audio", "wecom-media:m1")),
        ("voice", {"MediaId": "m1", "Recognition": "结算报错"}, "结算报错", ("audio", "wecom-media:m1")),
        ("video", {"MediaId": "m1", "ThumbMediaId": "t"}, "", ("video", "wecom-media:m1")),
        ("file", {"MediaId": "m1", "FileName": "对账单.xlsx"}, "", ("file", "wecom-media:m1")),
        (
            "location",
            {"Location_X": "36.06", "Location_Y": "103.8", "Label": "兰州"},
            "[位置] 兰州 (36.06, 103.8)",
            None,
        ),
        ("link", {"Title": "通知", "Url": "https://e.cn/1"}, "[链接]\n通知\nhttps://e.cn/1", None),
        ("hologram", {}, "[暂不支持的消息类型: hologram]", None),
    ],
)
def test_every_type_says_something(
    kind: str, fields: dict[str, str], text: str, attached: tuple[str, str] | None
) -> None:
    message = parse_wecom(xml(kind, **fields).encode())  # type: ignore[arg-type]
    assert message is not None and message.text == text
    assert [(a.kind, a.url) for a in message.attachments] == ([attached] if attached else [])


def test_events_and_blank_texts_are_no_messages() -> None:
    assert parse_wecom(xml("event", Event="subscribe", MsgId="").encode()) is None
    assert parse_wecom(xml(Content=" \n").encode()) is None


def test_a_document_type_definition_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
    with pytest.raises(BadPayload, match="DTD"):
        encrypted_of(bomb.encode())
    assert encrypted_of(envelope("abc").encode()) == "abc"


def test_a_robot_hears_who_spoke_in_which_group() -> None:
    message = parse_robot(ROBOT_XML.encode(), NOON)
    assert message is not None and message.group
    assert (message.conversation_id, message.sender.id, message.sender.name) == ("room:wrroom", "lisi", "县医院李工")
    assert (message.text, message.occurred_at) == ("2207 超时", NOON)
    assert address_of(message) == {"kind": "room", "chat_id": "wrroom"}
    assert reply_url(ROBOT_XML.encode()).startswith("https://qyapi")


def test_the_newer_robot_speaks_json_and_quotes() -> None:
    payload = {
        "msgid": "j-1", "aibotid": "b", "chatid": "wrroom", "chattype": "group", "from": {"userid": "lisi"},
        "msgtype": "mixed", "response_url": "https://qyapi.weixin.qq.com/r",
        "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "@医保助手 看截图"}},
                               {"msgtype": "image", "image": {"url": "https://ww-ai.qpic.cn/1"}}]},
        "quote": {"msgtype": "text", "text": {"content": "昨天的问题"}},
    }  # fmt: skip
    message = parse_robot(json.dumps(payload).encode(), NOON)
    assert message is not None and message.quote is not None
    assert (message.text, message.quote.text) == ("看截图", "昨天的问题")
    assert [a.kind for a in message.attachments] == ["image"]


def test_a_record_of_the_archive_is_a_message_of_its_room() -> None:
    message = parse_archive(ARCHIVED)
    assert message is not None and message.group
    assert (message.conversation_id, message.sender.name) == ("room:wrroom", "县医院李工")
    assert message.occurred_at.timestamp() == 1795327200.123


def test_colleagues_in_a_group_are_known_as_staff() -> None:
    message = parse_archive({**ARCHIVED, "from": "wangfang"}, {"wangfang"})
    assert message is not None and message.sender.role == "staff"


def test_a_chat_of_two_is_the_requesters_whoever_speaks() -> None:
    alone = {**ARCHIVED, "roomid": ""}
    asked = parse_archive(alone, {"wangfang"})
    answered = parse_archive({**alone, "msgid": "a-2", "from": "wangfang", "tolist": ["wmlisi"]}, {"wangfang"})
    assert asked is not None and answered is not None
    assert asked.conversation_id == answered.conversation_id == "single:wmlisi"
    assert address_of(answered) == {"kind": "single", "to_user": "wmlisi"}, "never the colleague's own account"


@pytest.mark.parametrize("change", [{"action": "recall"}, {"action": "switch", "msgtype": ""}, {"msgtype": "revoke"}])
def test_recalls_and_switches_are_no_messages(change: dict[str, str]) -> None:
    assert parse_archive({**ARCHIVED, **change}) is None


def test_a_file_of_the_archive_keeps_its_name_and_size() -> None:
    record = {**ARCHIVED, "msgtype": "file", "file": {"sdkfileid": "s1", "filename": "对账.xlsx", "filesize": 1024}}
    message = parse_archive(record)
    assert message is not None
    [file] = message.attachments
    assert (file.name, file.size, file.url) == ("对账.xlsx", 1024, "wecom-archive:s1")


@pytest.mark.parametrize("gone", ["FromUserName", "MsgId", "CreateTime", "MsgType"])
def test_what_is_missing_is_named(gone: str) -> None:
    payload = xml(Content="x").replace(gone, "Other")
    with pytest.raises(BadPayload, match=gone.lower()):
        parse_wecom(payload.encode())
