"""The fold of obligations: words and hints in any order end in the same state; each thing is told once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from contracts.obligation import (
    AcknowledgeObligation,
    AttachEvidence,
    EvidenceFile,
    FulfilObligation,
    ObligationCompleted,
    ObligationEscalated,
    ObligationEvidenceAdded,
    ObligationNoticed,
    ObligationOverdue,
    ObligationReminded,
    ObligationRescheduled,
    ObligationStep,
    ReopenObligation,
    WaiveObligation,
)
from services.sla.obligations.fold import timers
from services.sla.obligations.model import Occurrence
from services.sla.obligations.words import MOST
from tests.chassis.folding import shuffled, well_said
from tests.unit.sla.duties import DUTY, A, B, C, at, desk, due, opened, opening, progress, reported, said, steps, wish

LATE = 1_000.0


@st.composite
def words(draw: st.DrawFn) -> list[Any]:
    """What may be said about two institutions, at any hour, beside changed plans and hints."""
    hour, key = st.integers(1, 14), st.sampled_from([A, B])
    # Other numbers each hour: of a report that repeats the latest ones only the first that is heard is kept.
    report = st.builds(lambda h, less, k: reported(h, {k: (4 + h - less, 4 + h)}), hour, st.integers(0, 4),
                       st.sampled_from("ab"))  # fmt: skip
    decided = st.one_of(
        st.builds(lambda h, k: wish(FulfilObligation, h, items=(k,)), hour, key),
        st.builds(lambda h, k: wish(WaiveObligation, h, items=(k,), reason="停业"), hour, key),
        st.builds(lambda h, k: wish(ReopenObligation, h, items=(k,), reason="补录"), hour, key),
        st.builds(lambda h, k: wish(AttachEvidence, h, item=k, note="截图"), hour, key),
        st.builds(lambda h: wish(AcknowledgeObligation, h), hour),
    )
    planned = st.builds(lambda h, d, more: opening(h, A, B, *more, due=d, since=at(h)), hour, st.integers(5, 9),
                        st.sampled_from([(), (C,)]))  # fmt: skip
    heard = draw(st.lists(st.one_of(report, decided, planned, st.builds(due, hour)), min_size=1, max_size=12))
    times: dict[Any, Any] = {getattr(body, "id", body): body for body in heard}
    return list(times.values())


def essence(o: Occurrence) -> Occurrence:
    """Without when somebody happened to look."""
    return replace(o, seen_at=at(0), spent=0)


@given(st.data())
def test_any_order_of_words_plans_and_hints_ends_in_the_same_state(data: st.DataObject) -> None:
    heard = data.draw(words())
    straight, crooked = opened(), opened()
    straight.hear(*heard, now=at(1))
    crooked.hear(*data.draw(shuffled(heard)), now=at(1))
    for folder in (straight, crooked):
        folder.hear(due(LATE), now=at(LATE))
        well_said(folder.said, lambda e: DUTY, gaps=True)
    [a], [b] = straight.states.values(), crooked.states.values()
    assert essence(a) == essence(b)
    assert (a.state == "open") == any(item.state == "open" for item in a.planned)


@given(st.permutations([1.0, 2, 3, 4, 5, 8, 9, 10, 12]))
def test_hints_in_any_order_tell_each_threshold_once_and_the_deadline_always(hours: list[float]) -> None:
    folder = opened()
    for hour in hours:
        folder.hear(due(hour), now=at(0))
    told = said(folder)
    assert told.count("overdue") == 1
    assert len(told) == len(set(told)) and told[-1] in ("overdue", "escalated")


def test_a_duty_nobody_cares_for_is_noticed_reminded_overdue_and_escalated() -> None:
    folder = opened()
    for hour in (2, 4, 8, 10):
        [timer] = timers(folder.states[DUTY])
        assert (timer.service, timer.key, timer.at) == ("obligation", str(DUTY), at(hour))
        folder.hear(timer.body, now=at(hour))
    assert said(folder) == ["opened", "noticed", "reminded", "overdue", "escalated"]
    assert timers(folder.states[DUTY]) == []
    types = (ObligationNoticed, ObligationReminded, ObligationOverdue, ObligationEscalated)
    alarms = [e for e in folder.said if isinstance(e, types)]
    assert [(e.threshold, e.left) for e in alarms] == [("daily", 2), ("-1d", 1), ("due", 0), ("+1d", -1)]
    assert [m.name for m in alarms[0].missing] == ["市二院", "市四院"]


def test_of_what_passed_while_nobody_looked_only_the_latest_is_told_and_the_deadline() -> None:
    folder = opened()
    folder.hear(due(5), now=at(5))
    assert said(folder) == ["opened", "reminded"]
    folder.hear(due(11), now=at(11))
    assert said(folder)[2:] == ["overdue", "escalated"]


def test_who_takes_note_ends_reminders_and_escalations_not_the_day_s_notice_nor_the_deadline() -> None:
    folder = opened()
    folder.hear(wish(AcknowledgeObligation, 1), wish(AcknowledgeObligation, 1.5))
    for hour in (2, 4, 8, 10):
        folder.hear(due(hour), now=at(hour))
    assert said(folder) == ["opened", "acknowledged", "noticed", "overdue"]
    assert folder.states[DUTY].next_at is None


def test_what_is_opened_again_is_told_of_again() -> None:
    folder = opened()
    folder.hear(wish(AcknowledgeObligation, 1), wish(FulfilObligation, 1.2, items=(A, B)))
    folder.hear(wish(ReopenObligation, 3, items=(A,), reason="补录"), due(4), now=at(4))
    assert said(folder)[-2:] == ["reopened", "reminded"]


def test_an_upload_rate_of_all_completes_an_item_and_more_to_upload_opens_it_again() -> None:
    folder = opened()
    folder.hear(progress(1, a=(60, 60), b=(30, 40)), progress(1.5, a=(60, 61)), progress(2, a=(61, 61)))
    folder.hear(progress(3, a=(61, 61), b=(40, 40)))
    assert said(folder) == ["opened", "progressed", "progressed", "progressed", "progressed", "completed"]
    [completed] = [e for e in folder.said if isinstance(e, ObligationCompleted)]
    assert (completed.completed_at, completed.in_time, completed.done) == (at(3), True, 2)
    first = folder.states[DUTY].items[0]
    assert (first.state, first.since) == ("done", at(2))


def test_the_same_report_again_says_nothing_and_leaves_when_it_was_done() -> None:
    folder = opened()
    folder.hear(progress(1, a=(4, 4), b=(4, 4)), progress(9, a=(4, 4), b=(4, 4)))
    assert said(folder) == ["opened", "progressed", "completed"]
    assert folder.states[DUTY].completed_at == at(1)


def test_what_is_done_after_the_deadline_is_completed_and_not_in_time() -> None:
    folder = opened()
    folder.hear(wish(FulfilObligation, 9), now=at(9))
    [completed] = [e for e in folder.said if isinstance(e, ObligationCompleted)]
    assert (completed.in_time, folder.states[DUTY].overdue) == (False, True)
    assert folder.hear(due(8), now=at(9)) == []


def test_waived_items_need_not_be_done() -> None:
    folder = opened()
    folder.hear(wish(WaiveObligation, 1, items=(A,), reason="停业"), wish(FulfilObligation, 2, items=(B,), note="毕"))
    state = folder.states[DUTY]
    assert (state.state, state.count("waived"), state.count("done")) == ("completed", 1, 1)


def test_trainings_count_evidence_and_less_than_should_be_is_told() -> None:
    share = ObligationStep(label="50%", at=at(3), tell=("lead",), least=1)
    folder = opened(least=2, most=2, by_progress=False, steps=(share, *steps(8)[2:]))
    lagging = opened(least=2, most=2, by_progress=False, steps=(share, *steps(8)[2:]))
    for n, key in enumerate((A, A, A, B)):
        file = EvidenceFile(sha256=str(n) * 64, name="签到.pdf", size=9)
        folder.hear(wish(AttachEvidence, 1 + n / 10, item=key, file=file))
    for one in (folder, lagging):
        one.hear(due(3), now=at(3))
    pieces = [(e.count, e.exceeds) for e in folder.said if isinstance(e, ObligationEvidenceAdded)]
    assert pieces == [(1, False), (2, False), (3, True), (1, False)]
    assert [item.state for item in folder.states[DUTY].items] == ["done", "open"]
    assert "reminded" not in said(folder)
    [reminded] = [e for e in lagging.said if isinstance(e, ObligationReminded)]
    assert (reminded.least, reminded.missing[0].done, reminded.missing[0].of) == (1, 0, 2)


def test_a_changed_contract_changes_the_items_and_keeps_what_was_heard() -> None:
    folder = opened()
    folder.hear(progress(1, a=(4, 4)), opening(2, B, C, due=9), opening(3, A, B, C, due=9), now=at(3))
    first, second = [e for e in folder.said if isinstance(e, ObligationRescheduled)]
    assert (first.removed, first.added, first.due_before, first.due_at) == ((A,), (C,), at(8), at(9))
    assert (second.added, second.done) == ((A,), 1)
    assert [item.key for item in folder.states[DUTY].planned] == [A, B, C]


def test_a_contract_that_is_gone_drops_the_duty_without_a_word_about_deadlines() -> None:
    folder = opened()
    folder.hear(wish(type(opening()), 2, plan=opening().plan.model_copy(update={"items": ()})), due(8), now=at(8))
    assert (folder.states[DUTY].state, said(folder)) == ("dropped", ["opened", "rescheduled"])
    assert timers(folder.states[DUTY]) == []


def test_only_another_name_is_kept_and_not_told() -> None:
    folder = opened()
    renamed = opening().plan.items[0].model_copy(update={"name": "第二医院"})
    items = (renamed, *opening().plan.items[1:])
    folder.hear(wish(type(opening()), 1, plan=opening().plan.model_copy(update={"items": items})))
    assert (folder.states[DUTY].items[0].name, said(folder)) == ("第二医院", ["opened"])


def test_a_deadline_that_is_moved_is_told_of_when_it_comes() -> None:
    folder = opened()
    folder.hear(due(8), now=at(8))
    folder.hear(opening(8.5, due=20), now=at(8.5))
    assert (folder.states[DUTY].overdue, folder.states[DUTY].next_at) == (False, at(20))
    folder.hear(due(20), now=at(20))
    assert said(folder)[-3:] == ["overdue", "rescheduled", "overdue"]


def test_nothing_can_be_said_about_what_is_not_there() -> None:
    with pytest.raises(NotFound, match="没有这项义务"):
        desk().hear(wish(FulfilObligation, 1))
    with pytest.raises(NotFound, match=C):
        opened().hear(wish(FulfilObligation, 1, items=(C,)))
    with pytest.raises(Refused, match="凭证是空的"):
        opened().hear(wish(AttachEvidence, 1, item=A, note=" "))
    assert desk().hear(due(1)) == []


def test_reports_without_end_are_refused_before_the_document_is_full() -> None:
    folder = opened()
    for n in range(MOST):
        folder.hear(progress(1 + n / 10_000, n, a=(n, MOST)))
    with pytest.raises(Refused, match="减少上报"):
        folder.hear(progress(5, a=(1, 2)))
