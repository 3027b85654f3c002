"""What an occurrence holds when much is said about it, and when silence, thresholds and sums begin and end."""

from datetime import timedelta
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.store import _stored
from contracts.obligation import (
    AcknowledgeObligation,
    AttachEvidence,
    EvidenceFile,
    FulfilObligation,
    ItemProgress,
    ObligationItem,
    ObligationOverdue,
    ObligationReminded,
    ObligationRescheduled,
    ObligationStep,
    ReopenObligation,
    ReportObligationProgress,
    WaiveObligation,
)
from services.sla.obligations import words
from services.sla.obligations.shown import item_of
from tests.unit.sla.duties import DUTY, A, B, at, due, opened, opening, plan, progress, said, steps, wish

MANY = tuple(ObligationItem(key=f"H{n:011d}", name="市第一人民医院") for n in range(300))
LIMIT = 16 << 20


def test_a_long_note_about_all_institutions_is_kept_once_and_shown_with_each() -> None:
    folder = opened(items=MANY)
    keys, note = tuple(item.key for item in MANY), "补" * 2_000
    for n in range(10):
        folder.hear(wish(FulfilObligation, 1 + n / 10, items=keys, note=note))
        folder.hear(wish(ReopenObligation, 1.05 + n / 10, items=keys, reason="补录"))
    state = folder.states[DUTY]
    assert len(bson.encode(_stored(state))) < 1 << 20 and len(state.texts) == 2
    assert item_of(state.items[0], state)["decisions"][0]["reason"] == note


def test_reports_end_where_there_is_still_room_for_what_people_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MAX_HEARD", 400_000)
    folder = opened(items=MANY)
    with pytest.raises(Refused, match="仍可登记"):
        for n in range(1_000):
            items = tuple(ItemProgress(key=item.key, done=n, of=9_999) for item in MANY)
            folder.hear(wish(ReportObligationProgress, 1 + n / 100, items=items))
    state = folder.states[DUTY]
    size = len(bson.encode(_stored(state))) + sum(len(e.model_dump_json()) for e in folder.said)
    assert 0.8 < words.size(state) / size < 1.3
    with pytest.raises(Refused, match="上限"):
        folder.hear(wish(AttachEvidence, 20, item=MANY[0].key, note="截图"))
    folder.hear(wish(AcknowledgeObligation, 21), wish(WaiveObligation, 22, items=(MANY[0].key,), reason="停业"))
    folder.hear(wish(FulfilObligation, 23))
    assert folder.states[DUTY].state == "completed" and 16e6 / words.MAX_DECIDED > 1.3


def test_who_asks_every_minute_and_reports_the_same_uses_up_nothing() -> None:
    folder = opened()
    for n in range(words.MOST + 100):
        folder.hear(progress(1 + n / 1_000, n, a=(3, 4)))
    assert len(folder.states[DUTY].items[0].points) == 1
    folder.hear(progress(3, a=(4, 4), b=(4, 4)))
    assert folder.states[DUTY].state == "completed"


def test_the_sum_of_large_reports_is_told() -> None:
    items = MANY[:150]
    folder = opened(items=items)
    reports = tuple(ItemProgress(key=item.key, done=0, of=10_000_000) for item in items)
    folder.hear(wish(ReportObligationProgress, 1, items=reports), due(8), now=at(8))
    [overdue] = [e for e in folder.said if isinstance(e, ObligationOverdue)]
    assert overdue.progress_of == 1_500_000_000
    with pytest.raises(ValueError, match="10000000"):
        progress(1, a=(0, 10_000_001))


def test_the_upload_rate_leaves_out_who_is_waived_and_more_than_all_hides_nobody() -> None:
    folder = opened(steps=steps(8))
    folder.hear(progress(1, a=(20, 100), b=(50, 100)), wish(WaiveObligation, 1.5, items=(A,), reason="停业"))
    folder.hear(due(4), now=at(4))
    other = opened()
    other.hear(progress(1, a=(900, 100), b=(50, 100)), due(4), now=at(4))
    told = [e for f in (folder, other) for e in f.said if isinstance(e, ObligationReminded)]
    assert [(e.progress, e.progress_of) for e in told] == [(50, 100), (150, 200)]
    state = other.states[DUTY]
    assert [item_of(item, state)["rate"] for item in state.items] == [1, 0.5]


