"""Calls, web forms and visits as messages."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.intake.channels.forms.messages import message_of_form, message_of_visit, parse_form, parse_visit
from services.intake.channels.phone.messages import (
    Heard,
    Note,
    message_of_call,
    message_of_missed,
    parse_call,
    parse_note,
)
from services.intake.channels.reading import BadPayload
from tests.support.make import NOON

RANG = {"call_id": "c1", "event": "ring", "at": "2026-11-22T12:00:00", "caller": "13812345678"}


def test_a_time_without_a_zone_is_beijings() -> None:
    assert parse_call(RANG).rang_at == NOON


@pytest.mark.parametrize(
    "at", [NOON.timestamp(), NOON.timestamp() * 1000, str(int(NOON.timestamp())), NOON.isoformat()]
)
def test_a_time_may_be_written_as_switches_do(at: Any) -> None:
    assert parse_call({**RANG, "at": at}).rang_at == NOON


def test_a_hang_up_may_carry_the_whole_call() -> None:
    heard = parse_call(
        {**RANG, "event": "hangup", "rang_at": "2026-11-22T11:58:00", "answered_at": "2026-11-22T11:58:10"}
    )
    assert (heard.ended_at, heard.rang_at) == (NOON, NOON - timedelta(minutes=2))


def test_a_call_out_is_about_the_number_that_was_called() -> None:
    heard = parse_call({**RANG, "direction": "outbound", "callee": "09311234567"})
    assert (heard.direction, heard.number) == ("out", "09311234567")


def test_a_note_happened_when_the_call_was_answered_and_is_recorded_later() -> None:
    heard = Heard("c1", "138", rang_at=NOON, answered_at=NOON + timedelta(seconds=9))
    message = message_of_call(heard, Note("结算失败", "李工"), NOON + timedelta(hours=3), "abc")
    assert message.call is not None and message.call.rang_at == NOON
    assert (message.occurred_at, message.recorded_at) == (NOON + timedelta(seconds=9), NOON + timedelta(hours=3))
    assert (message.conversation_id, message.sender.id) == ("abc", "138")


def test_a_missed_call_says_when_how_long_and_who() -> None:
    heard = Heard("c1", "09311234567", rang_at=NOON, ended_at=NOON + timedelta(seconds=25))
    text = message_of_missed(heard, "abc", ZoneInfo("Asia/Shanghai")).text
    assert text == "未接来电：11月22日 12:00:00，响铃 25 秒，来电号码 09311234567，请回拨"


def test_a_note_on_a_call_of_unknown_time_asks_for_it() -> None:
    note, heard = parse_note("c9", {"text": "x"})
    with pytest.raises(BadPayload, match="rang_at"):
        message_of_call(heard, note, NOON, "abc")


@pytest.mark.parametrize("gone", ["call_id", "event", "at"])
def test_an_event_that_lacks_something_names_it(gone: str) -> None:
    with pytest.raises(BadPayload, match=gone):
        parse_call({name: value for name, value in RANG.items() if name != gone})


def test_a_form_with_only_a_subject_still_asks_something() -> None:
    form = parse_form({"subject": "月结对不上", "contact": "x"})
    message = message_of_form(form, "m1", "person", (), NOON)
    assert (message.subject, message.text) == ("月结对不上", "月结对不上")


def test_an_institution_by_name_is_kept_in_the_words() -> None:
    assert parse_form({"text": "x", "institution": "h62010200123"}).institution == "H62010200123"
    by_name = parse_form({"text": "x", "institution": "县人民医院"})
    assert (by_name.institution, by_name.text) == (None, "x\n单位：县人民医院")


VISIT = {"place": "县医院", "whom": "李主任", "text": "换了读卡器", "arrived_at": "2026-11-22T10:00:00"}


def test_a_visit_typed_twice_is_one_message_and_other_words_are_another() -> None:
    def typed(**change: str) -> str:
        return message_of_visit(parse_visit({**VISIT, **change}, NOON), "wang", "p", NOON).message_id

    assert typed() == typed()
    assert len({typed(), typed(text="又换了一次"), typed(arrived_at="2026-11-22T11:00:00")}) == 3


@pytest.mark.parametrize(
    ("change", "named"),
    [({"left_at": "2026-11-22T09:00:00"}, "left_at"), ({"arrived_at": "2026-11-22T13:00:00"}, "arrived_at"),
     ({"place": ""}, "place"), ({"place": "长" * 201}, "place"), ({"arrived_at": ""}, "arrived_at")],
)  # fmt: skip
def test_a_visit_that_cannot_be_is_refused(change: dict[str, str], named: str) -> None:
    with pytest.raises(BadPayload, match=named):
        parse_visit({**VISIT, **change}, NOON)


def test_the_times_of_a_call_do_not_depend_on_the_order_of_its_events() -> None:
    events = [{**RANG, "event": e, "at": f"2026-11-22T12:0{n}:00"} for n, e in enumerate(("ring", "answer", "hangup"))]
    sums = {
        frozenset(
            (n, t)
            for h in map(parse_call, order)
            for n in ("rang_at", "answered_at", "ended_at")
            if (t := getattr(h, n))
        )
        for order in permutations(events)
    }
    assert len(sums) == 1


@pytest.mark.parametrize("caller", ["anonymous", "未知", "private"])
def test_hidden_numbers_are_not_one_caller(caller: str) -> None:
    assert parse_call({**RANG, "caller": caller}).number == ""


def test_a_call_whose_id_has_a_slash_can_still_be_noted() -> None:
    assert parse_call({**RANG, "call_id": "pbx/17"}).call_id == "pbx_17"


def test_a_form_of_invisible_characters_alone_is_refused_and_says_what_to_fill_in() -> None:
    form = parse_form({"text": "\u200b \u3000"})
    with pytest.raises(BadPayload, match="请填写 text"):
        message_of_form(form, "web:1", "p", (), NOON)


def test_an_institution_that_is_no_code_stays_in_the_words() -> None:
    visit = parse_visit(
        {"place": "门诊", "arrived_at": "2026-11-22T11:00:00", "text": "看了2208", "institution": "某院"}, NOON
    )
    note, _ = parse_note("c1", {"text": "问拨付", "institution": "某院"})
    assert (visit.text, visit.institution) == ("看了2208\n单位：某院", None)
    assert (note.text, note.institution) == ("问拨付\n单位：某院", None)
