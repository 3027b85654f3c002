"""Whatever a stranger sends, a parser gives a message, nothing, or BadPayload: never another error."""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.channel import ChannelMessage
from services.intake.channels.forms.messages import message_of_form, message_of_visit, parse_form, parse_visit
from services.intake.channels.onebot.messages import parse_onebot
from services.intake.channels.phone.messages import message_of_call, message_of_missed, parse_call, parse_note
from services.intake.channels.reading import BadPayload, json_of
from services.intake.channels.wecom.group import parse_archive, parse_robot
from services.intake.channels.wecom.messages import encrypted_of, parse_wecom
from tests.support.make import NOON
from tests.support.wecom import envelope, xml

FUZZ = settings(max_examples=200, deadline=None)
ZONE = ZoneInfo("Asia/Shanghai")
# Names, types and values that steer the parsers, so that a mutation gets past the first check.
WORDS = st.sampled_from([
    "text", "image", "voice", "file", "mixed", "location", "link", "event", "emotion", "message", "group", "private",
    "ring", "hangup", "send", "single", "msg_item", "item", "content", "1795327200", "99999999999999999999",
    "2026-11-22T12:00:00", "0001-01-01T00:00:00+14:00", "[CQ:image,url=http://x]", "\ud800", "\0", "", " ",
    "H62010200123",
])  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=12)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)

ROBOT = {"msgid": "1", "chatid": "r", "chattype": "group", "from": {"userid": "u", "name": "n"}, "msgtype": "text",
         "text": {"content": "x"}, "quote": {"msgtype": "text", "text": {"content": "y"}}, "create_time": 1795327200,
         "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "x"}}]}}  # fmt: skip
ARCHIVE = {"msgid": "1", "action": "send", "from": "u", "tolist": ["v"], "roomid": "r", "msgtime": 1795327200123,
           "msgtype": "mixed", "mixed": {"item": [{"type": "text", "content": '{"content":"x"}'}]},
           "text": {"content": "x"}, "file": {"sdkfileid": "s", "filename": "n", "filesize": 1}}  # fmt: skip
QQ = {"time": 1795327200, "self_id": 1, "post_type": "message", "message_type": "group", "message_id": 2, "group_id": 3,
      "user_id": 4, "sender": {"card": "n"},
      "message": [{"type": "image", "data": {"url": "http://x", "file_size": "1"}}]}  # fmt: skip
CALL = {"call_id": "c", "event": "hangup", "at": 1795327200, "caller": "1", "rang_at": 1795327190, "text": "x",
        "name": "n", "recording": "r", "direction": "in", "institution": "H62010200123"}  # fmt: skip
FORM = {"name": "n", "contact": "c", "institution": "i", "subject": "s", "text": "t", "form_id": "f"}
VISIT = {"place": "p", "whom": "w", "arrived_at": "2026-11-22T10:00:00+08:00", "left_at": 1795327200, "text": "t"}


def call(payload: Any) -> ChannelMessage:
    heard = parse_call(payload)
    note, _ = parse_note("c", payload)
    message_of_missed(heard, "x", ZONE)
    return message_of_call(heard, note, NOON, "x")


def form(payload: Any) -> ChannelMessage | None:
    return message_of_form(parse_form(payload), "m", "p", (), NOON) if isinstance(payload, dict) else None


def visit(payload: Any) -> ChannelMessage:
    return message_of_visit(parse_visit(payload, NOON), "s", "p", NOON)


def robot(payload: Any) -> ChannelMessage | None:
    return parse_robot(json.dumps(payload).encode(), NOON)


PARSERS: list[tuple[Callable[[Any], ChannelMessage | None], dict[str, Any]]] = [
    (robot, ROBOT), (parse_archive, ARCHIVE), (parse_onebot, QQ), (call, CALL), (form, FORM), (visit, VISIT),
]  # fmt: skip
NAMES = ["robot", "archive", "onebot", "call", "form", "visit"]


def judged(parse: Callable[[Any], ChannelMessage | None], payload: Any) -> ChannelMessage | None:
    """A message that is given must also survive its way through the log."""
    try:
        message = parse(payload)
    except BadPayload as refused:
        assert not str(refused).isascii(), "staff read it in Chinese"
        return None
    if message is not None:
        assert ChannelMessage.model_validate_json(message.model_dump_json()).message_id == message.message_id
    return message


@pytest.mark.parametrize(("parse", "sound"), PARSERS, ids=NAMES)
def test_the_sound_payload_is_a_message(parse: Callable[[Any], ChannelMessage | None], sound: dict[str, Any]) -> None:
    assert judged(parse, sound) is not None


@pytest.mark.parametrize(("parse", "sound"), PARSERS, ids=NAMES)
@FUZZ
@given(data=st.data())
def test_a_payload_with_changed_fields(parse: Callable[[Any], Any], sound: dict[str, Any], data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(sound)), VALUES, min_size=1, max_size=3))
    judged(parse, {**sound, **changes})


@pytest.mark.parametrize(("parse", "sound"), PARSERS, ids=NAMES)
@FUZZ
@given(payload=VALUES)
def test_any_json(parse: Callable[[Any], Any], sound: dict[str, Any], payload: Any) -> None:
    judged(parse, payload)


SOUND_XML = xml("text", Content="2207 报错", Label="x", PicUrl="http://x").encode()


@FUZZ
@given(st.integers(0, len(SOUND_XML) - 1), st.integers(0, 40), st.binary(max_size=12))
def test_xml_with_bytes_changed(start: int, length: int, put: bytes) -> None:
    changed = SOUND_XML[:start] + put + SOUND_XML[start + length :]
    judged(parse_wecom, changed)
    judged(lambda payload: parse_robot(payload, NOON), changed)


@FUZZ
@given(
    st.dictionaries(
        st.sampled_from(["MsgType", "Content", "CreateTime", "MediaId", "Location_X"]), WORDS | st.text(max_size=9)
    )
)
def test_xml_with_fields_changed(changes: dict[str, str]) -> None:
    payload = xml(changes.pop("MsgType", "text"), **changes)  # type: ignore[arg-type]
    judged(parse_wecom, payload.encode(errors="replace"))


@FUZZ
@given(st.binary(max_size=200))
def test_any_bytes(payload: bytes) -> None:
    for parse in (parse_wecom, lambda data: parse_robot(data, NOON), lambda data: parse_onebot(json_of(data))):
        judged(parse, payload)
    try:
        encrypted_of(payload)
    except BadPayload as refused:
        assert not str(refused).isascii()


@pytest.mark.parametrize("depth", [100, 100_000])
def test_what_is_nested_without_end_is_refused(depth: int) -> None:
    with pytest.raises(BadPayload):
        parse_onebot(json_of(b"[" * depth + b"]" * depth))
    with pytest.raises(BadPayload):
        parse_wecom(b"<a>" * depth + b"</a>" * depth)


def test_the_outer_xml_is_read() -> None:
    assert encrypted_of(envelope("x").encode()) == "x"
