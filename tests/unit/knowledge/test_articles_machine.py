"""All that can happen to articles, in any order: what always holds."""

from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import asdict

from chassis.errors import Refused
from contracts import knowledge_work as work
from contracts.envelope import Event
from contracts.knowledge import ArticleEvent
from services.knowledge.articles.model import Article
from tests.chassis.folding import well_said
from tests.unit.knowledge.article_work import A, B, C, shelf, wish, write

ARTICLES = st.sampled_from([A, B, C])
STAFF = st.sampled_from(["li", "wang", "zhao"])
PLAIN = st.sampled_from(
    [work.SubmitArticle, work.PublishArticle, work.ConfirmArticle, work.KeepArticleApart, work.ReturnArticle,
     work.RetireArticle, work.QuestionArticle]
)  # fmt: skip
CHANGES_LIVE = {"knowledge.published", "knowledge.retired", "knowledge.merged"}


class Shelf(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = shelf()
        self.n = 0

    def send(self, type_: type[work.ArticleCommand] | None, by: str, id_: UUID, **facts: Any) -> list[Event]:
        """The command, a new one each time; what is refused changes nothing."""
        self.n += 1
        asked = write(by, id_, self.n, **facts) if type_ is None else wish(type_, by, id_, self.n, **facts)
        before = dict(self.folder.states)
        try:
            said = self.folder.hear(asked)
        except Refused:
            assert self.folder.states == before
            return []
        self.check(before, said)
        assert self.folder.hear(asked) == [], "the same again says nothing"
        return said

    def check(self, before: dict[UUID, Article], said: list[Event]) -> None:
        """What readers see changes only by the words for it, and nobody has published his own."""
        for id_, article in self.folder.states.items():
            was = before.get(id_)
            types = {e.type for e in said if isinstance(e, ArticleEvent) and e.article_id == id_}
            if (was.live if was else None) != article.live:
                assert types & CHANGES_LIVE
            assert article.revision >= (was.revision if was else 0)
        for event in said:
            if event.type == "knowledge.published" and isinstance(event, ArticleEvent):
                assert event.actor.id != before[event.article_id].revised_by
                assert (event.live_revision, event.live) == (event.revision, None)

    @rule(by=STAFF, id_=ARTICLES, answer=st.sampled_from(["甲", "乙", "丙"]))
    def write(self, by: str, id_: UUID, answer: str) -> None:
        self.send(None, by, id_, answer=answer)

    @rule(type_=PLAIN, by=STAFF, id_=ARTICLES)
    def work(self, type_: type[work.ArticleCommand], by: str, id_: UUID) -> None:
        self.send(type_, by, id_, why="说明")

    @rule(by=STAFF, id_=ARTICLES)
    def review_and_publish(self, by: str, id_: UUID) -> None:
        self.send(work.SubmitArticle, by, id_)
        self.send(work.PublishArticle, by, id_)

    @rule(id_=ARTICLES, into=ARTICLES)
    def merge(self, id_: UUID, into: UUID) -> None:
        """As the API does: only into what is there and not gone."""
        target = self.folder.states.get(into)
        if target is not None and target.state not in ("merged", "retired"):
            self.send(work.MergeArticle, "li", id_, into=into)

    @rule(id_=ARTICLES, like=ARTICLES)
    def propose(self, id_: UUID, like: UUID) -> None:
        self.send(work.ProposeMerge, "system", id_, like=like, likeness=0.9)

    @rule(id_=ARTICLES, helpful=st.booleans(), reader=st.integers(0, 7))
    def rate(self, id_: UUID, helpful: bool, reader: int) -> None:
        self.send(work.RateArticle, "reader", id_, helpful=helpful, reader=f"{reader:016x}")

    @rule(id_=ARTICLES, verdict=st.sampled_from(["accepted", "rejected", "edited"]),
          before=st.sampled_from([None, "accepted", "rejected", "edited"]))  # fmt: skip
    def judge(self, id_: UUID, verdict: str, before: str | None) -> None:
        self.send(work.JudgeArticle, "li", id_, verdict=verdict, before=before, case_id=A)

    @rule(id_=ARTICLES, views=st.integers(1, 50), owner=STAFF)
    def read_and_own(self, id_: UUID, views: int, owner: str) -> None:
        self.send(work.CountViews, "system", id_, views=views)
        self.send(work.OwnArticle, "li", id_, owner=owner)

    @invariant()
    def nothing_is_counted_below_zero(self) -> None:
        for article in self.folder.states.values():
            assert min(asdict(article.counts).values()) >= 0
            assert article.complaints >= 0 and article.settled <= self.folder.documents[_id(self, article)].version

    @invariant()
    def what_is_live_is_said_to_be(self) -> None:
        for article in self.folder.states.values():
            assert (article.live is not None) == (article.live_revision > 0)
            assert article.live_revision <= article.revision
            assert article.state not in ("published", "needs_review") or article.live is not None
            assert article.state not in ("retired", "merged", "proposed") or article.live is None
            assert (article.state == "merged") == (article.merged_into is not None)

    @invariant()
    def versions_rise_and_no_id_is_said_twice(self) -> None:
        well_said(self.folder.said, lambda e: getattr(e, "article_id", None), gaps=True)


def _id(machine: Shelf, article: Article) -> UUID:
    return next(id_ for id_, one in machine.folder.states.items() if one is article)


TestArticles = Shelf.TestCase
TestArticles.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
