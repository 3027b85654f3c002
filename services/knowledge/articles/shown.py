"""What each reader is shown of an article. Pure.

Whoever is no engineer sees what was published for him and nothing of how it came about: no drafts, owners or sources,
and of what was read out of the case only what names the problem, not whose it was.
"""

from typing import Any, Final
from uuid import UUID

import msgspec

from services.knowledge.articles.model import Article
from services.knowledge.audience import Viewer

Json = dict[str, Any]
_NAMING: Final = ("infno", "error", "error_code")
_SHORT: Final = 200


def visible(article: Article, viewer: Viewer) -> bool:
    """Whether this reader may know that it exists."""
    return viewer.is_engineer or (article.live is not None and viewer.may_read(article.live["audience"]))


def shown(id_: UUID, version: int, article: Article, viewer: Viewer) -> Json:
    """All of it, as this reader sees it. Only for those to whom it is `visible`."""
    return {"id": str(id_), "version": version, **(_whole(id_, article) if viewer.is_engineer else _public(article))}


def line(id_: UUID, version: int, article: Article, viewer: Viewer) -> Json:
    """One line of a list: as `shown`, with the beginning of the question and without the long texts."""
    whole = shown(id_, version, article, viewer)
    left_out = ("answer", "symptoms", "cause", "findings", "draft", "sources")
    return {**{k: v for k, v in whole.items() if k not in left_out}, "question": whole["question"][:_SHORT]}


def _public(article: Article) -> Json:
    assert article.live is not None
    found = article.live["findings"]
    return {
        **article.live,
        "findings": {key: found.get(key) for key in _NAMING},
        "number": article.number,
        "revision": article.live_revision,
        "published_at": msgspec.to_builtins(article.published_at),
        "helpful": article.counts.helpful,
        "unhelpful": article.counts.unhelpful,
    }


def _whole(id_: UUID, article: Article) -> Json:
    """`draft` is the latest content, where readers see another one."""
    body: Json = msgspec.to_builtins(article)
    drops = ("facts", "live", "voters", "settled", "told", "spent", "case_version", "counts", "like", "likeness")
    about = {key: value for key, value in body.items() if key not in drops}
    other = article.live is not None and article.live_revision != article.revision
    return {
        **(article.live or article.facts),
        **about,
        "case_id": str(article.case_id or id_),
        "draft": article.facts if other else None,
        "usage": body["counts"],
        "proposal": {"like": str(article.like), "likeness": article.likeness} if article.like else None,
        "absorbed": [str(one) for one in article.absorbed],
    }
