"""The rules that come along: an alert for everything that notify hears, in the words that staff know."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.zone import BEIJING
from contracts.case import CaseReopened
from contracts.casework import CaseReplyReported
from contracts.envelope import Event
from contracts.obligation import ObligationEscalated, ObligationNoticed, ObligationOverdue, ObligationReminded
from contracts.outage import OutageConfirmed, OutageGrew, OutageSuggested
from contracts.sla import SlaBreached, SlaEscalated, SlaWarned
from contracts.stats import RunFinished
from contracts.topology import durables_of
from services.notify.rules.loading import rulebook
from services.notify.rules.problems import problems_of
from services.notify.rules.rulebook import Compiled
from tests.support.make import NOON
from tests.unit.notify.alert_examples import (
    ABOUT_CASE,
    BODIES,
    CLOCK,
    DUTY,
    EXAMPLES,
    FINISHED,
    OUTAGE,
    REPLY,
    SUGGESTED,
    WITHHELD,
    event,
)

BOOK = rulebook()


def the_rule(of: Event) -> Compiled:
    [rule] = BOOK.matching(of)
    return rule


@pytest.mark.parametrize(("event", "rule", "audiences", "urgency", "words"), EXAMPLES)
def test_an_event_makes_one_alert_for_those_whom_it_concerns_in_its_own_words(
    event: Event, rule: str, audiences: tuple[str, ...], urgency: str, words: str
) -> None:
    found = the_rule(event)
    assert found.wanted(event)
    assert (found.rule.name, found.audiences(event), found.urgency(event)) == (rule, audiences, urgency)
    assert words in found.title(event) and found.body(event)


def test_every_rule_with_an_event_has_an_example_and_every_other_is_posted() -> None:
    with_event = {rule.name for rule in BOOK.rules() if rule.on}
    assert with_event == {example[1] for example in EXAMPLES}
    assert {r.name for r in BOOK.rules()} - with_event == {"digest", "daily_report", "weekly_report", "test"}


def test_notify_hears_every_event_that_a_rule_is_about() -> None:
    hears = {subject for durable in durables_of("notify") for subject in durable.filters}
    assert {rule.on for rule in BOOK.rules() if rule.on} <= hears


@pytest.mark.parametrize(("rule", "body"), BODIES.items())
def test_below_its_title_an_alert_says_what_is_to_be_done(rule: str, body: str) -> None:
    first = next(example[0] for example in EXAMPLES if example[1] == rule)
    assert the_rule(first).body(first) == body


@pytest.mark.parametrize("outcome", ["sent", "read"])
def test_a_reply_that_arrived_is_no_news_to_anybody(outcome: str) -> None:
    arrived = event(CaseReplyReported, **REPLY, outcome=outcome)
    assert not the_rule(arrived).wanted(arrived)


def test_what_a_folder_reads_in_by_itself_is_news_only_where_rows_came_back() -> None:
    quiet = {**FINISHED, "kind": "ingest", "requested_by": "system", "rows_rejected": 0}
    assert not the_rule(event(RunFinished, **quiet)).wanted(event(RunFinished, **quiet))
    for told in ({**quiet, "rows_rejected": 1}, {**quiet, "requested_by": "li"}, {**quiet, "kind": "report"}):
        assert the_rule(event(RunFinished, **told)).wanted(event(RunFinished, **told))


def test_a_report_that_failed_its_checks_is_told_with_them_and_without_figures() -> None:
    withheld = event(RunFinished, **FINISHED | {"rows_rejected": 0}, outcome=WITHHELD)
    body = the_rule(withheld).body(withheld)
    assert body == ("共 1 行. 检查未通过, 文件不能下载: 请改正数据或口径后重新统计, 或请他人核对后放行; 分项合计")


def test_a_finished_report_is_told_by_its_title() -> None:
    told = event(RunFinished, **FINISHED, summary={"title": "医保基金支付汇总表", "columns": ("险种",)})
    assert the_rule(told).title(told) == "报表已完成: 医保基金支付汇总表"


def test_an_alert_s_body_is_short_however_much_was_written() -> None:
    long = event(CaseReopened, **ABOUT_CASE, reason="长" * 2_000)
    assert len(the_rule(long).body(long)) == 500


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
def test_an_alert_of_a_duty_says_who_is_missing_and_how_much_time_there_is(
    type_: type[Event], more: dict[str, Any], words: str
) -> None:
    alarm = event(type_, **{**DUTY, "targets": ("lead",), **more})
    assert words.format(due=f"{NOON.astimezone(BEIJING):%m-%d %H:%M}") in the_rule(alarm).body(alarm)


def test_a_breach_outweighs_the_warning_of_the_same_cycle_and_of_no_other() -> None:
    warned, breached = event(SlaWarned, **CLOCK), event(SlaBreached, **CLOCK)
    key = the_rule(warned).group_key(warned)
    assert the_rule(breached).inhibited(breached) == [("warning", key)]
    again = event(SlaWarned, 2, **{**CLOCK, "cycle": 2})
    assert the_rule(again).group_key(again) != key


def test_each_threshold_behind_the_deadline_is_an_alert_of_its_own_so_that_it_rings_again() -> None:
    late = event(SlaEscalated, **CLOCK, threshold="+1h")
    assert the_rule(late).group_key(late) is None


def test_what_is_added_to_a_suspected_outage_belongs_to_its_alert() -> None:
    first, more = event(OutageSuggested, **SUGGESTED), event(OutageGrew, **OUTAGE, institutions=())
    assert the_rule(first).alert == the_rule(more).alert == "outage_suggested"
    assert the_rule(first).group_key(first) == the_rule(more).group_key(more) == (str(UUID(int=9)),)
    sure = event(OutageConfirmed, **OUTAGE, title="t")
    assert the_rule(sure).inhibited(sure) == [("outage_suggested", (str(UUID(int=9)),))]


def test_what_must_not_be_missed_is_delivered_whatever_people_prefer_and_calls_somebody_else() -> None:
    grave = {r.name for r in BOOK.rules() if r.must_deliver}
    assert {"breach", "overdue", "outage_suggested", "outage_confirmed", "obligation_overdue"} <= grave
    assert all(r.steps for r in BOOK.rules() if r.must_deliver)
    breach = BOOK.named("breach")
    assert breach is not None
    assert [(s.after_min, s.to) for s in breach.rule.steps] == [(5, ("resident", "remote")), (10, ("lead",))]


def test_the_rules_that_come_along_have_no_problems() -> None:
    assert [problems_of(rule) for rule in BOOK.rules()] == [[]] * len(BOOK.rules())
