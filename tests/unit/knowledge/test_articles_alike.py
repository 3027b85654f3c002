"""When two articles say nearly the same: examples on both sides of the threshold, and what holds for all texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import CaseResolved
from contracts.knowledge import ArticleContent
from services.knowledge.articles.alike import ALIKE, Parts, likeness, parts_of
from services.knowledge.articles.drafting import drafted
from tests.unit.knowledge.articles import resolved

BASE = Parts(
    "门诊医保结算失败，2207接口报错：调用超时，重试后仍然失败", "省平台网关已恢复，请用2601冲正后重新结算",
    infno="2207", error="调用超时",
)  # fmt: skip
CATALOGUE = Parts(
    "住院费用明细上传时提示目录编码不存在, 患者无法出院结算", "核对目录编码后重新下载1301目录, 再上传费用明细"
)
SAME = [
    (BASE, BASE),
    (BASE, BASE._replace(question="您好，请问门诊医保结算失败，2207接口报错:调用超时,重试仍失败怎么办")),
    (BASE, BASE._replace(question="H43010000001 门诊医保结算失败，2207 接口报错：调用超时，重试后仍失败, 谢谢老师")),
    (BASE, BASE._replace(solution="省平台网关已经恢复。请用 2601 冲正，然后重新结算。")),
    (CATALOGUE, CATALOGUE._replace(question="住院费用明细上传提示目录编码不存在, 患者不能出院结算")),
    (CATALOGUE, CATALOGUE._replace(solution=CATALOGUE.solution + "。下载后须重启前置机, 再核对版本号是否一致")),
]  # fmt: skip
OTHER = [
    (BASE, BASE._replace(infno="2208")),
    (BASE._replace(error_code="-1"), BASE._replace(error_code="-2")),
    (BASE, BASE._replace(kind="guide")),
    (BASE, BASE._replace(solution="重新签到 9001 后更换读卡器驱动即可")),
    (BASE, BASE._replace(question="住院登记 2401 提示重复就诊, 病人无法办理入院")),
    (CATALOGUE, CATALOGUE._replace(solution="联系省平台补录医保目录对照关系, 次日自动生效")),
    (CATALOGUE, Parts("门诊费用明细上传提示医师编码不存在, 患者无法结算", "在贯标平台维护医师编码后重新签到")),
    (Parts("问题1", "方案1"), Parts("问题1", "方案1")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_matter_in_other_words_is_alike(one: Parts, other: Parts) -> None:
    assert likeness(one, other) >= ALIKE


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_cause_solution_or_matter_is_not(one: Parts, other: Parts) -> None:
    assert likeness(one, other) < ALIKE


WINDOW = "门诊收费窗口医保结算时{}，请老师帮忙处理一下现在患者在窗口等"
TEMPLATES = [
    ("提示失败，报错：患者未办理异地备案", "提示失败，报错：医师编码不在库中"), ("报错：未备案", "报错：已停保"),
    ("交易2207调用失败", "交易2401调用失败"), ("返回错误码 -1004", "返回错误码 -1017"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TEMPLATES)
def test_cases_of_one_wording_that_differ_in_the_error_are_not_alike(one: str, other: str) -> None:
    boilerplate = "已联系省平台处理，请重新结算后观察，如仍有问题请再联系"
    first, second, third = (Parts(WINDOW.format(told), boilerplate) for told in (one, other, f"{one}，急"))
    assert likeness(first, second) == 0 < ALIKE <= likeness(first, third)


PARTS = st.builds(
    Parts, st.text(max_size=60), st.text(max_size=60), infno=st.sampled_from([None, "2207"]),
    error=st.sampled_from([None, "调用超时"]),
)  # fmt: skip


@given(PARTS, PARTS)
def test_likeness_is_a_share_and_the_same_in_either_order(one: Parts, other: Parts) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


@given(st.text(alphabet="。\n原因是网络重启;! a1", max_size=80), st.text(alphabet="您好,请问报错。2207\n", max_size=40))
def test_drafting_loses_nothing_that_was_answered(resolution: str, question: str) -> None:
    content = drafted(_case(resolution=resolution or "好", question=question))
    assert sorted("".join((content.cause + content.answer).split())) == sorted("".join((resolution or "好").split()))
    assert content.question in question


def test_a_resolution_is_parted_into_cause_and_steps_and_keeps_its_lines() -> None:
    case = _case(resolution="经查省平台网关故障。\n1. 用 2601 冲正\n2. 重新结算\n", question="您好，请问2207报错怎么办")
    content = drafted(case)
    assert (content.cause, content.answer) == ("经查省平台网关故障。", "1. 用 2601 冲正\n2. 重新结算")
    assert (content.question, content.symptoms) == ("2207报错怎么办", "2207报错怎么办")
    assert likeness(parts_of(content), parts_of(_content(content))) >= ALIKE


def _content(content: ArticleContent) -> ArticleContent:
    return content.model_copy(update={"keywords": ("别的",), "title": "别的"})


def _case(**facts: str) -> CaseResolved:
    return resolved(1, 3, **facts)
