"""Commands of staff: what they do to a case, what is said about it, and when they are refused."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts.case import (
    AssignCase,
    CaseCommand,
    CaseResolved,
    CaseResponded,
    CloseCase,
    EscalateCase,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
)
from contracts.channel import ChannelReply
from services.intake.model import Case
from tests.chassis.folding import Folder, well_said
from tests.support.make import NOON, message
from tests.unit.intake.cases import case_of, desk, only, wish

WISHES: dict[type[CaseCommand], dict[str, Any]] = {
    AssignCase: {"assignee": "wang"},
    RespondToCase: {"text": "请重新签到"},
    PutCaseOnWait: {"waiting_for": "requester", "reason": "请提供截图"},
    EscalateCase: {"reason": "省平台超时", "external_number": "S-1"},
    ResolveCase: {"resolution": "重新签到"},
    CloseCase: {"reason": "重复工单"},
    ReopenCase: {"reason": "又出现了"},
}
LATER = NOON + timedelta(minutes=9)


def opened(*commands: type[CaseCommand]) -> Folder[Case]:
    """A desk with one case, to which these wishes have come true."""
    cases = desk()
    cases.hear(message())
    for n, command in enumerate(commands):
        do(cases, command, n)
    return cases


def do(cases: Folder[Case], command: type[CaseCommand], n: int = 99, **more: Any) -> list[str]:
    return [e.type for e in cases.hear(wish(cases, command, n, **{**WISHES[command], **more}), now=LATER)]


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (AssignCase, "in_progress", ["case.assigned"]),
        (RespondToCase, "in_progress", ["case.responded", "channel.out.wechat"]),
        (PutCaseOnWait, "waiting", ["case.waiting"]),
        (EscalateCase, "escalated", ["case.escalated"]),
        (ResolveCase, "resolved", ["case.responded", "channel.out.wechat", "case.resolved"]),
        (CloseCase, "closed", ["case.closed"]),
    ],
)
def test_a_new_case_follows_every_command_but_reopen(command: type[CaseCommand], status: str, said: list[str]) -> None:
    cases = opened()
    assert do(cases, command) == said
    assert only(cases).status == status
    assert all(e.occurred_at == e.recorded_at == LATER for e in cases.said[1:]), "a caller's clock does not count"


def test_the_first_response_is_marked_and_goes_out_in_the_case_s_channel() -> None:
    cases = opened(RespondToCase, RespondToCase)
    assert [e.first for e in cases.said if isinstance(e, CaseResponded)] == [True, False]
    reply = next(e for e in cases.said if isinstance(e, ChannelReply))
    assert (reply.conversation_id, reply.text, reply.actor.id) == ("c1", "请重新签到", "wang")


def test_whoever_was_never_answered_is_told_the_solution_and_others_are_not_told_twice() -> None:
    told = [e for e in opened(ResolveCase).said if isinstance(e, ChannelReply)]
    assert [reply.text for reply in told] == ["重新签到"]
    assert do(opened(RespondToCase), ResolveCase) == ["case.resolved"]


def test_what_was_said_on_the_phone_counts_as_a_response_and_is_not_sent() -> None:
    cases = opened()
    assert do(cases, RespondToCase, via="phone") == ["case.responded"]
    assert (only(cases).responded_at, only(cases).replies) == (LATER, 0)


def test_a_response_leaves_an_escalation_and_a_solution_standing() -> None:
    assert only(opened(EscalateCase, RespondToCase)).status == "escalated"
    assert only(opened(ResolveCase, RespondToCase)).status == "resolved"
    assert only(opened(PutCaseOnWait, RespondToCase)).status == "in_progress"


def test_the_requester_s_next_message_ends_the_wait_for_the_requester_only() -> None:
    for waiting_for, status in (("requester", "in_progress"), ("vendor", "waiting")):
        cases = opened()
        do(cases, PutCaseOnWait, waiting_for=waiting_for)
        cases.hear(message("m2", "截图在此"))
        assert only(cases).status == status


def test_a_solution_carries_the_whole_question_and_what_was_found_in_it() -> None:
    cases = opened()
    cases.hear(message("m2", "2207接口报错", institution="H62010200001"))
    do(cases, ResolveCase)
    resolved = cases.said[-1]
    assert isinstance(resolved, CaseResolved)
    assert (resolved.question, resolved.findings.infno) == ("门诊结算失败\n2207接口报错", "2207")
    assert resolved.category == only(cases).category


@pytest.mark.parametrize("before", [ResolveCase, CloseCase])
def test_a_case_that_is_done_is_reopened_and_may_be_solved_anew(before: type[CaseCommand]) -> None:
    cases = opened(RespondToCase, before)
    assert do(cases, ReopenCase) == ["case.reopened"]
    assert (only(cases).status, only(cases).current, only(cases).resolution) == ("in_progress", True, None)
    assert do(cases, ResolveCase) == ["case.resolved"]


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], ReopenCase, "open"),
        ([ResolveCase], ResolveCase, "resolved"),
        *(([CloseCase], command, "closed") for command in WISHES if command is not ReopenCase),
    ],
)
def test_what_a_case_cannot_follow_is_refused_and_changes_nothing(
    before: list[type[CaseCommand]], command: type[CaseCommand], code: str
) -> None:
    cases = opened(*before)
    state = only(cases)
    with pytest.raises(Refused) as refused:
        do(cases, command)
    assert (refused.value.code, refused.value.status) == (code, 409)
    assert only(cases) is state


def test_somebody_who_was_overtaken_is_told_so() -> None:
    cases = opened(AssignCase)
    with pytest.raises(Refused, match="第 2 版"):
        do(cases, EscalateCase, expected_version=1)
    assert do(cases, EscalateCase, expected_version=2) == ["case.escalated"]


def test_a_command_to_no_case_is_not_found() -> None:
    with pytest.raises(NotFound):
        do(opened(), AssignCase, case_id=uuid4())


@pytest.mark.parametrize(
    ("command", "field"), [(RespondToCase, "text"), (ResolveCase, "resolution"), (CloseCase, "reason")]
)
def test_personal_data_in_what_staff_write_is_masked(command: type[CaseCommand], field: str) -> None:
    cases = opened()
    cases.hear(wish(cases, command, **{**WISHES[command], field: "请拨打13812345678"}))
    assert all("13812345678" not in e.model_dump_json() for e in cases.said)
    assert "138****5678" in cases.said[-1].model_dump_json()


@given(st.lists(st.sampled_from([*WISHES, None]), max_size=25))
def test_whatever_staff_and_requester_do_the_timeline_has_no_gap(steps: list[type[CaseCommand] | None]) -> None:
    cases = opened()
    for n, step in enumerate(steps):
        if step is None:
            cases.hear(message(f"n{n}", f"再问一次 {n}", conversation=f"c{n % 2}"))
        else:
            _try(cases, step, n)
    well_said(cases.said, case_of)


def _try(cases: Folder[Case], step: type[CaseCommand], n: int) -> None:
    once = wish(cases, step, n, case_id=next(iter(cases.states)), **WISHES[step])
    try:
        cases.hear(once)
    except Refused:
        return
    assert cases.hear(once) == [], "the same wish again says nothing new"
