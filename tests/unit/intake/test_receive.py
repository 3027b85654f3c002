"""Channel messages: in whatever order and how often they come, the case ends the same and none is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import CaseOpened, CloseCase, ReopenCase, ResolveCase, RespondToCase
from contracts.channel import Attachment, ChannelMessage
from services.intake import model
from services.intake.model import Case
from tests.chassis.folding import Folder, shuffled, well_said
from tests.support.make import NOON, message
from tests.unit.intake.cases import case_of, desk, only, wish

TEXTS = (
    "2207接口报错", "2207接口报错！", "3201对账 失败", "3201对账失败", "his系统瘫痪", "HIS系统瘫痪。",
    "生育津贴怎么领", "P62010200001药店刷卡", "您好", "谢谢",
)  # fmt: skip


@st.composite
def conversations(draw: st.DrawFn) -> list[ChannelMessage]:
    """Some messages of one person in one chat, close in time, often in the same words."""
    said = draw(st.lists(st.tuples(st.sampled_from(TEXTS), st.integers(-3, 3)), min_size=1, max_size=8))
    return [message(f"m{n}", text, occurred_at=NOON + timedelta(minutes=at)) for n, (text, at) in enumerate(said)]


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@given(st.data())
def test_permuted_and_duplicated_messages_end_in_the_same_case(data: st.DataObject) -> None:
    sent = data.draw(conversations())
    straight, crooked = desk(), desk()
    straight.hear(*sent)
    crooked.hear(*data.draw(shuffled(sent)))
    assert crooked.states == straight.states
    assert (only(crooked).received, crooked.refused) == (len(sent), [])
    well_said(crooked.said, case_of)


@given(st.data())
def test_a_full_case_rolls_over_and_every_message_is_in_exactly_one(data: st.DataObject) -> None:
    sent = data.draw(conversations())
    with pytest.MonkeyPatch.context() as small:
        small.setattr(model, "MAX_LINES", 2)
        small.setattr(model, "MAX_RECEIVED", 3)
        cases = desk()
        cases.hear(*data.draw(shuffled(sent)))
    where = [i for i, d in cases.documents.items() for cause in d.causes]
    assert len(where) == len(sent) == sum(len(c.lines) + c.repeats for c in cases.states.values())
    assert sorted(k for c in cases.states.values() for line in c.lines for k in line.message_ids) == sorted(
        m.message_id for m in sent
    )
    assert all(c.received <= 3 and len(c.lines) <= 2 for c in cases.states.values())


def test_the_same_words_count_as_a_repetition_whatever_their_punctuation() -> None:
    cases = desk()
    said = cases.hear(message("m1", "2207 报错！"), message("m2", "2207报错"), message("m3", "3201报错"))
    assert [e.type for e in said] == ["case.opened", "case.message_repeated", "case.message_added"]
    assert (len(only(cases).lines), only(cases).repeats, only(cases).received) == (2, 1, 3)


def test_the_same_words_after_an_answer_are_a_new_question() -> None:
    cases = desk()
    cases.hear(message("m1", "还是不行", occurred_at=at(0)))
    cases.hear(wish(cases, RespondToCase, text="请重试"), now=at(1))
    [added] = cases.hear(message("m2", "还是不行", occurred_at=at(2)), now=at(2))
    assert added.type == "case.message_added"


def test_the_same_id_with_other_content_is_refused_and_with_the_same_is_nothing_new() -> None:
    cases = desk()
    cases.hear(message("m1", "2207报错"), message("m1", "2207 报错。"))
    assert (cases.refused, only(cases).received) == ([], 1)
    assert cases.hear(other := message("m1", "3201报错")) == []
    assert cases.refused == [other]
    assert cases.hear(message("m1", "3201报错", channel="qq")) != [], "another channel has ids of its own"


def test_two_photos_without_a_word_are_two_messages_and_each_may_come_again() -> None:
    cases = desk()
    photos = [
        message(f"m{n}", "", attachments=(Attachment(name="图.jpg", url=f"https://files/{n}.jpg"),)) for n in (1, 2)
    ]
    assert [e.type for e in cases.hear(*photos)] == ["case.opened", "case.message_added"]
    assert (cases.hear(*photos), cases.refused) == ([], [])


def _resolved() -> Folder[Case]:
    cases = desk()
    cases.hear(message("m1", "2207报错"))
    cases.hear(wish(cases, ResolveCase, resolution="重新签到"))
    return cases


@pytest.mark.parametrize("thanks", ["谢谢", "好的，收到了！谢谢您", "👍", "OK 辛苦啦~".replace("啦", "了")])
def test_thanks_do_not_reopen_a_solved_case(thanks: str) -> None:
    cases = _resolved()
    assert [e.type for e in cases.hear(message("m2", thanks))] == ["case.message_added"]
    assert only(cases).status == "resolved"


def test_anything_else_reopens_it() -> None:
    cases = _resolved()
    assert [e.type for e in cases.hear(message("m2", "谢谢，但是还报错"))] == ["case.message_added", "case.reopened"]
    assert (only(cases).status, only(cases).resolution) == ("in_progress", None)


def test_a_day_after_closing_a_message_opens_a_case_that_follows_and_a_known_one_stays_where_it_is() -> None:
    cases = desk()
    cases.hear(first := message("m1", "2207报错", occurred_at=NOON - timedelta(days=3)))
    cases.hear(wish(cases, CloseCase, reason="已处理"), now=NOON - timedelta(days=2))
    [opened] = cases.hear(message("m2", "2207报错"))
    assert isinstance(opened, CaseOpened)
    assert (opened.why, opened.follows) == ("follow_up", next(iter(cases.states)))
    assert cases.hear(first) == []
    assert [c.received for c in cases.states.values()] == [1, 1]
    assert cases.hear(wish(cases, ReopenCase, reason="再看看"))[0].type == "case.reopened"


def test_within_a_day_of_closing_a_message_takes_the_case_up_again() -> None:
    cases = desk()
    cases.hear(message("m1", "2207报错"))
    cases.hear(wish(cases, CloseCase, reason="已处理"))
    said = cases.hear(message("m2", "2207报错", occurred_at=NOON + timedelta(minutes=3)))
    assert [e.type for e in said] == ["case.message_added", "case.reopened"]
    assert (only(cases).status, only(cases).lines[-1].why) == ("in_progress", "grace")


@pytest.mark.parametrize(
    ("occurred_at", "corrected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), True),
        (NOON + timedelta(days=365), True),
        (NOON - timedelta(days=32), True),
        (NOON + timedelta(minutes=6), True),
        (NOON - timedelta(days=30), False),
        (NOON + timedelta(minutes=4), False),
    ],
)
def test_a_time_that_cannot_be_is_replaced_by_the_time_of_receipt(occurred_at: datetime, corrected: bool) -> None:
    cases = desk()
    [opened] = cases.hear(message(occurred_at=occurred_at))
    assert isinstance(opened, CaseOpened)
    assert opened.time_corrected is corrected
    assert opened.occurred_at == only(cases).opened_at == (NOON if corrected else occurred_at)


def test_nothing_personal_is_kept_of_what_a_person_says_and_is() -> None:
    cases = desk()
    sender = {"id": "13812345678", "name": "张三 13812345678"}
    plain = message("m1", "电话13812345678 身份证620102199003074514", conversation="13812345678")
    cases.hear(ChannelMessage.model_validate({**plain.model_dump(), "sender": sender}))
    kept = f"{only(cases)}{[e.model_dump_json() for e in cases.said]}"
    assert "13812345678" not in kept and "620102199003074514" not in kept
