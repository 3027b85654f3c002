"""Stories of workflows: what steps are said with, how waits and other kinds fit in."""

from uuid import UUID

from msgspec.structs import replace

from contracts.case import (
    AssignCase,
    CaseEscalated,
    CaseResolved,
    EscalateCase,
    PutCaseOnWait,
    ResolveCase,
    RespondToCase,
)
from contracts.casework import CaseKindSet, CaseResumed, CaseStepped, SetCaseKind, StepCase
from contracts.stats import RequestRun
from services.intake.workflows.moves import moves
from tests.unit.intake.workflows import Work


def test_a_change_request_goes_all_the_way_and_is_said_as_the_desk_says_it() -> None:
    work = Work("change_request")
    work.do(AssignCase, assignee="wang")
    assert work.case.step == "evaluating", "somebody has it: work began"
    assert work.step("accept", evaluation="多家医院提出", scope="全市") == ["case.stepped"]
    assert work.step("specify", requirement="结算单显示共济账户", document="REQ-7") == ["case.stepped"]
    assert work.step("submit", vendor="省平台厂商", external_number="XQ-2026-88") == ["case.escalated", "case.stepped"]
    assert (work.case.status, work.case.owes, work.case.external_number) == ("escalated", "vendor", "XQ-2026-88")
    assert work.step("deliver", version="V3.2") == ["case.resumed", "case.stepped"]
    assert work.step("fail", finding="金额仍不显示") == ["case.escalated", "case.stepped"]
    assert work.case.external_number == "XQ-2026-88", "the number outlives the way back"
    work.step("deliver", version="V3.3")
    work.step("verify", verification="三家医院验证通过")
    said = work.step("go_live", live_on="2026-12-01", resolution="已全市上线")
    assert said == ["case.responded", "channel.out.wechat", "case.resolved", "case.stepped"]
    assert work.step("confirm") == ["case.closed", "case.stepped"]
    assert (work.case.status, work.case.owes, work.case.fields["version"]) == ("closed", "nobody", "V3.3")
    escalated = [e for e in work.said if isinstance(e, CaseEscalated)]
    assert [(e.to, e.reason) for e in escalated] == [("vendor", "省平台厂商"), ("vendor", "金额仍不显示")]


def test_a_change_that_is_declined_is_answered_with_the_reason() -> None:
    work = Work("change_request")
    work.do(AssignCase, assignee="wang")
    work.step("decline", resolution="与国家接口规范冲突")
    resolved = next(e for e in work.said if isinstance(e, CaseResolved))
    assert (resolved.resolution, work.case.step, work.case.owes) == ("与国家接口规范冲突", "declined", "requester")
    assert work.step("reconsider", objection="规范已更新") == ["case.reopened", "case.stepped"]
    assert (work.case.status, work.case.resolution) == ("in_progress", None)


def test_a_configuration_that_does_harm_is_taken_back() -> None:
    work = Work("configuration")
    work.do(AssignCase, assignee="wang")
    for step in ("configure", "test", "go_live"):
        work.take(next(m for m in moves(work.case) if m.name == step))
    said = work.step("roll_back", rollback_reason="误伤门特待遇", rolled_back_at="2026-11-23T10:00:00+08:00")
    assert said == ["case.reopened", "case.stepped"]
    assert (work.case.step, work.case.status) == ("rolled_back", "in_progress")


def test_confirmed_figures_are_counted_by_stats_and_the_run_is_known() -> None:
    work = Work("data_request")
    work.do(AssignCase, assignee="wang")
    work.step("ask_department", definition="按结算时间", department="待遇科")
    confirmed = {"definition": "按结算时间", "department": "待遇科", "confirmed_by": "李科长"}
    assert work.tries(StepCase, transition="run", fields={"report": "settlement_summary", "upload_id": "ab" * 32})
    said = work.step("run", report="settlement_summary", upload_id="ab" * 32, **confirmed)
    assert said == ["stats.command.request", "case.resumed", "case.stepped"]
    asked = next(words for words in work.said if isinstance(words, RequestRun))
    assert (asked.report, asked.upload_id, asked.actor.id) == ("settlement_summary", "ab" * 32, "wang")
    assert UUID(work.case.fields["run_id"]) == asked.run_id


