"""What is asked of the articles, as MongoDB says it. Pure.

Whoever is no engineer asks about what is live, of what is for him, and about nothing else.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.knowledge.audience import Viewer

Query = dict[str, Any]
NEWEST, NEWEST_LIVE = "state.revised_at", "state.published_at"
GONE: Final = ("retired", "merged")
UNTOUCHED: Final[Query] = {"state.state": "draft", "state.by_hand": False, "state.live_revision": 0}
"""Drafts of cases that nobody has worked on."""


class Wanted(NamedTuple):
    """Of a list; None and empty are any. `due` are those whose review is due at that time."""

    states: Sequence[str] = ()
    owner: str | None = None
    category: str | None = None
    kind: str | None = None
    audience: str | None = None
    due: datetime | None = None


def read_by(viewer: Viewer) -> Query:
    """What this reader may read. Of engineers all that is not gone."""
    if viewer.is_engineer:
        return {"state.state": {"$nin": list(GONE)}}
    return {"state.live.audience": {"$in": sorted(viewer.audiences or ())}}


def content_of(viewer: Viewer) -> str:
    """Where the content is that this reader sees."""
    return "state.facts" if viewer.is_engineer else "state.live"


def listed(viewer: Viewer, wanted: Wanted) -> Query:
    """The owner, states and reviews are the engineers' business: others are not told of them by filtering."""
    parts: list[Query] = [] if viewer.is_engineer else [read_by(viewer)]
    if viewer.is_engineer:
        parts += [{"state.state": {"$in": list(wanted.states)}}] if wanted.states else []
        parts += [{"state.owner": wanted.owner}] if wanted.owner is not None else []
        parts += [{"$or": [due_query(wanted.due), {"state.questioned_at": {"$lte": wanted.due}}]}] if wanted.due else []
    for name in ("category", "kind", "audience"):
        if (value := getattr(wanted, name)) is not None:
            parts.append({f"{content_of(viewer)}.{name}": value})
    return {"$and": parts} if parts else {}


def due_query(now: datetime) -> Query:
    """What is live and not in doubt yet; also while it is being revised."""
    return {"state.questioned_at": None, "state.review_at": {"$lte": now}}


def doubtful(
    infno: str | None = None, edition: str | None = None, category: str | None = None, words: Sequence[str] = ()
) -> Query:
    """Live ones, not in doubt yet, that a new interface version or policy may concern: by what readers see of them."""
    parts: list[Query] = [{"state.live.audience": {"$gte": ""}, "state.questioned_at": None}]
    given = {"findings.infno": infno, "edition": edition, "category": category}
    parts += [{f"state.live.{field}": value} for field, value in given.items() if value]
    parts += [{"$or": [_holds(field, word) for field in _SEARCHED]} for word in words]
    return {"$and": parts}


_SEARCHED: Final = ("title", "question", "answer", "symptoms", "cause", "keywords")


def _holds(field: str, word: str) -> Query:
    return {f"state.live.{field}": {"$regex": re.escape(word), "$options": "i"}}


def outstanding(until: datetime) -> Query:
    """Reviews that were or are due until then and that nobody has done."""
    by_date = {"state.review_at": {"$lt": until}}  # only what is live has one
    return {"$or": [by_date, {"state.questioned_at": {"$lt": until}}]}


def reviewed(since: datetime, until: datetime) -> Query:
    """What was reviewed in this time, or later where it had been due by the end of it."""
    late = {"state.reviewed_at": {"$gte": until}, "state.reviewed_due": {"$gte": since, "$lt": until}}
    done = {"$or": [{"state.reviewed_at": {"$gte": since, "$lt": until}}, late]}
    return {"$and": [done, {"$nor": [outstanding(until)]}]}
