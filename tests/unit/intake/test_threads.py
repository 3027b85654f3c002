"""Which case a message ends in, and why: by time and words, not by the order in which messages arrive."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.case import CaseOpened, CloseCase, EscalateCase, ResolveCase, RespondToCase
from contracts.casework import MergeCase
from contracts.channel import ChannelMessage, Quote
from services.intake import model
from services.intake.model import Case
from services.intake.threads.rules import Rules, Said, alone, choose
from tests.chassis.folding import Folder
from tests.support.make import NOON, message
from tests.unit.intake.cases import desk, only, wish

Partition = set[frozenset[str]]


def partition(cases: Folder[Case]) -> Partition:
    """The messages of each case that has any."""
    groups = (frozenset(m for line in c.lines for m in line.message_ids) for c in cases.states.values())
    return {group for group in groups if group}


@st.composite
def within_the_window(draw: st.DrawFn) -> list[ChannelMessage]:
    """Up to nine messages within ten minutes, some of them in a group, some with a marker."""
    n = draw(st.integers(2, 9))
    seconds = draw(st.lists(st.integers(0, 599), min_size=n, max_size=n, unique=True))
    group = draw(st.booleans())
    return [
        message(
            f"m{i}",
            draw(st.sampled_from(("", "", "#新问题 "))) + f"第{i}句话",
            sender=draw(st.sampled_from(("u1", "u2"))) if group else "u1",
            group=group,
            occurred_at=NOON - timedelta(minutes=30) + timedelta(seconds=at),
        )
        for i, at in enumerate(sorted(seconds))
    ]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_within_the_window_the_order_of_arrival_decides_nothing(data: st.DataObject) -> None:
    sent = data.draw(within_the_window())
    straight, crooked = desk(), desk()
    straight.hear(*sent)
    crooked.hear(*data.draw(st.permutations(sent)))
    assert partition(crooked) == partition(straight)


@given(st.sampled_from(("", "#新问题 ", "谢谢")), st.booleans())
def test_a_lone_message_is_chosen_for_as_the_rules_would(text: str, staff: bool) -> None:
    said = Said(NOON, uuid4(), text, lambda: (None, None), staff=staff)
    assert alone(text, staff) == choose(said, [], None, Rules())


@settings(max_examples=100, deadline=None)
@given(within_the_window())
def test_every_message_is_in_exactly_one_case(sent: list[ChannelMessage]) -> None:
    cases = desk()
    cases.hear(*sent)
    ids = [m for c in cases.states.values() for line in c.lines for m in line.message_ids]
    assert sorted(ids) == sorted(m.message_id for m in sent)


def after(minutes: float, id_: str, text: str, **more: Any) -> ChannelMessage:
    return message(id_, text, occurred_at=NOON + timedelta(minutes=minutes - 4_000), **more)


def last_why(cases: Folder[Case]) -> str:
    """Why the latest case was opened."""
    return [e.why for e in cases.said if isinstance(e, CaseOpened)][-1]


@pytest.mark.parametrize(
    ("minutes", "text", "why"),
    [
        (5, "#新问题 生育津贴怎么领", "marker"),
        (30, "2305接口也报错", "topic"),
        (60 * 30, "再问一下2207", "idle"),
    ],
)
def test_a_marker_another_transaction_or_a_long_silence_opens_another_case(minutes: int, text: str, why: str) -> None:
    cases = desk()
    cases.hear(after(0, "m1", "2207接口报错：超时"), after(minutes, "m2", text))
    assert partition(cases) == {frozenset({"m1"}), frozenset({"m2"})}
    assert last_why(cases) == why


def test_another_matter_after_an_answer_is_another_case_and_before_it_is_not() -> None:
    for answered, n in ((True, 2), (False, 1)):
        cases = desk()
        cases.hear(after(0, "m1", "2207接口报错：超时"))
        if answered:
            cases.hear(wish(cases, RespondToCase, text="请重启前置机"), now=NOON - timedelta(minutes=3_990))
        cases.hear(after(90, "m2", "另外想咨询一下生育津贴需要准备哪些申领材料"))
        assert len(partition(cases)) == n


def test_who_waits_for_the_province_is_not_idle() -> None:
    cases = desk()
    cases.hear(after(0, "m1", "2207接口报错：超时"))
    cases.hear(wish(cases, EscalateCase, reason="省平台超时"))
    cases.hear(after(60 * 50, "m2", "有进展了吗"))
    assert len(partition(cases)) == 1


def test_a_quote_joins_what_it_quotes_whoever_says_it() -> None:
    cases = desk()
    cases.hear(
        after(0, "m1", "2207报错", sender="a", group=True),
        after(1, "m2", "医保码怎么激活", sender="b", group=True),
        after(2, "m3", "我们也是", sender="c", group=True, quote=Quote(message_id="m1")),
    )
    assert partition(cases) == {frozenset({"m1", "m3"}), frozenset({"m2"})}


def test_a_quote_in_words_alone_joins_what_it_quotes() -> None:
    cases = desk()
    cases.hear(after(0, "m1", "2207接口一直报错", sender="a", group=True))
    cases.hear(after(1, "m2", "医保码怎么激活", sender="b", group=True))
    cases.hear(after(2, "m3", "「a：2207接口一直报错」\n- - - - - - - - - -\n我们也是这样", sender="c", group=True))
    assert partition(cases) == {frozenset({"m1", "m3"}), frozenset({"m2"})}


def test_in_a_group_a_colleague_s_words_are_the_response_to_who_spoke_last() -> None:
    cases = desk()
    cases.hear(
        after(0, "m1", "2207报错", sender="a", group=True),
        after(1, "m2", "医保码怎么激活", sender="b", group=True),
    )
    staff = after(2, "m3", "请点右上角激活", sender="wang", group=True)
    staff = staff.model_copy(update={"sender": staff.sender.model_copy(update={"role": "staff"})})
    said = cases.hear(staff)
    assert [e.type for e in said] == ["case.responded"]
    answered = [c for c in cases.states.values() if c.responded_at]
    assert [(c.title, c.status, c.lines[-1].staff) for c in answered] == [("医保码怎么激活", "in_progress", True)]


def test_a_colleague_who_speaks_where_nobody_asked_opens_nothing_to_work_on() -> None:
    cases = desk()
    staff = after(0, "m1", "今晚八点系统升级", group=True)
    assert cases.hear(staff.model_copy(update={"sender": staff.sender.model_copy(update={"role": "staff"})})) == []
    assert (only(cases).status, only(cases).lines[0].text) == ("closed", "今晚八点系统升级")


@pytest.mark.parametrize(("hours", "n"), [(23, 1), (25, 2)])
def test_thanks_never_reopen_and_a_question_does_within_a_day_only(hours: int, n: int) -> None:
    cases = desk()
    cases.hear(after(0, "m1", "2207报错"))
    ended = NOON - timedelta(minutes=3_900)
    cases.hear(wish(cases, ResolveCase, resolution="已修复"), wish(cases, CloseCase, reason="已确认"), now=ended)
    cases.hear(after(100 + 60 * hours, "m2", "谢谢"))
    assert [c.status for c in cases.states.values()] == ["closed"]
    cases.hear(after(100 + 60 * hours, "m3", "又报错了"))
    assert len(cases.states) == n


def by_staff(sent: ChannelMessage) -> ChannelMessage:
    return sent.model_copy(update={"sender": sent.sender.model_copy(update={"role": "staff"})})


def test_who_asks_after_an_announcement_has_a_case_of_their_own() -> None:
    cases = desk()
    cases.hear(by_staff(after(0, "m1", "今晚八点系统升级")), by_staff(after(1, "m2", "请提前保存")))
    said = cases.hear(after(2, "m3", "升级后2207还能用吗", quote=Quote(message_id="m1")))
    assert [e.type for e in said] == ["case.opened"]
    assert partition(cases) == {frozenset({"m1", "m2"}), frozenset({"m3"})}


def test_after_a_merge_the_conversation_goes_on_where_it_was_merged_into() -> None:
    cases = desk()
    cases.hear(after(0, "a1", "2207报错", conversation="a"), after(1, "b1", "2207也报错", conversation="b"))
    first, second = cases.states
    cases.hear(wish(cases, MergeCase, case_id=first, into=second), now=NOON - timedelta(minutes=3_990))
    cases.hear(after(5, "a2", "还是不行", conversation="a"))
    assert partition(cases) == {frozenset({"a1", "b1", "a2"})}
    assert (cases.states[first].status, cases.states[first].merged_into) == ("closed", second)


def test_a_colleague_s_words_do_not_go_into_a_full_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MAX_LINES", 2)
    cases = desk()
    cases.hear(after(0, "m1", "2207报错", group=True), after(1, "m2", "截图在此", group=True))
    cases.hear(by_staff(after(2, "m3", "收到", sender="wang", group=True, quote=Quote(message_id="m1"))))
    assert partition(cases) == {frozenset({"m1", "m2"}), frozenset({"m3"})}


def test_nobody_s_number_is_in_what_is_said_about_a_case() -> None:
    cases = desk()
    caller = {"sender": "13912345678", "channel": "phone"}
    cases.hear(after(0, "m1", "2207报错", **caller))
    cases.hear(wish(cases, ResolveCase, resolution="已修复"), now=NOON - timedelta(minutes=3_990))
    cases.hear(after(20, "m2", "又报错了", **caller), after(21, "m0", "#新问题 月结", **caller))
    cases.hear(by_staff(after(22, "m3", "在处理", sender="13811112222", channel="phone", group=True)))
    assert {"case.reopened", "case.responded"} <= {e.type for e in cases.said}
    texts = [body.decode() for d in cases.documents.values() for _, body in d.said]
    assert not [t for t in texts if "13912345678" in t or "13811112222" in t]