def test_a_run_that_was_started_elsewhere_is_only_recorded() -> None:
    work = Work("data_request")
    work.do(AssignCase, assignee="wang")
    run = "5b0e2c1a-7d34-5f60-8a11-2c9d4e6f7a80"
    said = work.step("record_run", run_id=run, definition="按结算时间", department="待遇科", confirmed_by="李科长")
    assert (said, work.case.fields["run_id"]) == (["case.stepped"], run)


def test_facts_that_are_noted_down_move_nothing() -> None:
    work = Work("escalation")
    work.do(EscalateCase, reason="2207 超时")
    assert "还没有外部工单号" in str(work.tries(StepCase, transition="replied", fields={"external_answer": "已修复"}))
    before = work.case
    assert work.step("record_number", external_number="P-77") == ["case.stepped"]
    assert work.case.external_number == "P-77"
    assert (work.case.step, work.case.status, work.case.next_chase_at) == (
        before.step, before.status, before.next_chase_at
    )  # fmt: skip
    assert work.step("replied", external_answer="已修复") == ["case.resumed", "case.stepped"]


def test_a_case_that_is_older_than_its_workflow_goes_on_from_where_its_status_says() -> None:
    work = Work()
    work.case = replace(work.case, status="escalated", waiting_for="vendor", step="open", owes="desk")
    work.do(StepCase, transition="returned", fields={"external_answer": "已升级"})
    stepped = next(e for e in work.said if isinstance(e, CaseStepped))
    assert (stepped.from_step, stepped.to_step, work.case.status) == ("with_vendor", "answering", "in_progress")
    work.case = replace(work.case, step="a_step_of_long_ago")
    work.do(AssignCase, assignee="wang")
    assert work.case.step == "answering"


def test_a_wait_leaves_the_step_and_ends_where_it_began() -> None:
    work = Work("change_request")
    work.do(AssignCase, assignee="wang")
    work.step("accept", evaluation="可行", scope="全市")
    work.do(PutCaseOnWait, waiting_for="requester", reason="请补充样例")
    assert (work.case.step, work.case.status, work.case.owes) == ("accepted", "waiting", "requester")
    work.do(RespondToCase, text="已收到样例")
    assert (work.case.step, work.case.status, work.case.owes) == ("accepted", "in_progress", "desk")


def test_a_step_taken_while_waiting_says_that_the_desk_goes_on() -> None:
    work = Work("fault")
    work.step("request_logs", needed="2207 报文")
    assert (work.case.status, work.case.owes) == ("waiting", "institution")
    work.step("supplied")
    resumed = next(e for e in work.said if isinstance(e, CaseResumed))
    assert (resumed.waited_for, work.case.step) == ("institution", "locating")


def test_another_kind_takes_the_case_up_where_it_stands() -> None:
    work = Work()
    work.do(EscalateCase, reason="省平台超时", external_number="P-1")
    work.do(SetCaseKind, kind="escalation", reason="医院侧已排除")
    kind_set = [e for e in work.said if isinstance(e, CaseKindSet)][-1]
    assert (kind_set.before, kind_set.kind, kind_set.step) == ("consultation", "escalation", "with_province")
    assert (work.case.status, work.case.owes, work.case.external_number) == ("escalated", "province", "P-1")
    assert "无需更改" in str(work.tries(SetCaseKind, kind="escalation"))
    work.do(ResolveCase, resolution="省平台已恢复")
    assert "请先重新打开" in str(work.tries(SetCaseKind, kind="fault"))


def test_the_timeline_names_a_step_in_the_words_of_the_staff() -> None:
    work = Work("training")
    work.do(AssignCase, assignee="wang")
    fields = {
        "topic": "结算清单",
        "mode": "远程",
        "starts_at": "2026-12-01T09:00:00+08:00",
        "trainer": "讲师手机13919871234",
    }
    work.do(StepCase, transition="plan", fields=fields, reason="联系电话13919871234")
    stepped = next(e for e in work.said if isinstance(e, CaseStepped))
    assert (stepped.label, stepped.step_name, stepped.to_step) == ("排期", "已排期", "planned")
    assert (stepped.fields["trainer"], stepped.reason) == ("讲师手机139****1234", "联系电话139****1234")