@pytest.mark.parametrize("noted", [False, True])
def test_at_one_moment_one_alert_and_the_notice_of_the_day_also_for_who_took_note(noted: bool) -> None:
    both = (
        ObligationStep(label="-1d", at=at(4), tell=("lead",), left=1),
        ObligationStep(label="daily", at=at(4), tell=("resident",), left=1),
        *steps(8)[2:],
    )
    folder = opened(steps=both)
    if noted:
        folder.hear(wish(AcknowledgeObligation, 1))
    assert folder.states[DUTY].next_at == at(4)
    folder.hear(due(4), now=at(4))
    [alarm] = [e for e in folder.said if hasattr(e, "targets")]
    expected = ("noticed", ("resident",)) if noted else ("reminded", ("lead", "resident"))
    assert (alarm.type.removeprefix("obligation."), alarm.targets) == expected


def test_a_reminder_that_is_not_wanted_leaves_the_notice_of_the_day() -> None:
    share = ObligationStep(label="50%", at=at(3), tell=("lead",), least=1)
    daily = ObligationStep(label="daily", at=at(3), tell=("resident",))
    folder = opened(items=plan(A).items, least=2, by_progress=False, steps=(share, daily, *steps(8)[2:]))
    folder.hear(wish(AttachEvidence, 1, item=A, note="第一次"), due(3), now=at(3))
    assert said(folder)[-1] == "noticed"


def heard_of(*more: Any) -> list[str]:
    """What is told at the reminder when this was heard after somebody had taken note."""
    folder = opened()
    folder.hear(wish(AcknowledgeObligation, 1), *more, due(4), now=at(4))
    return said(folder)


def test_silence_ends_when_what_was_completed_is_open_again_or_planned_otherwise() -> None:
    assert "reminded" not in heard_of(progress(2, a=(1, 1)), progress(3, a=(1, 9)))
    assert heard_of(progress(2, a=(1, 1), b=(1, 1)), progress(3, a=(1, 9)))[-1] == "reminded"
    assert heard_of(opening(2, due=9, since=at(2)))[-1] == "reminded"
    renamed = tuple(item.model_copy(update={"name": "新名"}) for item in plan().items)
    assert "reminded" not in heard_of(opening(2, items=renamed))


@given(st.permutations([progress(2, a=(1, 1), b=(1, 1)), progress(3, a=(1, 9)), wish(AcknowledgeObligation, 1),
                        wish(FulfilObligation, 2.5, items=(B,)), opening(1.5, since=at(1.5))]))  # fmt: skip
def test_whether_silence_has_ended_does_not_depend_on_the_order_of_messages(heard: list[Any]) -> None:
    folder = opened()
    folder.hear(*heard, now=at(3))
    assert not folder.states[DUTY].silenced


def test_the_same_file_counts_once_for_an_institution() -> None:
    folder = opened(least=2, by_progress=False)
    file = EvidenceFile(sha256="0" * 64, name="签到.pdf", size=9)
    for n, key in enumerate((A, B)):
        folder.hear(wish(AttachEvidence, 1, n, item=key, file=file))
    with pytest.raises(Refused, match="已经交过"):
        folder.hear(wish(AttachEvidence, 2, item=A, file=file.model_copy(update={"name": "again.pdf"})))
    assert [item.done for item in folder.states[DUTY].items] == [1, 1]


def test_a_deadline_that_was_moved_into_the_past_is_not_told_of_what_comes_after_it_is() -> None:
    folder = opened(due=20)
    folder.hear(opening(6, due=5, since=at(6)), now=at(6))
    assert (said(folder), folder.states[DUTY].overdue) == (["opened", "rescheduled"], True)
    folder.hear(due(7), now=at(7))
    assert said(folder)[-1] == "escalated"


def test_how_many_are_needed_is_told_when_it_changes() -> None:
    folder = opened(least=3, most=3, by_progress=False)
    folder.hear(opening(1, least=6, most=8, by_progress=False, since=at(1)))
    assert isinstance(folder.said[-1], ObligationRescheduled)
    assert folder.states[DUTY].next_at == at(1) + timedelta(hours=1)
