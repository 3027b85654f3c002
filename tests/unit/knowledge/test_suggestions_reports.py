"""What nothing answers, and what articles save."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.envelope import derive_id
from contracts.knowledge import Verdict
from services.knowledge.articles.model import Counts
from services.knowledge.suggestions.gaps import Question, gaps, is_answered
from services.knowledge.suggestions.model import Advice, Judgement, Reason
from services.knowledge.suggestions.table import as_file
from services.knowledge.suggestions.usage import Shelved, by_owner, saved, uses
from tests.unit.knowledge.advising import offer
from tests.unit.knowledge.articles import NOON


def question(n: int, text: str, **more: Any) -> Question:
    facts: dict[str, Any] = {
        "title": text[:40], "category": "结算支付", "institution": f"H{n % 3}", "infno": None, "signature": "",
        "at": NOON + timedelta(minutes=n), **more,
    }  # fmt: skip
    return Question(derive_id("q", n), f"YB-{n}", text=text, **facts)


def test_the_same_error_is_one_gap_whatever_the_words() -> None:
    asked = [
        question(n, text, infno="2207", signature="2207|超时")
        for n, text in enumerate(["结算不了", "报错了", "怎么又超时"])
    ]
    [gap] = gaps(asked)
    assert (gap.by, gap.cases, gap.institutions) == ("error", 3, ("H0", "H1", "H2"))
    assert (gap.first, gap.last, gap.examples[0]) == (asked[0].at, asked[2].at, "YB-2")


def test_nearly_equal_questions_are_one_gap_and_others_are_not() -> None:
    texts = [
        "老师您好，异地备案多久生效？",
        "请问异地备案多久能生效",
        "异地备案多久生效13812345678",
        "生育津贴怎么申领",
        "谢谢",
        "",
    ]
    found = gaps(question(n, text) for n, text in enumerate(texts))
    assert [(g.cases, g.leader.text) for g in found] == [(3, texts[0]), (1, texts[3])]


_GREETINGS = (
    "老师您好，我是市中心医院信息科的，我们医院这边遇到一个问题想咨询您一下，麻烦老师帮忙看看是什么原因，",
    "你好，县人民医院医保办小王，请问一下，",
    "您好老师，打扰一下，我们这边有个问题麻烦看下，",
    "",
)
_ASKED = ("门特备案撤销不了", "读卡器不识别社保卡", "异地住院怎么退费", "目录对照查不到药品", "清单上传后如何修改")


@pytest.mark.parametrize("each", [1, 5, 40])
def test_how_people_greet_makes_different_questions_no_gap(each: int) -> None:
    texts = [f"{hello}{asked}" for hello in _GREETINGS for asked in _ASKED] * each
    groups = gaps(question(n, text, category=text[-8:]) for n, text in enumerate(texts))
    by_number = {f"YB-{n}": text[-8:] for n, text in enumerate(texts)}
    assert all(len({by_number[number] for number in gap.examples}) == 1 for gap in groups)
    assert groups[0].cases >= 2 * each and sum(gap.cases for gap in groups) == len(texts)


def test_a_question_in_one_breath_with_its_greeting_is_still_a_gap() -> None:
    [gap] = gaps(question(n, text) for n, text in enumerate(["麻烦看看读卡器坏了", "老师麻烦帮忙看看读卡器坏了"]))
    assert gap.cases == 2


def test_the_same_words_about_two_transactions_are_two_gaps() -> None:
    assert (
        len(gaps([question(1, "上传失败怎么办呢", infno="4101"), question(2, "上传失败怎么办呢", infno="3201")])) == 2
    )


@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(["异地备案多久生效", "目录编码在哪里查", "结算单打印不出来"]), max_size=30),
)
def test_no_question_is_counted_twice_and_the_order_of_reading_does_not_matter(
    chance: random.Random, texts: list[str]
) -> None:
    asked = [question(n, text) for n, text in enumerate(texts)]
    found = gaps(asked)
    assert sum(g.cases for g in found) == len(asked)
    chance.shuffle(asked)
    assert gaps(asked) == found


@pytest.mark.parametrize(
    ("offers", "verdict", "answered"),
    [
        ((), None, False),
        ((offer(1, fit=0.6),), None, True),
        ((offer(1, fit=0.3),), None, False),
        ((offer(1, fit=0.3, reasons=(Reason("error", "超时"),)),), None, True),
        ((offer(1, kind="case", fit=0.9),), None, False),
        ((offer(1, fit=0.9),), "rejected", False),
        ((offer(1, kind="case", fit=0.9),), "edited", True),
    ],
)
def test_what_counts_as_answered(offers: tuple, verdict: Any, answered: bool) -> None:  # type: ignore[type-arg]
    verdicts = (Judgement(offer(1).article_id, verdict, "wang", NOON),) if verdict else ()
    assert is_answered(Advice("YB-1", offers=offers, verdicts=verdicts)) is answered


def solved(hours: float, *took: int, category: str = "目录") -> Advice:
    verdicts = tuple(Judgement(offer(n).article_id, "accepted", "wang", NOON) for n in took)
    done = NOON + timedelta(hours=hours)
    return Advice("YB-1", category=category, opened_at=NOON, resolved_at=done, verdicts=verdicts)


USUAL = [solved(h) for h in (1, 2, 4, 8, 50)]


def test_an_article_saves_the_usual_time_less_that_of_the_case_shared_by_all_that_were_taken_over() -> None:
    hours = saved([*USUAL, solved(1, 1), solved(9, 1), solved(2, 1, 2), solved(1, 3, category="培训")])
    assert hours == {offer(1).article_id: [3.0, 0.0, 1.0], offer(2).article_id: [1.0]}


def test_without_enough_cases_to_compare_with_nothing_is_said_about_time() -> None:
    assert saved([*USUAL[:4], solved(1, 1)]) == {}
    assert saved([*USUAL, replace(solved(1, 1), opened_at=None)]) == {}


def shelved(n: int, owner: str = "wang") -> Shelved:
    return Shelved(
        offer(n).article_id, f"ZS-{n}", "标题", "目录", "published", owner, NOON - timedelta(days=3), Counts(views=n)
    )


def test_usage_counts_verdicts_and_sums_by_owner() -> None:
    said: list[tuple[int, Verdict]] = [(1, "accepted"), (1, "edited"), (1, "rejected"), (2, "rejected")]
    verdicts = [Judgement(offer(n).article_id, verdict, "li", NOON) for n, verdict in said]
    found = uses([shelved(1), shelved(2, "li"), shelved(3, "li")], verdicts, [*USUAL, solved(1, 1)], NOON)
    assert [(u.article.number, u.uses, u.acceptance, u.saved_hours, u.age_days) for u in found] == [
        ("ZS-1", 2, 0.667, 3.0, 3), ("ZS-3", 0, None, None, 3), ("ZS-2", 0, 0.0, None, 3),
    ]  # fmt: skip
    assert [tuple(t) for t in by_owner(found)] == [("wang", 1, 2, 3.0), ("li", 2, 0, 0)]


def test_a_file_for_spreadsheets_runs_nothing() -> None:
    content = as_file("gaps", "csv", ("问题", "数"), [("=1+1", None), ("正常", 3)]).content
    assert content.decode() == "\ufeff问题,数\r\n'=1+1,\r\n正常,3\r\n"
