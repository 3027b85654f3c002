"""Two articles become one, or are kept apart. Pure.

Who is merged says so and wishes the other one to take its sources and figures in. If that one has been merged itself,
the wish goes on to where it went, once: what an article has taken in it takes in no second time, so rings end.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import asdict, replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts import knowledge as said
from contracts import knowledge_work as wish
from contracts.envelope import Command
from services.knowledge.articles.model import Article, Counts, Origin, origins, reviewed, usage_of
from services.knowledge.articles.saying import MOST_WRITTEN, Folded, say, silently


def _merge(article: Article, moment: Moment, command: wish.MergeArticle) -> Folded:
    if article.state in ("retired", "merged") or command.into == moment.aggregate_id:
        raise Refused("not_mergeable", "已停用、已合并的条目不能再合并, 也不能合并到自身: 请核对编号")
    gone = replace(
        reviewed(article, moment.now), state="merged", merged_into=command.into, live=None, live_revision=0,
        review_at=None, why=mask_reply(command.why),
    )  # fmt: skip
    merged, events = say(gone, moment, said.ArticleMerged, into=command.into)
    absorb = moment.command(
        wish.AbsorbArticle, article_id=command.into, absorbed=moment.aggregate_id, usage=usage_of(article.counts),
        sources=_sources(article.sources),
    )  # fmt: skip
    return merged, [*events, absorb]


def _absorb(article: Article, moment: Moment, command: wish.AbsorbArticle) -> Folded:
    """A merged one only shows the way onward. Of two that were merged into each other at the same time, one stays."""
    if command.absorbed in article.absorbed:
        return article, []
    onward = _onward(article)
    usage = command.usage
    together = {name: n + getattr(usage, name) for name, n in asdict(article.counts).items()}
    wider = replace(
        article, counts=Counts(**together), sources=origins(command.sources, article.sources),
        absorbed=(*article.absorbed, command.absorbed),
    )  # fmt: skip
    if article.merged_into == command.absorbed and moment.aggregate_id < command.absorbed:
        wider = replace(wider, state="draft", merged_into=None)
    elif onward is None and article.spent > MOST_WRITTEN:  # no room to tell of it
        return silently(wider)
    absorbed, events = say(wider, moment, said.ArticleAbsorbed, why="", absorbed=command.absorbed)
    if onward is None or onward == command.absorbed:
        return absorbed, events
    facts = {"absorbed": command.absorbed, "usage": usage, "sources": command.sources}
    return absorbed, [*events, moment.command(wish.AbsorbArticle, article_id=onward, **facts)]


def _propose(article: Article, moment: Moment, command: wish.ProposeMerge) -> Folded:
    """Only of a draft that nobody has worked on, and not what somebody has kept apart."""
    untouched = article.state == "draft" and not article.by_hand and not article.live_revision
    if not untouched or command.like in (*article.apart, moment.aggregate_id):
        return article, []
    proposed = replace(article, state="proposed", like=command.like, likeness=command.likeness)
    facts = {"like": command.like, "likeness": command.likeness}
    return say(proposed, moment, said.ArticleProposed, why="", **facts)


def _keep_apart(article: Article, moment: Moment, command: wish.KeepArticleApart) -> Folded:
    if article.state != "proposed":
        raise Refused("wrong_state", "条目不在待合并状态, 无需保留为独立条目: 请刷新后再试")
    apart = (*article.apart, article.like) if article.like else article.apart
    own = replace(article, state="draft", like=None, likeness=0.0, apart=apart, why=mask_reply(command.why))
    return say(own, moment, said.ArticleDrafted)


HANDLERS: Final[dict[type[wish.ArticleCommand], Callable[[Article, Moment, Any], Folded]]] = {
    wish.MergeArticle: _merge, wish.AbsorbArticle: _absorb, wish.ProposeMerge: _propose,
    wish.KeepArticleApart: _keep_apart,
}  # fmt: skip


def question_onward(article: Article, moment: Moment, doubt: said.Doubt, why: str) -> Sequence[Command]:
    """A doubt about one that was merged is one about where it went."""
    if (onward := _onward(article)) is None:
        return []
    return [moment.command(wish.QuestionArticle, article_id=onward, doubt=doubt, why=why)]


def _onward(article: Article) -> Any:
    """Where it went; None where that one came here."""
    return None if article.merged_into in article.absorbed else article.merged_into


def _sources(known: Sequence[Origin]) -> tuple[said.Source, ...]:
    return tuple(said.Source(**asdict(origin)) for origin in known)
