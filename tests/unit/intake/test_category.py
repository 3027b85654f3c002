"""Category and priority: a first guess that brings a case to the right desk."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import Category, Findings, Priority
from services.intake.category.rules import FAMILIES, RULES, categorise
from services.intake.text.findings import find


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("城乡居民断缴了怎么补缴", "参保征缴"),
        ("外地住院回来怎么报销", "零星报销"),
        ("生育津贴什么时候到账", "生育津贴"),
        ("跨省就医直接结算", "异地就医"),
        ("异地备案怎么办", "备案"),
        ("门诊结算失败", "结算支付"),
        ("慢特病患者结算不享受待遇", "门特结算"),
        ("月底对账不平", "对账清分"),
        ("结算清单4101接口上传失败", "结算清单"),
        ("2207接口报错：人员不存在", "接口/HIS"),
        ("3301接口报错", "目录"),
        ("3202交易失败", "对账清分"),
        ("药品目录对照未审核", "目录"),
        ("需要上季度统计报表", "数据统计"),
        ("什么时候有对账培训", "培训"),
        ("参保人咨询一件事", "业务咨询"),
        ("", "业务咨询"),
    ],
)
def test_the_words_decide_the_category(text: str, category: Category) -> None:
    assert categorise(text, find(text))[0] == category


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("全院门诊结算失败", "urgent"),
        ("系统瘫痪了", "urgent"),
        ("大面积超时", "urgent"),
        ("所有窗口都刷不了卡", "urgent"),
        ("现在无法结算", "urgent"),
        ("2207接口报错", "high"),
        ("一个患者结算失败", "high"),
        ("请安排培训", "low"),
        ("全院职工培训", "low"),
        ("建议增加一个按钮", "low"),
        ("备案需要什么材料", "normal"),
    ],
)
def test_the_words_decide_the_priority(text: str, priority: Priority) -> None:
    assert categorise(text, find(text))[1] == priority


def test_an_error_in_the_findings_makes_a_case_high() -> None:
    assert categorise("见附件", Findings(error="人员不存在"))[1] == "high"


def test_the_rules_name_each_category_once_and_leave_only_the_default() -> None:
    ruled = [category for category, _ in RULES]
    assert len(ruled) == len(set(ruled))
    assert set(get_args(Category)) - set(ruled) == {"业务咨询"}
    assert set(FAMILIES.values()) <= set(ruled)


@given(st.text(max_size=200))
def test_every_text_gets_a_category_and_a_priority(text: str) -> None:
    category, priority = categorise(text, Findings())
    assert category in get_args(Category)
    assert priority in get_args(Priority)
