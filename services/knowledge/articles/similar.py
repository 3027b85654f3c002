"""Finds the article that says nearly the same: the search index proposes, `alike` measures.

The index lags some hundred ms behind the log, so two equal cases that are resolved at the same moment both become
drafts. A look every few minutes proposes the younger one for merging then.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import from_command
from contracts.case import CaseResolved, Findings
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge import ArticleContent
from contracts.knowledge_work import ProposeMerge
from services.knowledge.articles.alike import ALIKE, Parts, likeness, parts_of
from services.knowledge.articles.drafting import drafted
from services.knowledge.articles.fold import Likeness
from services.knowledge.articles.model import article_id_of, cleaned
from services.knowledge.articles.store import Articles
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.model import Entry, Filters, Hit

EVERY_S = 300.0
LOOK_BACK = timedelta(hours=2)
MOST, CANDIDATES = 500, 10
_LONGEST = 1_000  # characters of a question that are searched for

log = logger(__name__)


class Likes(Protocol):
    """The index, as it is used here. Blocks."""

    def like(self, text: str, findings: Findings | None, filters: Filters, limit: int) -> list[Hit]: ...


class Finder:
    """Called with a resolution; that nothing can be searched now only means a draft more."""

    def __init__(self, index: Likes) -> None:
        self._index = index

    async def __call__(self, resolved: CaseResolved) -> Likeness | None:
        try:
            content = cleaned(drafted(resolved))
            entries = await asyncio.to_thread(self.near, content)
        except Exception as error:
            log.warning("looked for nothing alike", error=f"{type(error).__name__}: {error}"[:300])
            return None
        return nearest(content, (e for e in entries if e.article_id != article_id_of(resolved.case_id)))

    def near(self, content: ArticleContent) -> list[Entry]:
        """What the index takes for near, of those that something can be merged into. Blocks."""
        text = f"{content.title} {content.question}"[:_LONGEST]
        hits = self._index.like(text, content.findings, Filters(Viewer(ENGINEERS)), CANDIDATES)
        return [hit.entry for hit in hits if hit.entry.state not in ("proposed", "merged", "retired")]


def nearest(content: ArticleContent, entries: Iterable[Entry]) -> Likeness | None:
    """The one that is most alike; of several the published one, then the one with the smallest id. Pure."""
    mine = parts_of(content)
    shares = [(likeness(mine, _parts(e)), e.live, -e.article_id.int, e.article_id) for e in entries]
    best = max(shares, default=None)
    return Likeness(best[3], best[0]) if best is not None and best[0] >= ALIKE else None


async def propose(articles: Articles, finder: Finder, outbox: NatsOutbox, since: datetime | None = None) -> int:
    """How many drafts (written since then) say nearly what another article says; proposes to merge them. What somebody
    has kept apart stays so."""
    query = {"state.state": "draft", "state.by_hand": False, "state.live_revision": 0}
    if since is not None:
        query["state.revised_at"] = {"$gte": since}
    wishes = []
    for document in (await articles.page(query, "state.revised_at", MOST))[1]:
        assert document.state is not None
        content, apart = document.state.content, document.state.apart
        entries = await asyncio.to_thread(finder.near, content)
        # Of two drafts one stays, whichever is looked at first.
        others = (e for e in entries if e.live or e.article_id < document.id)
        if like := nearest(content, (e for e in others if e.article_id not in apart)):
            facts = {"article_id": document.id, "like": like.article_id, "likeness": like.share}
            id_ = derive_id("propose", document.id, like.article_id)
            wishes.append(ProposeMerge(id=id_, occurred_at=datetime.now(UTC), actor=SYSTEM, **facts))
    await outbox.publish([from_command(one) for one in wishes])
    return len(wishes)


def _parts(entry: Entry) -> Parts:
    found = entry.findings
    question, solution = entry.question or entry.title, entry.cause + entry.answer
    return Parts(question, solution, entry.kind, found.infno, found.error, found.error_code)
