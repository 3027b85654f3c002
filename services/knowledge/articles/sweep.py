"""Compares drafts with what else there is, once each, after they were written: see `similar`.

Of two that are alike and unpublished the one with the larger id is proposed for merging into the other, whichever of
them is looked at, so that one stays.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import from_command
from chassis.store import Document
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge_work import ProposeMerge
from services.knowledge.articles.model import Article
from services.knowledge.articles.queries import NEWEST, UNTOUCHED
from services.knowledge.articles.similar import Finder, nearest
from services.knowledge.articles.store import Articles

EVERY_S: Final = 60.0
MOST: Final = 500
LOOK_BACK: Final = timedelta(hours=2)
"""So far back a process that begins looks: longer than it should have been away."""
LAG: Final = timedelta(seconds=30)
"""Longer than the index needs to show what was written."""
_NOBODY = UUID(int=0)


class Sweep:
    def __init__(self, articles: Articles, finder: Finder, outbox: NatsOutbox, at: datetime | None = None) -> None:
        self._articles, self._finder, self._outbox = articles, finder, outbox
        self._place = ((at or now()) - LOOK_BACK, _NOBODY)

    async def on(self, at: datetime | None = None) -> int:
        """Goes on from the draft that was compared last; how many merges it has proposed."""
        found = await self._articles.drafts_after(self._place, (at or now()) - LAG, MOST)
        proposed = await self._propose(found)
        if found and (last := found[-1].state) is not None:
            self._place = last.revised_at, found[-1].id
        return proposed

    async def newest(self) -> int:
        """All untouched drafts at once, the newest 500 of them, without waiting for the index."""
        return await self._propose((await self._articles.page(UNTOUCHED, NEWEST, MOST))[1])

    async def _propose(self, documents: Sequence[Document[Article]]) -> int:
        wishes = await asyncio.to_thread(lambda: list(self._wishes(documents)))
        await self._outbox.publish([from_command(one) for one in wishes])
        return len(wishes)

    def _wishes(self, documents: Sequence[Document[Article]]) -> Iterator[ProposeMerge]:
        """At most one for each article. Blocks."""
        gone = set[UUID]()
        for document in documents:
            article = document.state
            if article is None or document.id in gone:
                continue
            near = {e.article_id: e for e in self._finder.near(article.content) if e.article_id not in gone}
            if like := nearest(article.content, near.values(), (document.id, *article.apart)):
                younger = near[like.article_id].state == "draft" and like.article_id > document.id
                one, other = (like.article_id, document.id) if younger else (document.id, like.article_id)
                gone.add(one)
                yield _wish(one, other, like.share)


def _wish(one: UUID, other: UUID, share: float) -> ProposeMerge:
    id_ = derive_id("propose", one, other)
    about = {"id": id_, "occurred_at": datetime.now(UTC), "actor": SYSTEM}
    return ProposeMerge(**about, article_id=one, like=other, likeness=share)
