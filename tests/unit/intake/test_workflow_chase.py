"""Chasing: counted, dated, and reminded of once when it is time."""

from datetime import datetime, timedelta

import pytest

from contracts.case import AssignCase, CaseCommand, EscalateCase, PutCaseOnWait, ResolveCase, RespondToCase
from contracts.casework import CaseChased, CaseChaseDue, ChaseCase, RemindToChase
from tests.unit.intake.workflows import Work


def escalated() -> Work:
    work = Work("escalation")
    work.do(AssignCase, assignee="wang")
    work.step("submit", problem="2207 超时", external_number="P-9", impact="全市")
    return work


def due(work: Work) -> datetime:
    assert work.case.next_chase_at is not None
    return work.case.next_chase_at


def test_a_case_with_the_province_is_to_be_chased_after_as_long_as_its_workflow_says() -> None:
    work = escalated()
    assert due(work) == work.now + timedelta(hours=24)
    work.step("replied", external_answer="已重启")
    assert work.case.next_chase_at is None, "nobody outside owes anything now"


def test_a_chase_is_counted_and_the_next_one_has_a_date() -> None:
    work = escalated()
    work.do(ChaseCase, note="电话联系, 值班手机13919871234")
    work.do(ChaseCase, note="再次催办", next_at=work.now + timedelta(hours=2))
    first, second = (words for words in work.said if isinstance(words, CaseChased))
    assert (first.times, first.note) == (1, "电话联系, 值班手机139****1234")
    assert first.next_at == first.occurred_at + timedelta(hours=24), "without a date the workflow's"
    assert (second.times, second.next_at) == (2, work.case.next_chase_at)
    assert work.case.chases == 2


@pytest.mark.parametrize("command", [None, (RespondToCase, {"text": "好"}), (ResolveCase, {"resolution": "好了"})])
def test_there_is_nothing_to_chase_while_the_desk_or_the_requester_has_the_case(
    command: tuple[type[CaseCommand], dict[str, str]] | None,
) -> None:
    work = Work()
    if command:
        work.do(command[0], **command[1])
    refused = work.tries(ChaseCase, note="催")
    assert refused is not None
    assert (refused.code, "请先上报或转为等待" in str(refused)) == ("nothing_to_chase", True)


def test_the_next_chase_cannot_be_in_the_past() -> None:
    work = escalated()
    refused = work.tries(ChaseCase, note="催", next_at=work.now)
    assert refused is not None
    assert (refused.code, work.case.chases) == ("past", 0)


def test_when_it_is_time_the_case_says_so_once() -> None:
    work = escalated()
    at = due(work)
    work.do(RemindToChase, due_at=at)
    said = [words for words in work.said if isinstance(words, CaseChaseDue)]
    assert [(e.due_at, e.owes, e.times, e.assignee, e.external_number) for e in said] == [
        (at, "province", 0, "wang", "P-9")
    ]
    assert (work.case.next_chase_at, work.case.chase_due_at) == (None, at)
    refused = work.tries(RemindToChase, due_at=at)
    assert refused is not None
    assert refused.code == "not_due"
    work.do(ChaseCase, note="电话催办")
    assert work.case.chase_due_at is None
    assert due(work) > at - timedelta(hours=24)


def test_a_reminder_that_comes_after_a_chase_says_nothing() -> None:
    work = escalated()
    at = due(work)
    work.do(ChaseCase, note="已催")
    assert work.tries(RemindToChase, due_at=at)
    assert not any(isinstance(words, CaseChaseDue) for words in work.said)


def test_a_wait_for_somebody_else_keeps_the_date_and_can_be_given_another() -> None:
    work = escalated()
    at = due(work)
    work.do(PutCaseOnWait, waiting_for="institution", reason="补报文")
    assert (work.case.owes, due(work)) == ("institution", at)
    work.do(ChaseCase, note="提醒医院", next_at=work.now + timedelta(hours=4))
    assert due(work) == work.now - timedelta(minutes=1) + timedelta(hours=4)
    work.do(RespondToCase, text="已收到")
    assert (work.case.status, work.case.step, work.case.next_chase_at) == ("in_progress", "verifying", None)


def test_an_escalation_by_the_command_that_every_case_knows_is_to_be_chased_too() -> None:
    work = Work("fault")
    work.do(EscalateCase, to="vendor", reason="HIS 报错")
    assert (work.case.step, due(work)) == ("with_vendor", work.now + timedelta(hours=4))
