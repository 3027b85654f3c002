"""The pure core of knowledge: a resolution becomes an article, a later one of the same case revises it."""

from collections.abc import Sequence

from chassis.message import Moment
from contracts.case import CaseResolved
from contracts.envelope import Event
from contracts.knowledge import ArticleEvent, ArticlePublished, ArticleRevised
from services.knowledge.model import Article, article_of, findings_of


def fold(article: Article | None, moment: Moment) -> tuple[Article, Sequence[Event]]:
    """The resolution with the highest version of its case counts, in whatever order they arrive."""
    resolved = moment.message.body
    assert isinstance(resolved, CaseResolved)
    if article is not None and resolved.version <= article.case_version:
        return article, []
    now = article_of(resolved)
    return now, [_say(moment, ArticlePublished if article is None else ArticleRevised, now)]


def _say(moment: Moment, model: type[ArticleEvent], article: Article) -> ArticleEvent:
    return moment.event(
        model,
        article_id=moment.aggregate_id,
        case_id=article.case_id,
        number=article.number,
        title=article.title,
        question=article.question,
        answer=article.answer,
        category=article.category,
        findings=findings_of(article),
    )
