"""What a step asks for: fields and conditions, and what staff are told when one is missing."""

import pytest

from contracts.case import (
    AssignCase,
)
from contracts.casework import StepCase
from services.intake.workflows.moves import moves
from tests.unit.intake.workflows import Work


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["缺少 提出单位[proposed_by]、需求内容[wish]"]),
        ({"proposed_by": "县医院", "wish": "   "}, ["缺少 需求内容[wish]"]),
        ({"proposed_by": "县医院", "wish": "加打印", "wanted_by": "下周"}, ["期望完成日期[wanted_by] 应为日期"]),
        ({"proposed_by": "县医院", "wish": "加打印", "colour": "红"}, ["colour 没有这个字段"]),
        ({"proposed_by": "县医院", "wish": "长" * 2_000, "wanted_by": "x"}, ["应为日期"]),
    ],
)
def test_a_step_with_wrong_fields_is_refused_and_says_which(fields: dict[str, str], words: list[str]) -> None:
    work = Work("change_request")
    refused = work.tries(StepCase, transition="evaluate", fields=fields)
    assert refused is not None
    assert refused.code == "incomplete_step"
    assert all(word in str(refused) for word in words)
    assert work.case.step == "collected"


def test_a_choice_and_a_pattern_are_kept_to() -> None:
    work = Work("reconciliation")
    fields = {
        "insutype": "31",
        "clr_type": "11",
        "setl_optins": "620102",
        "begndate": "2026-10-01",
        "enddate": "十月底",
    }
    refused = str(work.tries(StepCase, transition="begin", fields=fields))
    assert "险种类型[insutype] 格式不符, 例如 310" in refused
    assert "对账结束日期[enddate] 应为日期" in refused
    work.step("begin", **{**fields, "insutype": "310", "enddate": "2026-10-31"})
    work.step("compare", stmt_rslt_dscr="中心 12 笔, 机构 11 笔")
    refused = str(work.tries(StepCase, transition="differences", fields={"difference": "不知道", "instruction": "x"}))
    assert "应为 中心多、医药机构多、数据不一致 之一" in refused


def test_a_condition_that_does_not_hold_blocks_the_move_and_says_what_to_do() -> None:
    work = Work("escalation")
    work.step("prepare")
    submit = next(m for m in moves(work.case) if m.name == "submit")
    assert submit.blocked == ("工单还没有经办人: 请先分派",)
    fields = {"problem": "2207 超时", "external_number": "P-9", "impact": "全市"}
    assert "请先分派" in str(work.tries(StepCase, transition="submit", fields=fields))
    work.do(AssignCase, assignee="wang")
    assert work.step("submit", **fields) == ["case.escalated", "case.stepped"]
