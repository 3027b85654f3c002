"""The shipped day is what it claims to be: every message valid but the planted one, and real in its details."""

import json
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from contracts.channel import CHANNELS, ChannelMessage
from yibao.demo.day import Broken, Do, Play, Say, Search, Until, Verb, name_of, planted, steps
from yibao.demo.morning import FOLDER
from yibao.demo.staff import STAFF
from yibao.demo.steps import Call, Directory, Form, OnDuty, Widespread

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PLAY = Play.starting(NOW)
DAY = steps()
MESSAGES = [step for step in DAY if isinstance(step, Say)]
DRILL = "P62019900001"


@pytest.mark.parametrize("step", MESSAGES, ids=lambda step: step.say)
def test_every_message_is_a_valid_channel_message(step: Say) -> None:
    message = ChannelMessage.model_validate_json(PLAY.line(1, step, NOW).body)
    assert message.message_id.startswith(PLAY.id)
    assert message.conversation_id.startswith(PLAY.id)
    assert message.occurred_at <= NOW


def test_the_broken_message_lacks_just_one_field() -> None:
    (broken,) = [step for step in DAY if isinstance(step, Broken)]
    with pytest.raises(ValidationError) as refused:
        ChannelMessage.model_validate_json(PLAY.line(1, broken, NOW).body)
    assert [error["loc"] for error in refused.value.errors()] == [(broken.missing,)]


def test_there_are_enough_messages_on_every_channel_from_enough_institutions() -> None:
    assert len(MESSAGES) >= 45
    assert {step.channel for step in MESSAGES} == set(CHANNELS)
    institutions = {step.institution for step in MESSAGES if step.institution}
    assert len(institutions) >= 7
    assert all(code[1:5] == "6201" for code in institutions)


def test_two_hospitals_report_the_same_outage() -> None:
    assert (
        len({s.institution for s in MESSAGES if "2207" in s.text and "超时" in s.text and s.say[:6] == "outage"}) == 2
    )


def test_every_kind_of_outcome_occurs() -> None:
    assert {step.expect for step in MESSAGES} == {"case", "addition", "duplicate", "resent", "response", "dead"}


def test_planted_numbers_stand_in_their_messages() -> None:
    for step in MESSAGES:
        body = unicodedata.normalize("NFKC", step.text + step.sender)
        digits = body.replace(" ", "").replace("-", "")
        assert all(number in digits for number in step.planted), step.say


def test_planted_id_numbers_have_a_valid_check_character() -> None:
    ids = [number for number in planted(DAY) if len(number) == 18]
    assert len(ids) >= 3
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in ids:
        assert "10X98765432"[sum(w * int(d) for w, d in zip(weights, number, strict=False)) % 11] == number[-1]
        assert number[:6] == "620199", "a division in which nobody is registered"


def test_the_drill_is_never_answered() -> None:
    (drill,) = [step for step in MESSAGES if step.institution == DRILL]
    acts = [step.do for step in DAY if isinstance(step, Do) and step.case == drill.say]
    assert acts == ["acknowledge"]
    assert [s.reached for s in DAY if isinstance(s, Until) and s.until == drill.say] == ["warned", "breached"]


def test_staff_do_everything_that_staff_can_do() -> None:
    acts = Counter(step.do for step in DAY if isinstance(step, Do))
    assert set(acts) == set(get_args(Verb))
    assert acts["resolve"] >= 6
    assert {step.by for step in DAY if isinstance(step, Do)} <= set(STAFF)
    assert [s.body["external_number"] for s in DAY if isinstance(s, Do) and s.do == "escalate"]
    assert sum(isinstance(step, Search) for step in DAY) >= 5


def test_staff_act_on_messages_that_have_been_written() -> None:
    said: set[str] = set()
    for step in DAY:
        if isinstance(step, Say | Broken | Form | Call):
            assert name_of(step) not in said
            assert {getattr(step, field, None) for field in ("same_id_as", "quotes")} <= {*said, None}
            said.add(name_of(step))
        elif isinstance(step, Do):
            assert {step.case, step.into} <= {*said, None}
        elif isinstance(step, Widespread):
            assert set(step.cases) <= said


def test_the_outage_is_noticed_before_anybody_acts_on_it_and_comes_by_three_doors() -> None:
    acts = [step for step in DAY if isinstance(step, Widespread)]
    assert [step.outage for step in acts] == ["suggested", "confirm", "broadcast", "resolve"]
    assert len({step.cases for step in acts}) == 1
    doors = {name_of(s): type(s) for s in DAY if isinstance(s, Say | Broken | Form | Call)}
    assert {doors[name] for name in acts[0].cases} == {Say, Form, Call}


def test_everybody_who_acts_is_on_duty_from_the_morning() -> None:
    directory, duty = DAY[:2]
    assert isinstance(directory, Directory) and isinstance(duty, OnDuty)
    assert all((FOLDER / f"{name}.csv").is_file() for name in ("institutions", "contacts", "contracts", "staff"))
    assert {step.by for step in DAY if isinstance(step, Do | Call)} <= set(duty.on_duty)


def test_a_resend_says_the_very_same_under_the_same_id() -> None:
    bodies = {step.say: json.loads(PLAY.line(1, step, NOW).body) for step in MESSAGES}
    (again,) = [step for step in MESSAGES if step.expect == "resent"]
    assert again.same_id_as is not None
    assert bodies[again.say] == bodies[again.same_id_as]


def test_two_plays_share_no_id() -> None:
    other = Play.starting(NOW.replace(second=1))
    assert other.line(1, MESSAGES[0], NOW).message_id != PLAY.line(1, MESSAGES[0], NOW).message_id
