"""What staff do with articles, and what becomes of two: by example."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import NotFound, Refused, Stale
from contracts import knowledge_work as work
from contracts.case import CaseResolved
from contracts.envelope import derive_id
from contracts.knowledge import ArticleAbsorbed, ArticleEvent, ArticleQuestioned, ArticleViewed
from services.knowledge.articles.model import article_id_of, number_of
from services.knowledge.articles.reading import COMPLAINTS
from services.knowledge.articles.saying import MOST_COUNTED, MOST_WRITTEN
from tests.support.make import NOON
from tests.unit.knowledge.article_work import LI, WANG, A, B, C, published, shelf, wish, write
from tests.unit.knowledge.articles import case_id, resolved

PHONE = "13912345678"


def test_readers_see_a_revision_only_once_somebody_else_has_published_it() -> None:
    folder = shelf()
    first = published(folder)
    [revised] = folder.hear(write(n=1, answer="联系省平台"))
    assert isinstance(revised, ArticleEvent) and revised.live is not None
    assert (revised.answer, revised.live.answer, revised.state) == ("联系省平台", first.facts["answer"], "draft")
    folder.hear(wish(work.SubmitArticle, n=1))
    with pytest.raises(Refused, match="不能发布自己编写"):
        folder.hear(wish(work.PublishArticle, LI, n=1))
    folder.hear(wish(work.PublishArticle, WANG, n=1))
    shown = folder.states[A].shown
    assert shown is not None and shown.answer == "联系省平台"
    assert (folder.states[A].live_revision, folder.states[A].reviewed_at) == (2, NOON)


def test_what_is_written_is_masked_whatever_field_it_stands_in() -> None:
    folder = shelf()
    finding = {"infno": "2207", "error": f"电话{PHONE}"}
    [said] = folder.hear(
        write(answer=f"请拨打 {PHONE} 或 0731-88886666", cause=f"手机{PHONE}", why=f"他的手机{PHONE}", findings=finding,
              keywords=[PHONE], sources=[{"kind": "document", "id": "0" * 64, "label": f"手机{PHONE}.docx"}])
    )  # fmt: skip
    assert PHONE not in said.model_dump_json() and "0731-88886666" in said.model_dump_json()


def test_one_that_was_not_born_from_a_case_has_a_number_that_staff_can_quote() -> None:
    folder = shelf()
    folder.hear(write())
    assert folder.states[A].number == number_of(A) and len(number_of(A)) == len("ZS-XXXXX-XXXXX")


def test_who_was_faster_keeps_what_he_wrote_and_views_and_votes_are_no_writing() -> None:
    folder = shelf()
    published(folder)
    version = folder.documents[A].version
    folder.hear(
        wish(work.CountViews, n=1, views=3), wish(work.RateArticle, n=1, helpful=True, reader="0" * 16),
        wish(work.JudgeArticle, n=1, verdict="accepted", case_id=case_id(1)),
    )  # fmt: skip
    folder.hear(write(n=1, answer="甲", expected_version=version))
    with pytest.raises(Stale):
        folder.hear(write(n=2, answer="乙", expected_version=version))
    with pytest.raises(Stale):
        folder.hear(write(n=3, answer="乙", expected_version=99))
    assert folder.states[A].facts["answer"] == "甲"


@pytest.mark.parametrize(
    ("model", "facts"),
    [(work.PublishArticle, {}), (work.ReturnArticle, {"why": "请补充"}), (work.QuestionArticle, {"why": "请复核"}),
     (work.ConfirmArticle, {}), (work.KeepArticleApart, {})],
)  # fmt: skip
def test_what_a_draft_is_not_ready_for_is_refused(model: type[work.ArticleCommand], facts: dict[str, Any]) -> None:
    folder = shelf()
    folder.hear(write())
    with pytest.raises(Refused, match="条目"):
        folder.hear(wish(model, WANG, **facts))


def test_there_is_nothing_to_do_with_what_is_not_there() -> None:
    with pytest.raises(NotFound):
        shelf().hear(wish(work.SubmitArticle))


def test_a_review_that_is_due_in_the_past_is_refused() -> None:
    folder = shelf()
    published(folder)
    with pytest.raises(Refused, match="已经过去"):
        folder.hear(wish(work.ConfirmArticle, WANG, review_at=NOON - timedelta(days=1)))


def test_a_published_article_whose_case_is_solved_otherwise_is_questioned_and_still_read() -> None:
    folder, first = shelf(), resolved(1, 3)
    id_ = article_id_of(first.case_id)
    folder.hear(first, wish(work.SubmitArticle, id_=id_), wish(work.PublishArticle, WANG, id_=id_))
    [said] = folder.hear(resolved(1, 9))
    assert isinstance(said, ArticleQuestioned) and said.doubt == "case"
    assert (folder.states[id_].state, folder.states[id_].live_revision) == ("needs_review", 1)


def test_what_is_overtaken_while_it_is_reviewed_is_submitted_anew() -> None:
    folder, first = shelf(), resolved(1, 3)
    id_ = article_id_of(first.case_id)
    folder.hear(first, wish(work.SubmitArticle, id_=id_), resolved(1, 9))
    assert (folder.states[id_].state, folder.states[id_].facts["answer"]) == ("draft", "方案9")


def test_readers_whom_it_did_not_help_bring_about_a_review_once_they_are_more() -> None:
    folder = shelf()
    published(folder)
    votes = [wish(work.RateArticle, n=n, helpful=False, reader=f"{n:016x}") for n in range(COMPLAINTS)]
    types = [e.type for e in folder.hear(*votes, *votes)]
    assert types == ["knowledge.rated"] * COMPLAINTS + ["knowledge.questioned"]
    folder.hear(wish(work.ConfirmArticle, WANG))
    assert (folder.states[A].state, folder.states[A].complaints, folder.states[A].counts.unhelpful) == (
        "published", 0, COMPLAINTS,
    )  # fmt: skip


def test_a_reader_has_one_vote_and_may_change_it() -> None:
    folder = shelf()
    published(folder)
    for n, helpful in enumerate((True, True, False, True)):
        folder.hear(wish(work.RateArticle, n=n, helpful=helpful, reader="a" * 16))
    counts = folder.states[A].counts
    assert (counts.helpful, counts.unhelpful, folder.states[A].complaints) == (1, 0, 0)


def test_what_nobody_can_read_has_no_votes() -> None:
    folder = shelf()
    folder.hear(write())
    with pytest.raises(Refused, match="没有发布"):
        folder.hear(wish(work.RateArticle, helpful=True, reader="a" * 16))


def test_views_are_said_when_they_are_a_tenth_more_and_none_is_lost() -> None:
    folder = shelf()
    published(folder)
    said = folder.hear(*(wish(work.CountViews, n=n, views=1) for n in range(1_000)))
    told = [e.views for e in said if isinstance(e, ArticleViewed)]
    assert folder.states[A].counts.views == 1_000 and folder.states[A].told.views == sum(told)
    assert len(told) < 80 and sum(told) > 900


def test_a_later_verdict_on_a_case_takes_the_place_of_the_earlier_one() -> None:
    folder = shelf()
    published(folder)
    folder.hear(wish(work.JudgeArticle, n=1, verdict="rejected", case_id=case_id(1)))
    folder.hear(wish(work.JudgeArticle, n=2, verdict="accepted", before="rejected", case_id=case_id(1)))
    counts = folder.states[A].counts
    assert (counts.accepted, counts.rejected) == (1, 0)


def test_merging_takes_sources_and_figures_along() -> None:
    folder, case = shelf(), resolved(1, 3)
    born = article_id_of(case.case_id)
    published(folder)
    folder.hear(case, wish(work.JudgeArticle, id_=born, verdict="edited", case_id=case_id(2)))
    merged, absorbed = folder.hear(wish(work.MergeArticle, id_=born, into=A))
    assert (merged.type, isinstance(absorbed, ArticleAbsorbed)) == ("knowledge.merged", True)
    assert [o.id for o in folder.states[A].sources] == [str(case.case_id)]
    assert (folder.states[A].counts.edited, folder.states[born].state) == (1, "merged")


def test_what_is_merged_into_a_merged_one_ends_where_that_one_went() -> None:
    folder = shelf()
    for id_ in (A, B, C):
        source = [{"kind": "document", "id": str(id_), "label": ""}]
        published(folder, id_, sources=source)
    folder.hear(wish(work.MergeArticle, id_=B, into=C), wish(work.MergeArticle, id_=A, into=B))
    assert {o.id for o in folder.states[C].sources} == {str(A), str(B), str(C)}


def test_of_two_that_are_merged_into_each_other_at_once_one_stays() -> None:
    folder = shelf()
    published(folder, A), published(folder, B)
    (a_gone, to_b), (b_gone, to_a) = (_merging(folder, one, other) for one, other in ((A, B), (B, A)))
    folder.hear(to_b, to_a)
    assert sorted((folder.states[A].state, folder.states[B].state)) == ["draft", "merged"]
    assert a_gone.type == b_gone.type == "knowledge.merged"


def test_a_doubt_about_a_merged_case_is_one_about_where_it_went() -> None:
    folder, case = shelf(), resolved(1, 3)
    published(folder)
    folder.hear(case, wish(work.MergeArticle, id_=article_id_of(case.case_id), into=A))
    [said] = folder.hear(resolved(1, 9))
    assert isinstance(said, ArticleQuestioned) and (said.article_id, said.doubt) == (A, "case")


def test_what_was_kept_apart_is_not_proposed_again() -> None:
    folder, case = shelf(), resolved(1, 3)
    id_ = article_id_of(case.case_id)
    propose: dict[str, Any] = {"like": A, "likeness": 0.9, "id_": id_}
    types = [
        e.type for e in folder.hear(
            case, wish(work.ProposeMerge, **propose), wish(work.KeepArticleApart, id_=id_),
            wish(work.ProposeMerge, n=1, **propose),
        )
    ]  # fmt: skip
    assert types == ["knowledge.drafted", "knowledge.proposed", "knowledge.drafted"]


def test_retired_is_gone_for_readers_until_it_is_written_and_published_anew() -> None:
    folder = shelf()
    published(folder)
    [said] = folder.hear(wish(work.RetireArticle, why="已过时"))
    assert isinstance(said, ArticleEvent) and (said.live_revision, said.live) == (0, None)
    assert published(folder, n=1, answer="新办法").live_revision == 2


def test_an_article_that_was_counted_very_often_can_still_be_written() -> None:
    folder = shelf()
    published(folder, answer="长" * 20_000)
    judged = (wish(work.JudgeArticle, n=n, verdict="accepted", case_id=case_id(n)) for n in range(200))
    said = folder.hear(*judged)
    assert len(said) < 200 and folder.states[A].counts.accepted == 200
    assert MOST_COUNTED < folder.states[A].spent < MOST_COUNTED * 1.1
    assert folder.hear(write(n=9, answer="短"))
    assert sum(len(body) for _, body in folder.documents[A].said) < folder.states[A].spent * 1.2


def _merging(folder: Any, id_: Any, into: Any) -> tuple[Any, Any]:
    """What a merge says, before the other one has heard of it."""
    from chassis.message import Moment
    from services.knowledge.articles.fold import fold
    from tests.chassis.folding import heard

    document, message = folder.documents[id_], heard(wish(work.MergeArticle, id_=id_, into=into))
    state, said = fold(document.state, Moment(NOON, message, id_, document.version))
    document.take(message.cause_id, state, said)
    return said[0], said[1]


def test_the_id_of_an_article_follows_from_its_case() -> None:
    case: CaseResolved = resolved(1)
    assert article_id_of(case.case_id) == derive_id("article", case.case_id)


@pytest.mark.parametrize("doubt", ["date", "case", "votes"])
def test_what_is_live_comes_into_doubt_though_somebody_has_begun_to_revise_it(doubt: str) -> None:
    folder, case = shelf(), resolved(1, 3)
    id_ = article_id_of(case.case_id)
    folder.hear(case, wish(work.SubmitArticle, id_=id_), wish(work.PublishArticle, WANG, id_=id_))
    folder.hear(write(id_=id_, answer="写了一半"))
    doubts: dict[str, list[Any]] = {
        "date": [wish(work.QuestionArticle, "system", id_, doubt="date", why="到期")],
        "case": [resolved(1, 9)],
        "votes": [wish(work.RateArticle, id_=id_, n=n, helpful=False, reader=f"{n:016x}") for n in range(COMPLAINTS)],
    }
    said = folder.hear(*doubts[doubt])[-1]
    assert isinstance(said, ArticleQuestioned) and (said.doubt, said.state) == (doubt, "draft")
    assert folder.states[id_].questioned_at == NOON
    folder.hear(wish(work.SubmitArticle, id_=id_, n=1), wish(work.PublishArticle, WANG, id_=id_, n=1))
    assert (folder.states[id_].questioned_at, folder.states[id_].doubt) == (None, "")


@pytest.mark.parametrize(("doubted", "state"), [(False, "published"), (True, "needs_review")])
def test_a_revision_is_given_up_by_writing_what_readers_see(doubted: bool, state: str) -> None:
    folder = shelf()
    published(folder)
    folder.hear(write(n=1, answer="写了一半"))
    if doubted:
        folder.hear(wish(work.QuestionArticle, "system", doubt="date", why="到期"))
    [said] = folder.hear(write(n=2))
    assert isinstance(said, ArticleEvent) and (said.state, said.revision, said.live_revision) == (state, 3, 3)
    assert said.live is None and folder.states[A].live == folder.states[A].facts


def test_however_many_cases_become_one_article_its_events_stay_small_and_it_can_be_retired() -> None:
    folder = shelf()
    published(folder)
    for n in range(1_500):
        source = {"kind": "case", "id": str(case_id(n)), "label": f"YB-{n:05}-00000"}
        folder.hear(wish(work.AbsorbArticle, n=n, absorbed=case_id(n), sources=[source], usage={"accepted": 1}))
    article, document = folder.states[A], folder.documents[A]
    assert (len(article.absorbed), article.counts.accepted, len(article.sources)) == (1_500, 1_500, 50)
    assert max(len(body) for _, body in document.said) < 12_000
    assert sum(len(body) for _, body in document.said) < MOST_WRITTEN * 1.2
    assert folder.hear(wish(work.RetireArticle, why="太旧"))


def test_views_of_which_nothing_is_said_still_count_as_room() -> None:
    folder = shelf()
    published(folder)
    folder.hear(wish(work.CountViews, n=0, views=1_000))
    before = folder.states[A].spent
    assert folder.hear(wish(work.CountViews, n=1, views=1)) == []
    assert folder.states[A].spent > before
