"""Alerts: every event that notify hears makes exactly one; reading and acknowledging count once."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.zone import BEIJING
from contracts.case import CaseAssigned, CaseClosed, CaseEscalated, CaseOpened, CaseReopened
from contracts.casework import CaseChaseDue, CaseReplyReported, CaseWindowClosing
from contracts.directory import DirectoryRemoved, DirectorySaved
from contracts.duty import DutySaved
from contracts.envelope import Actor, Contract, Event, derive_id
from contracts.exemption import ExemptionApproved, ExemptionRejected, ExemptionRequested
from contracts.knowledge import ArticleQuestioned, ArticleSubmitted
from contracts.notify import (
    AcknowledgeAlert,
    AlertCommand,
    AlertEvent,
    NotificationAcknowledged,
    NotificationQueued,
    NotificationSettled,
    ReadAlert,
)
from contracts.obligation import (
    AcknowledgeObligation,
    ObligationEscalated,
    ObligationNoticed,
    ObligationOverdue,
    ObligationReminded,
)
from contracts.outage import OutageConfirmed, OutageGrew, OutageSuggested
from contracts.registry import EVENTS
from contracts.sla import AcknowledgeClock, SlaBreached, SlaEscalated, SlaWarned
from contracts.stats import RunFailed, RunFinished
from contracts.topology import durables_of
from services.notify.alerts.fold import AlertFold
from services.notify.alerts.model import Alert
from services.notify.alerts.plan import Planner
from services.notify.people.picture import People
from services.notify.rules.loading import rulebook
from tests.chassis.folding import Folder, heard, shuffled, well_said
from tests.support.make import NOON
from tests.unit.notify.alert_examples import (
    ABOUT_CASE,
    ARTICLE,
    ASKED,
    CASE,
    CLOCK,
    DUTY,
    EXEMPTION,
    FINISHED,
    OPENED,
    REPLY,
    RUN,
    SUGGESTED,
    TITLED,
    UNOWNED,
    Facts,
    event,
)

EXAMPLES: list[tuple[Event, str, tuple[str, ...], str, str]] = [
    (event(CaseOpened, **OPENED), "new_case", ("desk",), "urgent", "新工单 YB-1 〔结算支付〕"),
    (event(CaseAssigned, **ABOUT_CASE, assignee="wang"), "assigned", ("staff:wang",), "normal", "工单 YB-1 已分派给您"),
    (event(CaseEscalated, **ABOUT_CASE, to="province", reason="r"), "escalated", ("lead", "desk"), "high",
     "已上报省平台"),
    (event(CaseEscalated, 2, **ABOUT_CASE, to="vendor", reason="r"), "escalated", ("lead", "desk"), "high",
     "已上报厂商"),
    (event(CaseReopened, **ABOUT_CASE, reason="r"), "reopened", ("desk",), "high", "重新打开"),
    (event(CaseChaseDue, **ABOUT_CASE, due_at=NOON, owes="province", times=1, external_number="P-9"), "chase_due",
     ("desk",), "high", "该催办了: 工单 YB-1 等省平台"),
    (event(CaseChaseDue, 2, **ABOUT_CASE, due_at=NOON, owes="institution", times=0, assignee="wang"), "chase_due",
     ("staff:wang",), "high", "等医药机构"),
    (event(CaseWindowClosing, **ABOUT_CASE, closes_at=NOON, replies_left=1), "window_closing", ("desk",), "high",
     "回复窗口即将关闭"),
    (event(CaseReplyReported, **REPLY, outcome="refused"), "reply_not_sent", ("desk",), "high", "没有送达"),
    (event(CaseReplyReported, 2, **REPLY, outcome="failed", reason="r"), "reply_not_sent", ("desk",), "high",
     "没有送达"),
    (event(SlaWarned, **CLOCK), "warning", ("desk",), "high", "首次响应时限将到"),
    (event(SlaWarned, 2, **{**CLOCK, "cycle": 2}, assignee="wang"), "warning", ("staff:wang",), "high", "预警"),
    (event(SlaBreached, **CLOCK), "breach", ("desk", "lead"), "urgent", "未按时首次响应"),
    (event(SlaBreached, 2, **{**CLOCK, "cycle": 2}, assignee="wang"), "breach", ("staff:wang", "lead"), "urgent",
     "超时"),
    (event(SlaBreached, 3, **{**CLOCK, "cycle": 3, "assignee": "wang"}, threshold="100%",
           targets=("assignee", "resident")), "breach", ("staff:wang", "desk"), "urgent", "超时"),
    (event(SlaEscalated, **CLOCK, threshold="+15m", targets=("remote", "lead", "contact")), "overdue",
     ("desk", "lead", "contact"), "urgent", "已超时 15m 仍无人知悉"),
    (event(ObligationNoticed, **DUTY, targets=("resident",)), "obligation_notice", ("desk",), "normal",
     "每日通报: 结算清单上传 2026年10月: 1 家未完成"),
    (event(ObligationReminded, **DUTY, targets=("lead", "contact")), "obligation_reminder", ("lead", "contact"),
     "high", "义务提醒"),
    (event(ObligationOverdue, **DUTY, targets=("assignee", "lead")), "obligation_overdue", ("desk", "lead"),
     "urgent", "义务逾期"),
    (event(ObligationEscalated, **DUTY, targets=("contact",)), "obligation_escalated", ("contact",), "urgent",
     "仍无人知悉"),
    (event(ExemptionRequested, **ASKED), "exemption_requested", ("lead",), "high", "免责申请待审批: 平台维护"),
    (event(ExemptionApproved, **EXEMPTION), "exemption_approved", ("staff:wang",), "normal", "批准"),
    (event(ExemptionRejected, **EXEMPTION, reason="r"), "exemption_rejected", ("staff:wang",), "high", "驳回"),
    (event(OutageSuggested, **SUGGESTED), "outage_suggested", ("desk", "lead"), "urgent",
     "疑似群体故障 GZ-7K3QM: 3 家机构"),
    (event(OutageGrew, **{**SUGGESTED, "outage_id": UUID(int=13)}), "outage_grew", ("desk", "lead"), "urgent", "扩大"),
    (event(OutageConfirmed, **TITLED), "outage_confirmed", ("desk", "lead"), "urgent", "GZ-7K3QM 已确认"),
    (event(ArticleSubmitted, **ARTICLE), "knowledge_submitted", ("lead",), "normal", "知识待审核: ZS-7K3QM-9XW2P"),
    (event(ArticleQuestioned, **ARTICLE, doubt="interface"), "knowledge_questioned", ("staff:wang",), "normal",
     "知识待复核: ZS-7K3QM-9XW2P"),
    (event(ArticleQuestioned, 2, **UNOWNED, doubt="date"), "knowledge_questioned", ("lead",), "normal", "知识待复核"),
    (event(RunFinished, **FINISHED), "report_ready", ("desk",), "normal", "报表已完成"),
    (event(RunFinished, 2, **FINISHED, requested_by="li"), "report_ready", ("staff:li",), "normal",
     "settlement_summary"),
    (event(RunFailed, **RUN, reason="缺少列"), "report_failed", ("desk",), "high", "报表失败"),
]  # fmt: skip


RULES = rulebook()


def folding(people: People | None = None) -> AlertFold:
    return AlertFold(RULES, Planner(people or People(), {}, lambda name: None, 30))


def inbox(people: People | None = None) -> Folder[Alert]:
    fold = folding(people)
    return Folder(fold, lambda _, message: fold.id_of(message))


def shown(folder: Folder[Alert]) -> dict[UUID, Alert]:
    """Without the places of those that a graver one has forestalled."""
    return {i: alert for i, alert in folder.states.items() if alert.count}


def wish(type_: type[AlertCommand], alert: UUID, who: str = "wang", n: int = 1) -> AlertCommand:
    type_name = type_.model_fields["type"].default
    actor = Actor(kind="staff", id=who)
    return type_(id=derive_id(type_name, who, n), type=type_name, occurred_at=NOON, actor=actor, alert_id=alert)


def test_there_is_a_rule_for_everything_that_notify_hears_and_an_example_of_every_rule() -> None:
    subjects = {f for d in durables_of("notify") if d.part == "" for f in d.filters if f in EVENTS}
    assert subjects == {r.on for r in RULES.rules() if r.on} == {example[0].type for example in EXAMPLES}


@pytest.mark.parametrize(("event", "rule", "audiences", "urgency", "words"), EXAMPLES)
def test_an_event_makes_one_alert_and_says_so_to_each_audience(
    event: Event, rule: str, audiences: tuple[str, ...], urgency: str, words: str
) -> None:
    folder = inbox()
    folder.hear(event)
    [(alert_id, alert)] = shown(folder).items()
    assert (alert.rule, alert.audiences, alert.urgency, alert.state) == (rule, audiences, urgency, "queued")
    assert words in alert.title and alert.body
    queued = [e for e in folder.said if isinstance(e, NotificationQueued)]
    assert [q.audience for q in queued] == list(audiences)
    assert {(q.alert_id, q.rule, q.title, q.case_id) for q in queued} == {(alert_id, rule, alert.title, alert.case_id)}


def test_an_event_without_a_rule_is_no_news_to_anybody() -> None:
    with pytest.raises(Refused):
        inbox().hear(event(CaseClosed, **ABOUT_CASE, reason="r"))


@pytest.mark.parametrize("outcome", ["sent", "read"])
def test_a_reply_that_arrived_is_no_news_to_anybody(outcome: str) -> None:
    folder = inbox()
    with pytest.raises(Refused):
        folder.hear(event(CaseReplyReported, **REPLY, outcome=outcome))
    assert folder.states == {}


def test_an_alert_s_body_is_short_however_much_was_written() -> None:
    folder = inbox()
    folder.hear(event(CaseReopened, **ABOUT_CASE, reason="长" * 2_000))
    assert [len(alert.body) for alert in folder.states.values()] == [500]


@pytest.mark.parametrize(
    ("command", "said", "state"),
    [(ReadAlert, "notify.read", "read"), (AcknowledgeAlert, "notify.acknowledged", "acknowledged")],
)
def test_reading_and_acknowledging_count_once_whoever_repeats_them(
    command: type[AlertCommand], said: str, state: str
) -> None:
    folder = inbox()
    folder.hear(EXAMPLES[0][0])
    [alert] = shown(folder)
    assert [e.type for e in folder.hear(wish(command, alert))] == [said]
    assert folder.hear(wish(command, alert), wish(command, alert, n=2)) == []
    assert folder.states[alert].state == state


def test_the_first_who_acknowledges_has_it_and_reading_does_not_undo_that() -> None:
    folder = inbox()
    folder.hear(EXAMPLES[0][0])
    [alert] = shown(folder)
    folder.hear(wish(AcknowledgeAlert, alert, "li"), wish(AcknowledgeAlert, alert, "wang"))
    assert [e.type for e in folder.hear(wish(ReadAlert, alert, "wang"))] == ["notify.read"]
    assert (folder.states[alert].acknowledged_by, folder.states[alert].state) == ("li", "acknowledged")


def test_who_acknowledges_the_alert_of_a_clock_has_taken_note_of_the_clock() -> None:
    folder = inbox()
    folder.hear(event(SlaBreached, **CLOCK))
    [(id_, alert)] = shown(folder).items()
    _, said = folding()(alert, Moment(NOON, heard(wish(AcknowledgeAlert, id_)), id_, 1))
    acknowledged, noted = said
    assert isinstance(acknowledged, NotificationAcknowledged) and isinstance(noted, AcknowledgeClock)
    assert (noted.case_id, noted.clock, noted.cycle, noted.actor.id) == (CASE, "first_response", 1, "wang")


def test_who_acknowledges_the_alert_of_an_obligation_has_taken_note_of_it() -> None:
    folder = inbox()
    folder.hear(event(ObligationOverdue, **DUTY, targets=("lead",)))
    [(id_, alert)] = shown(folder).items()
    _, (_, noted) = folding()(alert, Moment(NOON, heard(wish(AcknowledgeAlert, id_)), id_, 1))
    assert isinstance(noted, AcknowledgeObligation)
    assert (noted.obligation_id, noted.actor.id) == (UUID(int=11), "wang")


def test_who_acknowledges_the_notice_of_the_day_still_hears_of_the_deadline_that_is_near() -> None:
    folder = inbox()
    folder.hear(event(ObligationNoticed, **DUTY, targets=("lead",)))
    [(id_, alert)] = shown(folder).items()
    _, said = folding()(alert, Moment(NOON, heard(wish(AcknowledgeAlert, id_)), id_, 1))
    assert [type(one) for one in said] == [NotificationAcknowledged]


@pytest.mark.parametrize(
    ("type_", "more", "words"),
    [
        (ObligationReminded, {}, "合同. 完成率 90.6% (145/160). 未完成: 市二院 45/60. 截止 {due}, 还有 2 个工作日"),
        (ObligationReminded, {"left": 0}, "就在今天"),
        (ObligationReminded, {"left": 0, "due_at": NOON + timedelta(days=1)}, "今天是截止前最后一个工作日"),
        (ObligationNoticed, {"left": 0, "due_at": NOON + timedelta(days=1), "threshold": "daily"}, "之前没有工作日了"),
        (ObligationReminded, {"least": 3}, "到目前各应完成 3 次"),
        (ObligationReminded, {"least": 3, "done": 0}, "合同. 已完成 45, 应完成 60. 到目前应完成 3 次. 截止"),
        (ObligationOverdue, {"left": 0}, "已逾期"),
        (ObligationEscalated, {"left": -2}, "已逾期 2 个工作日"),
        (ObligationOverdue, {"missing": DUTY["missing"] * 6, "open": 6}, "等 6 家"),
    ],
)
def test_an_alert_of_an_obligation_says_who_is_missing_and_how_much_time_there_is(
    type_: type[Event], more: Facts, words: str
) -> None:
    folder = inbox()
    folder.hear(event(type_, **{**DUTY, "targets": ("lead",), **more}))
    [alert] = shown(folder).values()
    assert words.format(due=f"{NOON.astimezone(BEIJING):%m-%d %H:%M}") in alert.body


def test_a_command_about_no_alert_is_not_found() -> None:
    with pytest.raises(NotFound):
        inbox().hear(wish(ReadAlert, UUID(int=1)))


ALERTS = {example[0].id: folding().id_of(heard(example[0])) for example in EXAMPLES}
_READERS: list[Contract] = [
    wish(ReadAlert, alert, who) for alert in list(ALERTS.values())[:3] for who in ("wang", "li")
]


@given(st.data())
def test_any_order_of_the_events_and_of_the_readers_ends_in_the_same_inbox(data: st.DataObject) -> None:
    events: list[Contract] = [example[0] for example in EXAMPLES]
    straight, crooked = inbox(), inbox()
    straight.hear(*events, *_READERS)
    crooked.hear(*data.draw(shuffled(events)))
    crooked.hear(*data.draw(shuffled(_READERS)))
    assert len(shown(crooked)) == len(events)
    assert {i: _unordered(a) for i, a in crooked.states.items()} == {
        i: _unordered(a) for i, a in straight.states.items()
    }
    assert _words(crooked) == _words(straight)
    well_said(crooked.said, lambda e: e.alert_id if isinstance(e, AlertEvent) else None, gaps=True)


def _words(folder: Folder[Alert]) -> set[UUID]:
    """What is settled before it begins is not said to be."""
    return {e.id for e in folder.said if not isinstance(e, NotificationSettled)}


def _unordered(alert: Alert) -> tuple[object, ...]:
    return alert.title, alert.audiences, alert.state, frozenset(alert.read_by), alert.settled_at


def at_work(*shifts: tuple[str, str, str]) -> People:
    """The desk's people, and these shifts around noon: engineer, place, kind."""
    people = People()
    for n, (engineer, place, kind) in enumerate(shifts, 1):
        staff = {"kind": "staff", "key": engineer, "staff": {"id": engineer, "place": place}}
        hours = {"begins": NOON - timedelta(hours=3), "ends": NOON + timedelta(hours=3)}
        people.hear(event(DirectorySaved, n, **staff))
        people.shifts.hear(event(DutySaved, n, shift={"id": f"s{n}", "engineer": engineer, "kind": kind, **hours}))
    return people


