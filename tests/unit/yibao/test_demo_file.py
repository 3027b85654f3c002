"""Whatever stands in a line of the file, it is published and can be accounted for."""

import json
from datetime import UTC, datetime

from contracts.channel import ChannelMessage
from yibao.demo.file import LARGEST, read

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GOOD = {
    "id": "185986", "user": "UU008363", "title": "医保卡", "asked_at": "2011/10/3 21:52:37",
    "question": "卡丢了怎么办", "reply": "请到窗口补办", "replied_at": "2012/2/28 10:19:55",
}  # fmt: skip


def encoded(*entries: object) -> bytes:
    return "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries).encode()


def test_a_good_line_is_a_message_of_the_web_that_is_received_now() -> None:
    ((line, reply),) = read(encoded(GOOD), NOW)
    message = ChannelMessage.model_validate_json(line.body)
    assert (message.message_id, message.conversation_id, message.sender.id) == ("185986", "UU008363", "UU008363")
    assert (message.channel, message.text, message.occurred_at) == ("web", "医保卡\n卡丢了怎么办", NOW)
    assert reply == "请到窗口补办"


def test_a_line_that_is_something_else_is_published_as_it_is() -> None:
    raw = [b"not json", b"", b'{"id": "1"}', b"[1]", b"\xff\xfe", encoded(GOOD | {"question": None})]
    lines = [entry.line for entry in read(b"\n".join(raw), NOW)]
    assert [line.body for line in lines] == raw
    assert [line.n for line in lines] == [1, 2, 3, 4, 5, 6]
    assert {line.message_id for line in lines} == {""}


def test_an_id_may_be_a_number_and_may_not_break_the_path_it_is_asked_by() -> None:
    entries = read(encoded(GOOD | {"id": 7}, GOOD | {"id": "2011/7"}, GOOD | {"reply": None}), NOW)
    assert [entry.line.message_id for entry in entries] == ["7", "2011_7", "185986"]
    assert entries[2].reply == ""


def test_a_line_longer_than_the_broker_takes_is_cut() -> None:
    (entry,) = read(b"x" * (LARGEST + 5), NOW)
    assert len(entry.line.body) == LARGEST


def test_every_line_has_a_publishing_id_of_its_own() -> None:
    lines = [entry.line for entry in read(encoded(GOOD, GOOD), NOW)]
    assert lines[0].outgoing("p").id != lines[1].outgoing("p").id
    assert lines[0].message_id == lines[1].message_id
