"""What an article says: every event carries all of it. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import asdict, replace

from chassis.errors import Refused
from chassis.message import Moment
from contracts.envelope import Command, Event
from contracts.knowledge import ArticleContent, ArticleEvent, ArticleJudged, ArticleRated, ArticleViewed
from services.knowledge.articles.model import Article, usage_of

Folded = tuple[Article, Sequence[Event | Command]]

# All that an article said is in its document, which MongoDB limits to 16 MiB. Counting ends where there is still room
# for what people write, and writing where there is still room for retiring it.
MOST_COUNTED: Final = 6_000_000
MOST_WRITTEN: Final = 10_000_000
_ENVELOPE: Final = 2_000  # bytes of an event beside what the article says
_CAUSE: Final = 40  # of a message that was heard
_QUIET: Final = (ArticleJudged, ArticleRated, ArticleViewed)


def say(article: Article, moment: Moment, model: type[ArticleEvent], why: str | None = None, **facts: Any) -> Folded:
    """One event with the whole article. `why` is the article's own unless it is given. What only counts is not said
    any more once there is little room."""
    quiet = model in _QUIET
    if quiet and article.spent > MOST_COUNTED:
        return silently(article)
    version, told = moment.version + 1, article.counts
    spent = article.spent + _size(article)
    article = replace(article, spent=spent, told=told, settled=article.settled if quiet else version)
    about = {**_about(article), "why": article.why if why is None else why, **facts}
    return article, [moment.event(model, article_id=moment.aggregate_id, **_born(article, moment), **about)]


def silently(article: Article) -> Folded:
    """Nothing is said, yet the document grows by the cause. Counted in `told` with the next event."""
    return replace(article, spent=article.spent + _CAUSE), []


def check_room(article: Article) -> None:
    """Raises Refused where no more can be written."""
    if article.spent > MOST_WRITTEN:
        raise Refused("full", "这条知识的修改记录已达上限: 请新建一条, 写好后停用或合并此条")


def _born(article: Article, moment: Moment) -> dict[str, Any]:
    return {"case_id": article.case_id or moment.aggregate_id, "number": article.number}


def _about(article: Article) -> dict[str, Any]:
    other = article.live_revision not in (0, article.revision)
    return {
        **article.facts,
        "state": article.state,
        "revision": article.revision,
        "live_revision": article.live_revision,
        "live": ArticleContent.model_validate(article.live) if other else None,
        "owner": article.owner,
        "review_at": article.review_at,
        "sources": tuple(asdict(origin) for origin in article.sources),
        "usage": usage_of(article.counts),
    }


def _size(article: Article) -> int:
    return _ENVELOPE + len(msgspec.json.encode((article.facts, article.live, article.sources)))