def told(people: People, *targets: str) -> tuple[str, ...]:
    folder = inbox(people)
    folder.hear(event(SlaBreached, **CLOCK, assignee="wang", threshold="100%", targets=targets))
    [alert] = shown(folder).values()
    return alert.audiences


def test_a_role_is_whoever_is_on_duty_and_has_not_had_the_case_already() -> None:
    people = at_work(
        ("li", "remote", "duty"), ("wang", "resident", "duty"), ("zhao", "resident", "duty"), ("sun", "remote", "leave")
    )
    assert told(people, "assignee", "resident") == ("staff:wang", "staff:zhao")
    assert told(people, "remote", "lead", "contact") == ("staff:li", "lead", "contact")


def test_where_nobody_of_the_role_is_on_duty_the_whole_desk_is_told() -> None:
    assert told(at_work(("wang", "resident", "duty"), ("sun", "remote", "leave")), "resident", "remote") == ("desk",)
    people = at_work(("li", "remote", "duty"))
    assert told(people, "remote") == ("staff:li",)
    people.hear(event(DirectoryRemoved, kind="staff", key="li").model_copy(update={"version": 4}))
    assert told(people, "remote") == ("desk",)
    people.forget()
    people.shifts.forget()
    assert told(people, "resident") == ("desk",)


def test_all_that_one_review_puts_in_doubt_is_one_alert_for_each_owner() -> None:
    folder = inbox()
    asked = [event(ArticleQuestioned, n, **{**ARTICLE, "owner": who}, doubt="policy")
             for n, who in enumerate(("wang", "wang", "li"))]  # fmt: skip
    folder.hear(*asked)
    assert sorted(alert.audiences for alert in shown(folder).values()) == [("staff:li",), ("staff:wang",)]
