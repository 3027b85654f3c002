"""The fold of suggestions: what is offered, what stays away, what verdicts say to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.store import Document
from contracts.knowledge_work import JudgeArticle
from contracts.suggestion import SuggestionJudged, SuggestionMade
from services.knowledge.articles.model import article_id_of
from services.knowledge.suggestions.model import MOST, Advice, Reason, asked_of, hear
from services.knowledge.suggestions.store import asking
from tests.unit.knowledge.advising import added, folded, identified, judged, message, offer, opened
from tests.unit.knowledge.articles import case_id, resolved

OPENED = opened(found={"infno": "2207", "error": "交易超时"})


def test_an_opened_case_is_offered_at_most_eight() -> None:
    advice, [made] = folded(None, OPENED, *(offer(n) for n in range(12)))
    assert isinstance(made, SuggestionMade)
    assert [s.article_id for s in made.suggestions] == [o.article_id for o in advice.offers]
    assert len(made.suggestions) == MOST
    assert (made.occurred_at, advice.signature) == (OPENED.recorded_at, "2207|交易超时")


def test_the_same_list_is_not_said_again_though_scores_moved() -> None:
    advice, _ = folded(None, OPENED, offer(1), offer(2))
    assert folded(advice, added(), offer(1, score=0.7), offer(2, score=0.6), version=1)[1] == []


@pytest.mark.parametrize(
    "offers", [[offer(2), offer(1)], [offer(1)], [offer(1), offer(2, reasons=(Reason("infno", "2207"),))]]
)
def test_another_order_another_list_or_another_reason_is_said(offers: list) -> None:  # type: ignore[type-arg]
    advice, _ = folded(None, OPENED, offer(1), offer(2))
    assert [type(e) for e in folded(advice, added(), *offers, version=1)[1]] == [SuggestionMade]


def test_nothing_found_says_nothing_and_what_is_gone_is_said() -> None:
    advice, said = folded(None, OPENED)
    assert said == []
    advice, _ = folded(advice, added(), offer(1), version=1)
    _, [made] = folded(advice, added(version=3), version=2)
    assert isinstance(made, SuggestionMade)
    assert made.suggestions == ()


def test_a_verdict_is_said_and_the_article_hears_of_it() -> None:
    advice, _ = folded(None, OPENED, offer(1))
    advice, [event, command] = folded(advice, judged(1, offer(1).article_id, "accepted", note="电话13812345678"))
    assert isinstance(event, SuggestionJudged) and isinstance(command, JudgeArticle)
    assert (command.article_id, command.verdict, command.before) == (offer(1).article_id, "accepted", None)
    assert "13812345678" not in event.note
    advice, [_, command] = folded(advice, judged(1, offer(1).article_id, "rejected"))
    assert isinstance(command, JudgeArticle)
    assert (command.verdict, command.before) == ("rejected", "accepted")
    assert [v.verdict for v in advice.verdicts] == ["rejected"]


def test_the_same_verdict_again_says_nothing_and_another_note_does_not_count_twice() -> None:
    advice, _ = folded(None, OPENED, offer(1))
    advice, _ = folded(advice, judged(1, offer(1).article_id, "accepted"))
    assert folded(advice, judged(1, offer(1).article_id, "accepted", 1))[1] == []
    said = folded(advice, judged(1, offer(1).article_id, "accepted", 2, note="已核对"))[1]
    assert [type(e) for e in said] == [SuggestionJudged]


def test_what_was_rejected_stays_away_until_somebody_thinks_better_of_it() -> None:
    advice, _ = folded(None, OPENED, offer(1), offer(2))
    advice, _ = folded(advice, judged(1, offer(1).article_id, "rejected"))
    assert [o.number for o in advice.offers] == [offer(2).number]
    advice, said = folded(advice, added(), offer(1), offer(2))
    assert said == []
    advice, _ = folded(advice, judged(1, offer(1).article_id, "accepted"))
    assert [o.number for o in folded(advice, added(version=3), offer(1), offer(2))[0].offers] == [
        o.number for o in (offer(1), offer(2))
    ]


def test_verdicts_on_unknown_cases_and_on_the_case_itself_are_refused() -> None:
    with pytest.raises(NotFound):
        folded(None, judged(1, offer(1).article_id, "accepted"))
    with pytest.raises(Refused):
        folded(folded(None, OPENED)[0], judged(1, article_id_of(case_id(1)), "accepted"))


@given(
    st.permutations(
        [OPENED, added(text="补充：升级后出现"), identified(1, 3, asked_from="H62010000001"),
         resolved(1, 9, category="对账清分")]
    )
)  # fmt: skip
def test_a_case_is_known_in_whatever_order_its_events_come(events: list) -> None:  # type: ignore[type-arg]
    advice: Advice | None = None
    for event in events:
        advice = hear(advice, event)
    assert advice is not None
    assert (advice.category, advice.title, advice.infno) == ("对账清分", "门诊结算失败", "2207")
    assert (advice.asked_from, advice.institution) == ("H62010000001", None)
    assert advice.opened_at == OPENED.occurred_at and advice.resolved_at is not None


@given(st.lists(st.text(max_size=900), max_size=12))
def test_a_case_stays_small_whatever_is_written(texts: list[str]) -> None:
    advice = hear(None, OPENED)
    for n, text in enumerate(texts):
        advice = hear(advice, added(text=text or "。", version=n + 2))
    assert len(advice.text) <= 2_000


def test_of_several_events_of_a_case_in_one_batch_the_last_one_asks_for_all() -> None:
    document: Document[Advice] = Document(case_id(1))
    other: Document[Advice] = Document(case_id(2))
    thanks = added(text="谢谢", version=4, why="thanks")
    messages = [message(e) for e in (OPENED, added(text="升级后出现"), opened(2), thanks, resolved(1, 9))]
    wanted = asking(messages, [document, document, other, document, document])
    assert [(m.body.version, a.text) for m, a in wanted] == [(2, "门诊结算失败\n升级后出现"), (1, "门诊结算失败")]  # type: ignore[attr-defined]


def test_what_was_heard_before_is_not_asked_again() -> None:
    heard = message(OPENED)
    document: Document[Advice] = Document(case_id(1), hear(None, OPENED), 1, [heard.cause_id])
    assert asking([heard], [document]) == []


def test_after_a_long_log_what_is_said_last_is_still_asked_for() -> None:
    known = hear(hear(None, opened(text="ERROR timeout " * 500)), added(text="实际是生育津贴申报不了"))
    assert "生育津贴" in asked_of(case_id(1), known).text


def test_of_two_resolutions_the_later_one_says_when_it_was_solved() -> None:
    later, earlier = resolved(version=9), resolved(version=4)
    assert hear(hear(None, later), earlier).resolved_at == later.occurred_at
