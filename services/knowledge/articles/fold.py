"""The pure core of articles: one article, one resolution or command, one moment."""

from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts import knowledge as said
from contracts import knowledge_work as wish
from contracts.case import CaseResolved
from services.knowledge.articles import merging, moving, reading
from services.knowledge.articles.drafting import drafted
from services.knowledge.articles.model import Article, Origin, clean, number_of, origins
from services.knowledge.articles.saying import Folded, check_room, say

_CASE_AGAIN = "来源工单重新处理后又已解决, 处理方法可能有变"


class Likeness(NamedTuple):
    """The hint of a resolution: the article that says nearly the same, and how near (0 to 1)."""

    article_id: UUID
    share: float


def fold(article: Article | None, moment: Moment) -> Folded:
    """Raises Refused when it cannot be done in this state or somebody was faster, NotFound where there is none."""
    body = moment.message.body
    if isinstance(body, CaseResolved):
        return _resolved(article, moment, body)
    assert isinstance(body, wish.ArticleCommand)
    _check_version(article, moment, body.expected_version)
    if isinstance(body, wish.WriteArticle):
        return _written(article, moment, body)
    if article is None:
        raise NotFound("not_found", "没有这条知识: 请核对编号, 或重新检索")
    return _worked(article, moment, body)


def _check_version(article: Article | None, moment: Moment, expected: int | None) -> None:
    """Raises Stale. Who reads and votes makes versions as well: they take nothing from whoever is writing."""
    settled = article.settled if article is not None else 0
    if expected is not None and not settled <= expected <= moment.version:
        raise Stale("知识条目", moment.version)


def _resolved(article: Article | None, moment: Moment, resolved: CaseResolved) -> Folded:
    """The resolution with the highest version of its case counts, in whatever order they arrive."""
    if article is None:
        return _born(moment, resolved)
    if resolved.version <= article.case_version:
        return article, []
    newer = replace(article, case_version=resolved.version)
    facts = clean(drafted(resolved))
    if not article.by_hand and facts == article.facts:
        return newer, []
    if article.state in ("draft", "proposed", "in_review") and not article.by_hand:
        # Who is reviewing it would publish what has been overtaken: it is submitted anew.
        state = "draft" if article.state == "in_review" else article.state
        return _revise(replace(newer, state=state, why=""), moment, facts)
    if article.state == "merged":
        return newer, merging.question_onward(article, moment, "case", _CASE_AGAIN)
    return moving.question(newer, moment, "case", _CASE_AGAIN)


def _born(moment: Moment, resolved: CaseResolved) -> Folded:
    like = moment.message.hint
    by = moment.message.actor
    article = Article(
        number=resolved.number,
        state="draft",
        facts=clean(drafted(resolved)),
        revision=1,
        revised_by=by.id,
        revised_at=moment.now,
        case_id=resolved.case_id,
        case_version=resolved.version,
        owner=by.id if by.kind == "staff" else "",
        sources=(Origin("case", str(resolved.case_id), resolved.number),),
    )
    if not isinstance(like, Likeness):
        return say(article, moment, said.ArticleDrafted)
    article = replace(article, state="proposed", like=like.article_id, likeness=like.share)
    return say(article, moment, said.ArticleProposed, like=like.article_id, likeness=like.share)


def _written(article: Article | None, moment: Moment, command: wish.WriteArticle) -> Folded:
    facts, why = clean(command.content), mask_reply(command.why)
    if article is None:
        return say(_begun(moment, facts, origins(command.sources), why), moment, said.ArticleDrafted)
    if article.state == "merged":
        raise Refused("merged", "这条知识已合并到另一条: 请修改合并后的条目")
    sources = origins(command.sources, article.sources)
    if facts == article.facts and sources == article.sources:
        return article, []
    check_room(article)
    newer = replace(article, by_hand=True, why=why, sources=sources)
    if facts == article.live:  # what readers see: there is nothing to publish
        state = "needs_review" if article.questioned_at else "published"
        return _revise(replace(newer, state=state, live_revision=article.revision + 1), moment, facts)
    return _revise(replace(newer, state="draft"), moment, facts)


def _begun(moment: Moment, facts: dict[str, Any], sources: tuple[Origin, ...], why: str) -> Article:
    by = moment.message.actor
    return Article(
        number=number_of(moment.aggregate_id),
        state="draft",
        facts=facts,
        revision=1,
        revised_by=by.id,
        revised_at=moment.now,
        by_hand=True,
        owner=by.id if by.kind == "staff" else "",
        why=why,
        sources=sources,
    )


def _worked(article: Article, moment: Moment, command: wish.ArticleCommand) -> Folded:
    """What people do with it, what becomes of two, and what only counts."""
    if (handle := moving.HANDLERS.get(type(command)) or merging.HANDLERS.get(type(command))) is not None:
        return handle(article, moment, command)
    return reading.counted(article, moment, command)


def _revise(article: Article, moment: Moment, facts: dict[str, Any]) -> Folded:
    by = moment.message.actor.id
    newer = replace(article, facts=facts, revision=article.revision + 1, revised_by=by, revised_at=moment.now)
    return say(newer, moment, said.ArticleRevised)
