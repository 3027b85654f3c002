"""How an article does: suggested to good effect or none, voted for, opened. Pure."""

from typing import Any, Final

from msgspec.structs import asdict, replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts import knowledge as said
from contracts import knowledge_work as wish
from services.knowledge.articles.model import Article, Counts
from services.knowledge.articles.moving import question
from services.knowledge.articles.saying import MOST_COUNTED, Folded, say, silently

COMPLAINTS: Final = 5
"""So many readers whom it has not helped make a review, where they are more than those whom it has."""
MOST_VOTERS: Final = 5_000


def counted(article: Article, moment: Moment, command: wish.ArticleCommand) -> Folded:
    """Raises Refused for a command that nobody knows."""
    match command:
        case wish.JudgeArticle():
            counts = _judged(article.counts, command)
            facts = {"verdict": command.verdict, "judged_for": command.case_id}
            return say(replace(article, counts=counts), moment, said.ArticleJudged, why="", **facts)
        case wish.RateArticle():
            return _rated(article, moment, command)
        case wish.CountViews():
            return _viewed(article, moment, command.views)
    raise Refused("unknown_command", f"不认识的命令 {command.type}")


def _judged(counts: Counts, command: wish.JudgeArticle) -> Counts:
    """A later verdict on the same case takes the place of the earlier one."""
    table = asdict(counts)
    if command.before is not None:
        table[command.before] = max(0, table[command.before] - 1)
    table[command.verdict] += 1
    return Counts(**table)


def _viewed(article: Article, moment: Moment, views: int) -> Folded:
    """Said where it makes a difference, a tenth more than before: an event carries the whole article."""
    seen = replace(article, counts=replace(article.counts, views=article.counts.views + views))
    new = seen.counts.views - article.told.views
    if new < max(1, article.told.views // 10):
        return silently(seen)
    return say(seen, moment, said.ArticleViewed, why="", views=new)


def _rated(article: Article, moment: Moment, command: wish.RateArticle) -> Folded:
    before = article.voters.get(command.reader)
    if not article.live_revision:
        raise Refused("not_live", "这条知识没有发布, 不能评价: 请刷新后再试")
    if before is command.helpful:
        return article, []
    if article.spent > MOST_COUNTED or (before is None and len(article.voters) >= MOST_VOTERS):
        raise Refused("votes_full", "评价数已达上限: 请把意见告诉负责人")
    rated, events = say(
        _voted(article, command, before), moment, said.ArticleRated, why=mask_reply(command.why),
        helpful=command.helpful,
    )  # fmt: skip
    counts = rated.counts
    if rated.complaints < COMPLAINTS or counts.unhelpful <= counts.helpful:
        return rated, events
    questioned, more = question(rated, moment, "votes", f"{rated.complaints} 位读者认为没有帮助")
    return questioned, [*events, *more]


def _voted(article: Article, command: wish.RateArticle, before: bool | None) -> Article:
    votes: dict[str, Any] = {**article.voters, command.reader: command.helpful}
    more = 1 if not command.helpful else -1 if before is False else 0
    # What it took in by merging was voted for elsewhere: those votes stay, whatever its own readers say.
    helpful = article.counts.helpful + (1 if command.helpful else -1 if before is True else 0)
    unhelpful = article.counts.unhelpful + more
    counts = replace(article.counts, helpful=max(0, helpful), unhelpful=max(0, unhelpful))
    return replace(article, voters=votes, counts=counts, complaints=max(0, article.complaints + more))
