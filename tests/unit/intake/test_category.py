"""Category and priority: a first guess that brings a case to the right desk."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.case import Category, Findings, Kind, Priority
from services.intake.category.categoriser import Categoriser, by_rules, judged
from services.intake.category.kinds import kind_of
from services.intake.category.rules import categorise, rule
from services.intake.category.taxonomy import COVERS
from services.intake.category.words import FAMILIES, RULES, WIDE
from services.intake.text.findings import find
from tests.support.make import message
from tests.unit.intake.cases import desk, only


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
        ("张掖欠我院的省内异地费用什么时候拨", "省内异地拨付"),
        ("县医院十月的医保款还没拨付", "拨付"),
        ("月结申报被退回", "月结"),
        ("3203清算申请报错", "月结"),
        ("居民住院起付线是多少", "结算报销"),
        ("希望增加批量导出", "需求变更"),
        ("给新来的同事开通审核权限", "参数配置"),
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


def test_every_category_but_the_default_has_one_rule_and_each_is_explained() -> None:
    narrow = [category for category, _ in RULES]
    assert len(narrow) == len(set(narrow))
    ruled = {*narrow, *(category for category, _ in WIDE)}
    assert set(get_args(Category)) - ruled == {"业务咨询"}
    assert set(FAMILIES.values()) <= ruled
    assert set(COVERS) == set(get_args(Category))


@pytest.mark.parametrize(
    ("text", "decided"),
    [("月结申报被退回", True), ("2207接口报错", True), ("门诊结算失败", False), ("请问一下", False), ("", False)],
)
def test_wide_words_and_silence_decide_nothing(text: str, decided: bool) -> None:
    assert rule(text, find(text))[1] is decided


@given(st.text(max_size=100), st.sampled_from([(c, w) for c, words in RULES for w in words]), st.text(max_size=100))
def test_a_word_of_a_rule_is_found_wherever_it_stands(before: str, ruled: tuple[Category, str], after: str) -> None:
    order = [category for category, _ in RULES]
    category, decided = rule(before + ruled[1].replace("&", "，") + after, Findings())
    assert decided
    assert order.index(category) <= order.index(ruled[0])


@given(st.text(max_size=200))
def test_every_text_gets_a_category_and_a_priority(text: str) -> None:
    category, priority = categorise(text, Findings())
    assert category in get_args(Category)
    assert priority in get_args(Priority)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("希望增加批量导出", "change_request"),
        ("给新同事开通权限", "configuration"),
        ("需要上季度统计报表", "data_request"),
        ("月底对账不平", "reconciliation"),
        ("结算清单4101接口上传失败", "settlement_list"),
        ("请安排培训", "training"),
        ("2207接口报错：人员不存在", "fault"),
        ("窗口刷不了卡", "fault"),
        ("异地备案能不能在手机上办", "consultation"),
        ("参保人咨询一件事", "consultation"),
    ],
)
def test_category_and_words_give_the_kind_of_work(text: str, kind: Kind) -> None:
    found = find(text)
    assert by_rules(text, found).kind == kind


def test_a_pasted_log_is_a_fault() -> None:
    assert kind_of("接口/HIS", Findings(pasted="log"), trouble=False) == "fault"


class Sure:
    """A model that always says 培训, this sure."""

    def __init__(self, confidence: float) -> None:
        self.confidence = confidence

    def predict(self, text: str, findings: Findings) -> tuple[Category, float]:
        return "培训", self.confidence


def test_the_model_is_heard_only_where_no_rule_decides_and_it_is_sure() -> None:
    sure, unsure = Categoriser(0.6, Sure(0.6)), Categoriser(0.6, Sure(0.59))
    assert sure("怎么用这个", Findings())[:4] == ("培训", "low", "model", 0.6)
    assert sure("怎么用这个", Findings()).kind == "training"
    assert sure("月结申报被退回", Findings())[:4] == ("月结", "normal", "rule", None)
    assert unsure("怎么用这个", Findings()) == by_rules("怎么用这个", Findings())


@given(st.text(max_size=100))
def test_without_a_model_the_verdict_is_that_of_the_rules(text: str) -> None:
    verdict = by_rules(text, Findings())
    assert (verdict.category, verdict.priority) == categorise(text, Findings())
    assert (verdict.by, verdict.confidence) == ("rule", None)


def test_what_staff_decided_survives_every_later_verdict() -> None:
    cases = desk()
    cases.hear(message(text="怎么用这个"))
    case = replace(only(cases), category="目录", category_by="staff")
    later = judged(case, Categoriser(0.0, Sure(0.9))("怎么用这个", Findings(error="超时")))
    assert (later.category, later.category_by, later.priority, later.confidence) == ("目录", "staff", "high", None)
    case = replace(case, category_by="rule", priority_by="staff")
    later = judged(case, Categoriser(0.0, Sure(0.9))("新", Findings()))
    assert (later.category, later.category_by, later.priority) == ("培训", "model", case.priority)
