"""How often a channel lets the desk answer: what is left, who is refused, and that staff are warned once per window."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.message import Moment, decode
from contracts.case import PutCaseOnWait, ResolveCase, RespondToCase
from contracts.casework import CaseReplyReported, CaseWindowClosing, WarnWindow
from contracts.channel import CHANNELS, ChannelReceipt
from contracts.envelope import derive_id
from services.intake.fold import fold
from services.intake.model import Case
from services.intake.replies import budget
from services.intake.replies.budget import Limit, budget_view, left
from services.intake.replies.fold import closing
from services.intake.replies.windows import warning
from tests.chassis.folding import Delivered, Folder
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only, wish

H = timedelta(hours=1)
limits = st.builds(Limit, st.integers(1, 20), st.floats(0.1, 200), st.floats(0, 50))
ages = st.timedeltas(timedelta(0), timedelta(days=10))


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    budget.configure({"wechat": budget.WECHAT})
    yield
    budget.configure({"wechat": budget.WECHAT})


def asked(**more: Any) -> Folder[Case]:
    cases = desk()
    cases.hear(message("m1", **more))
    return cases


def respond(cases: Folder[Case], n: int, after: timedelta = H, via: str = "channel") -> list[str]:
    command = wish(cases, RespondToCase, n, text=f"请重新签到 {n}", via=via)
    return [e.type for e in cases.hear(command, now=NOON + after)]


def warn(cases: Folder[Case], after: timedelta, n: int = 0) -> list[CaseWindowClosing]:
    case = only(cases)
    found = closing(case, NOON + after) or left(NOON, case.replies, budget.WECHAT, NOON + after)
    command = wish(cases, WarnWindow, n, closes_at=found.closes_at, replies_left=found.left)
    return [e for e in cases.hear(command, now=NOON + after) if isinstance(e, CaseWindowClosing)]


@given(limit=limits, replies=st.integers(0, 30), age=ages)
def test_what_is_left_is_never_more_than_the_limit_and_nothing_after_the_window(
    limit: Limit, replies: int, age: timedelta
) -> None:
    found = left(NOON, replies, limit, NOON + age)
    assert found.closes_at == NOON + limit.lasts
    assert found.left == (max(0, limit.replies - replies) if age < limit.lasts else 0)
    assert (found.state in ("closed", "used_up")) == (found.left == 0)


@given(limit=limits, replies=st.integers(0, 30), age=ages, later=ages)
def test_waiting_and_answering_never_leave_more(limit: Limit, replies: int, age: timedelta, later: timedelta) -> None:
    now = left(NOON, replies, limit, NOON + age)
    assert left(NOON, replies + 1, limit, NOON + age).left <= now.left
    assert left(NOON, replies, limit, NOON + age + later).left <= now.left


@given(limit=limits, replies=st.integers(0, 30), age=ages)
def test_a_window_that_ends_was_closing_before_unless_nothing_was_left(
    limit: Limit, replies: int, age: timedelta
) -> None:
    state = left(NOON, replies, limit, NOON + age).state
    if limit.lasts - limit.warns <= age < limit.lasts and replies < limit.replies:
        assert state == "closing"


def test_the_sixth_answer_in_wechat_is_refused_with_what_to_do_instead() -> None:
    cases = asked()
    assert [respond(cases, n)[-1] for n in range(5)] == ["channel.out.wechat"] * 5
    with pytest.raises(Refused, match=r"5 次回复已用完.*via=phone") as refused:
        respond(cases, 5)
    assert refused.value.code == "window_closed"
    assert respond(cases, 6, via="phone") == ["case.responded"]


def test_an_answer_after_48_hours_is_refused_and_one_just_before_is_not() -> None:
    cases = asked()
    assert respond(cases, 0, 48 * H - timedelta(seconds=1))
    with pytest.raises(Refused, match="48 小时"):
        respond(cases, 1, 48 * H)


def test_a_solution_that_would_have_to_be_sent_is_refused_too_until_it_was_told_by_phone() -> None:
    cases = asked()
    solve = wish(cases, ResolveCase, resolution="重新签到")
    with pytest.raises(Refused) as refused:
        cases.hear(solve, now=NOON + 50 * H)
    assert refused.value.code == "window_closed"
    respond(cases, 1, 50 * H, via="phone")
    assert [e.type for e in cases.hear(solve, now=NOON + 50 * H)] == ["case.resolved"]


def test_the_requester_s_next_words_open_a_new_window() -> None:
    cases = asked()
    for n in range(5):
        respond(cases, n)
    cases.hear(message("m2", "还是不行", occurred_at=NOON + 2 * H), now=NOON + 2 * H)
    assert only(cases).replies == 0
    assert respond(cases, 9, 3 * H)


@pytest.mark.parametrize("channel", [c for c in CHANNELS if c != "wechat"])
def test_other_channels_have_no_limit_unless_one_is_set(channel: Any) -> None:
    cases = asked(channel=channel)
    assert budget_view(only(cases), NOON) is None
    assert [respond(cases, n, 100 * H)[-1] for n in range(7)] == [f"channel.out.{channel}"] * 7
    budget.configure({channel: Limit(replies=7)})
    with pytest.raises(Refused):
        respond(cases, 8)


def test_the_case_shows_what_is_left() -> None:
    cases = asked()
    respond(cases, 0)
    assert budget_view(only(cases), NOON + H) == {
        "left": 4, "of": 5, "closes_at": "2026-11-24T04:00:00Z", "state": "open", "text": "还可回复 4 次",
    }  # fmt: skip
    view = budget_view(only(cases), NOON + 45 * H)
    assert view is not None and view["state"] == "closing"


@pytest.mark.parametrize(("replies", "after"), [(0, 44 * H), (4, H)])
def test_staff_are_warned_once_of_the_last_hours_or_the_last_answer(replies: int, after: timedelta) -> None:
    cases = asked()
    for n in range(replies):
        respond(cases, n)
    [warned] = warn(cases, after)
    assert (warned.closes_at, warned.replies_left) == (NOON + 48 * H, 5 - replies)
    with pytest.raises(Refused, match="无需提醒"):
        warn(cases, after + H, 1)


def test_a_new_window_is_warned_of_anew() -> None:
    cases = asked()
    assert warn(cases, 44 * H)
    cases.hear(wish(cases, PutCaseOnWait, waiting_for="vendor", reason="等待厂商"), now=NOON + 44 * H)
    cases.hear(message("m2", "还在吗", occurred_at=NOON + 45 * H), now=NOON + 45 * H)
    assert not only(cases).window_warned
    assert closing(only(cases), NOON + 46 * H) is None
    assert closing(only(cases), NOON + 90 * H) is not None


def test_a_warning_that_comes_after_the_requester_has_spoken_is_not_needed() -> None:
    cases = asked()
    command = wish(cases, WarnWindow, closes_at=NOON + 48 * H, replies_left=5)
    cases.hear(message("m2", "还在吗", occurred_at=NOON + 45 * H), now=NOON + 45 * H)
    with pytest.raises(Refused, match="无需提醒"):
        cases.hear(command, now=NOON + 90 * H)


@given(after=st.timedeltas(timedelta(0), 60 * H))
def test_the_same_window_always_gives_the_same_warning(after: timedelta) -> None:
    cases = asked()
    [document] = cases.documents.values()
    found = warning(document, NOON + after)
    assert (found is not None) == (44 * H <= after < 48 * H)
    first = warning(document, NOON + 44 * H)
    assert first is not None and (found is None or found.id == first.id)


def test_a_receipt_is_on_the_timeline_with_personal_data_masked() -> None:
    cases = asked()
    respond(cases, 0)
    [case_id] = cases.states
    receipt = ChannelReceipt(
        reply_id=derive_id("reply"), case_id=case_id, channel="wechat", outcome="refused",
        reason="用户 13812345678 不在可见范围", at=NOON,
    )  # fmt: skip
    [reported] = _hear_receipt(cases, receipt)
    assert (reported.outcome, reported.reply_id) == ("refused", receipt.reply_id)
    assert "13812345678" not in reported.reason


def _hear_receipt(cases: Folder[Case], receipt: ChannelReceipt) -> list[CaseReplyReported]:
    heard = decode(Delivered(f"channel.receipt.{receipt.channel}", receipt.model_dump_json().encode()), NOON)
    document = cases.documents[receipt.case_id]
    _, said = fold(document.state, Moment(NOON, heard, document.id, document.version))
    return [e for e in said if isinstance(e, CaseReplyReported)]
