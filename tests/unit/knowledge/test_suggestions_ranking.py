"""Which suggestion stands before which, and why."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.chinese import normalise
from services.knowledge.articles.model import Counts, article_id_of
from services.knowledge.suggestions.model import Asked, error_key, signature
from services.knowledge.suggestions.ranking import Candidate, ranked, remembered
from services.knowledge.suggestions.words import STOP, matched, runs, telling
from tests.unit.knowledge.advising import asked, candidate
from tests.unit.knowledge.articles import case_id

SAME_ERROR: dict[str, Any] = {"infno": "2207", "error": "交易超时"}


@dataclass
class Case:
    """What has to stand before what."""

    better: Candidate
    worse: Candidate
    asked: Asked
    taken: int = 0


ERROR = asked(**SAME_ERROR)
BEFORE = [
    Case(candidate(1, **SAME_ERROR), candidate(2), ERROR),
    Case(candidate(1, **SAME_ERROR), candidate(2, infno="3201", error="交易超时"), ERROR),
    Case(candidate(1, infno="2207"), candidate(2, infno="3201"), ERROR),
    Case(candidate(1), candidate(2, live=False), asked()),
    Case(candidate(1), candidate(2, score=3.0), asked()),
    Case(candidate(1, category="结算支付"), candidate(2), asked()),
    Case(candidate(1, institution="H1"), candidate(2), asked(institution="H1")),
    Case(candidate(1, meaning=True), candidate(2), asked()),
    Case(
        candidate(1, usage=Counts(accepted=9), score=13.0), candidate(2, usage=Counts(rejected=9), score=7.5), asked()
    ),
    Case(candidate(1, text="另一种说法", score=0.0), candidate(2, infno="2207"), ERROR, taken=9),
]


@pytest.mark.parametrize("case", BEFORE)
@pytest.mark.parametrize("turned", [False, True])
def test_the_better_one_stands_first(case: Case, turned: bool) -> None:
    both = [case.better, case.worse][:: -1 if turned else 1]
    found = ranked(case.asked, both, {case.better.article_id: case.taken}, 8)
    assert found[0].article_id == case.better.article_id


def test_what_was_taken_over_before_says_how_often_and_what_was_rejected_falls_behind() -> None:
    one, other = candidate(1, score=9.0, **SAME_ERROR), candidate(2, **SAME_ERROR)
    assert [o.article_id for o in ranked(ERROR, [one, other], {}, 8)] == [other.article_id, one.article_id]
    first, last = ranked(ERROR, [one, other], {one.article_id: 3, other.article_id: -2}, 8)
    assert (first.article_id, first.reasons[0].detail) == (one.article_id, "3 次")
    assert "accepted" not in {reason.kind for reason in last.reasons}


def test_reasons_name_what_both_share() -> None:
    text = "门诊结算报错超时, 2207 一直失败"
    [found] = ranked(
        asked(text, **SAME_ERROR, institution="H1"),
        [candidate(1, **SAME_ERROR, institution="H1", category="结算支付")],
        {},
        8,
    )
    assert [(r.kind, r.detail) for r in found.reasons] == [
        ("error", "交易超时"), ("infno", "2207"), ("words", "结算报错超时"), ("institution", "H1"),
        ("category", "结算支付"),
    ]  # fmt: skip


def test_a_case_is_not_offered_its_own_article_nor_what_says_something_else() -> None:
    own = candidate(1)._replace(article_id=article_id_of(case_id(1)))
    other = candidate(2, text="生育津贴怎么申领")
    assert ranked(asked(), [own, other], {}, 8) == ()


@given(st.integers(-50, 5_000))
def test_memory_is_bounded(taken: int) -> None:
    assert 0.5 <= remembered(taken) <= 2.4
    assert remembered(taken) >= remembered(taken - 1)


_TEXT = st.text(alphabet="结算报错失败超时2207abc，。 ２２０７🙂\n", max_size=60)


@given(_TEXT, st.lists(_TEXT, max_size=6))
def test_any_texts_are_ranked_in_order_without_repeating(text: str, others: list[str]) -> None:
    candidates = [candidate(n, normalise(other), score=float(n)) for n, other in enumerate(others)]
    found = ranked(asked(text), candidates, {}, 8)
    assert [o.score for o in found] == sorted((o.score for o in found), reverse=True)
    assert len({o.article_id for o in found}) == len(found)
    assert all(0 <= o.fit <= 1 for o in found)


@given(_TEXT, _TEXT)
def test_what_is_shown_as_shared_is_in_the_question(text: str, other: str) -> None:
    shared = runs(text, matched(telling(text), normalise(other)))
    assert all(run in normalise(text) for run in shared)
    assert not set(shared) & STOP


@pytest.mark.parametrize(
    ("infno", "error", "code", "expected"),
    [
        ("2207", "交易超时", None, "2207|交易超时"),
        ("2207", "机构H62010200123 交易超时!", None, "2207|机构交易超时"),
        ("2207", "别的说法", "E1204", "2207|e1204"),
        ("2207", "交易超时", "-1", "2207|交易超时"),
        (None, "交易超时", None, "|交易超时"),
        ("2207", None, None, ""),
    ],
)
def test_an_error_is_known_by_what_does_not_differ_from_case_to_case(
    infno: str | None, error: str | None, code: str | None, expected: str
) -> None:
    assert signature(infno, error, code) == expected
    assert expected.endswith(error_key(error, code))
