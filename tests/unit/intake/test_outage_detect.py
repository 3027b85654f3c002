"""Detection: three institutions with the same problem within ten minutes, whatever the order, and nothing less."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.outage import AddToOutage, SuggestOutage
from services.intake.outage.alike import Seen, groups, same, signature_of, words_of
from services.intake.outage.detect import Known, detect
from services.intake.outage.model import MAX_CASES
from tests.unit.intake.outages import OUTAGE, all_ids, at, seen

ERROR: Any = {"infno": "2207", "error": "交易超时"}


def test_three_institutions_with_the_same_error_within_ten_minutes_are_suggested() -> None:
    cases = [seen(n, f"{n} 号窗口 2207 报错", minutes=4 * n, **ERROR) for n in range(3)]
    [found] = detect(cases, [], at(9))
    assert isinstance(found, SuggestOutage)
    assert set(found.case_ids) == all_ids(cases)
    assert (found.infno, found.error, len(found.institutions)) == ("2207", "交易超时", 3)


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("two institutions", [seen(n, hospital=n % 2, **ERROR) for n in range(6)]),
        ("eleven minutes", [seen(n, minutes=5.5 * n, **ERROR) for n in range(3)]),
        ("another transaction", [seen(n, **{**ERROR, "infno": f"220{n + 5}"}) for n in range(3)]),
        ("another error", [seen(n, text, infno="2207", error=text) for n, text in
                           enumerate(("目录未对照", "卡片已挂失", "结算超时请重试"))]),
        ("institutions unknown", [seen(n, institution=None, **ERROR) for n in range(5)]),
        ("other words", [seen(n, t) for n, t in
                         enumerate(("门诊慢特病怎么备案到外省", "住院清单上传不成功怎么办", "药店扫码枪没有反应了"))]),
        ("words too few to tell", [seen(n, "你好 报错了") for n in range(5)]),
    ],
)  # fmt: skip
def test_less_than_that_is_not_suggested(name: str, cases: list[Seen]) -> None:
    assert detect(cases, [], at(12)) == [], name


@pytest.mark.parametrize(
    "texts",
    [
        ("医保系统登录不上, 一直转圈", "医保系统登录不上，一直转圈圈", "您好，医保系统登录不上一直转圈"),
        ("H62010200001 今天门诊结算一直提示网络异常", "今天门诊结算一直提示网络异常!",
         "今天门诊结算一直提示网络异常 13800001111"),
        ("省平台是不是有问题, 所有异地结算都提示交易失败",
         "老师您好 省平台是不是有问题 所有异地结算都提示交易失败 麻烦看一下",
         "省平台是不是有问题，所有异地结算都提示交易失败？"),
    ],
)  # fmt: skip
def test_nearly_the_same_words_are_one_problem(texts: tuple[str, ...]) -> None:
    [found] = detect([seen(n, text) for n, text in enumerate(texts)], [], at(1))
    assert len(found.case_ids) == len(texts)  # type: ignore[attr-defined]


def test_the_same_words_about_different_transactions_are_different_problems() -> None:
    cases = [seen(n, f"{i} 接口一直报错连接超时请处理", infno=i) for n, i in enumerate(("2207", "2208", "2401"))]
    assert len(groups(cases)) == 3


@given(st.permutations(range(6)), st.integers(0, 5))
def test_any_order_of_the_same_cases_is_the_same_suggestion(order: list[int], again: int) -> None:
    cases = [seen(n, minutes=n, **ERROR) for n in range(6)]
    straight = detect(cases, [], at(6))
    assert detect([cases[i] for i in order], [], at(6)) == straight
    known = _known(straight[0], cases[: again + 1])
    late = detect([cases[i] for i in order], [known], at(7))
    assert all(isinstance(w, AddToOutage) and w.outage_id == known.id for w in late)
    assert {i for w in late for i in w.case_ids} == all_ids(cases[again + 1 :])  # type: ignore[attr-defined]


def _known(wish: object, cases: list[Seen]) -> Known:
    assert isinstance(wish, SuggestOutage)
    return Known(wish.outage_id, "suggested", wish.signature, frozenset(all_ids(cases)), at(6))


def _outage(state: str, minutes: float, cases: frozenset[object] = frozenset()) -> Known:
    return Known(OUTAGE, state, "2207|交易超时", cases, at(minutes))  # type: ignore[arg-type]


def test_one_more_case_joins_an_outage_that_is_there_without_two_others() -> None:
    [found] = detect([seen(1, **ERROR)], [_outage("confirmed", -60)], at(0))
    assert isinstance(found, AddToOutage)
    assert found.outage_id == OUTAGE


def test_what_was_dismissed_is_not_suggested_again_for_two_hours() -> None:
    cases = [seen(n, **ERROR) for n in range(4)]
    assert detect(cases, [_outage("dismissed", -119)], at(0)) == []
    assert [type(w) for w in detect(cases, [_outage("dismissed", -121)], at(0))] == [SuggestOutage]


def test_an_outage_that_is_over_or_long_quiet_or_full_takes_no_more_and_a_new_one_begins() -> None:
    cases = [seen(n, **ERROR) for n in range(4)]
    full = frozenset[object](range(MAX_CASES))
    for old in (_outage("resolved", -1), _outage("confirmed", -241), _outage("confirmed", -1, full)):
        [found] = detect(cases, [old], at(0))
        assert isinstance(found, SuggestOutage) and found.outage_id != OUTAGE


def test_a_case_is_in_one_outage_only() -> None:
    cases = [seen(n, **ERROR) for n in range(4)]
    assert detect(cases, [_outage("resolved", -1, frozenset(all_ids(cases)))], at(0)) == []


@given(st.lists(st.tuples(st.text("结算报错超时2207 A！", max_size=30), st.integers(0, 5)), max_size=12))
def test_groups_part_the_cases_whatever_is_written(said: list[tuple[str, int]]) -> None:
    cases = [seen(n, text or "空", minutes=m) for n, (text, m) in enumerate(said)]
    found = groups(cases)
    assert sorted(s.id for group in found for s in group) == sorted(all_ids(cases))
    assert all(group[0].opened_at == min(s.opened_at for s in group) for group in found)
    for case in cases:
        assert same(signature_of(case), signature_of(case))
        assert words_of(f"{case.text.lower()}。") == words_of(case.text)


def test_a_suggestion_names_no_more_cases_than_one_batch_takes() -> None:
    cases = [seen(n, minutes=n / 500, **ERROR) for n in range(MAX_CASES + 50)]
    [found] = detect(cases, [], at(2))
    assert len(found.case_ids) == MAX_CASES  # type: ignore[attr-defined]


def test_the_window_slides() -> None:
    cases = [seen(n, minutes=m, **ERROR) for n, m in enumerate((0, 5, 10.5, 14))]
    assert len(detect(cases, [], at(14))) == 1
