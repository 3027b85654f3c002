"""Finds the article that says nearly the same: the search index proposes, `alike` measures.

A look costs some ms of a core, and a burst of resolutions must not cost what the desk cannot wait for. So a batch is
looked up in one go that ends after LONGEST_S, and then this rests nine times as long: a tenth of a core. What was not
looked up is a draft, as are two equal cases that are resolved while the index still lags; `sweep` compares them later.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

from chassis.logging import logger
from contracts.case import CaseResolved, Findings
from contracts.knowledge import ArticleContent
from services.knowledge.articles.alike import ALIKE, Parts, likeness, parts_of
from services.knowledge.articles.drafting import drafted
from services.knowledge.articles.fold import Likeness
from services.knowledge.articles.model import article_id_of, cleaned
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.model import Entry, Filters, Hit

CANDIDATES: Final = 10
LONGEST_S, REST = 0.05, 9.0
_LONGEST = 1_000  # characters of a question that are searched for

log = logger(__name__)


class Likes(Protocol):
    """The index, as it is used here. Blocks."""

    def like(self, text: str, findings: Findings | None, filters: Filters, limit: int) -> list[Hit]: ...


class Finder:
    """Called with resolutions; that nothing can be searched now only means a draft more."""

    def __init__(self, index: Likes, clock: Callable[[], float] = time.monotonic) -> None:
        self._index, self._clock = index, clock
        self._rests_until = clock()

    async def __call__(self, several: Sequence[CaseResolved]) -> list[Likeness | None]:
        """One for each, in order."""
        found: list[Likeness | None] = []
        if (begun := self._clock()) >= self._rests_until:
            try:
                found = await asyncio.to_thread(self._likes, several)
            except Exception as error:
                log.warning("looked for nothing alike", error=f"{type(error).__name__}: {error}"[:300])
            ended = self._clock()
            self._rests_until = ended + REST * (ended - begun)
        return found + [None] * (len(several) - len(found))

    def near(self, content: ArticleContent) -> list[Entry]:
        """What the index takes for near, of those that something can be merged into. Blocks."""
        text = f"{content.title} {content.question}"[:_LONGEST]
        hits = self._index.like(text, content.findings, Filters(Viewer(ENGINEERS)), CANDIDATES)
        return [hit.entry for hit in hits if hit.entry.state not in ("proposed", "merged", "retired")]

    def _likes(self, several: Sequence[CaseResolved]) -> list[Likeness | None]:
        """Of the first ones, as many as there is time for."""
        until, found = self._clock() + LONGEST_S, list[Likeness | None]()
        for resolved in several:
            if found and self._clock() > until:
                break
            found.append(self._like(resolved))
        return found

    def _like(self, resolved: CaseResolved) -> Likeness | None:
        content, own = cleaned(drafted(resolved)), article_id_of(resolved.case_id)
        return nearest(content, self.near(content), (own,))


def nearest(content: ArticleContent, entries: Iterable[Entry], apart: Sequence[UUID] = ()) -> Likeness | None:
    """The one that is most alike, but for those `apart`; of several the published one, then the one with the smallest
    id. Pure."""
    mine = parts_of(content)
    others = (e for e in entries if e.article_id not in apart)
    shares = [(likeness(mine, _parts(e)), e.live, -e.article_id.int, e.article_id) for e in others]
    best = max(shares, default=None)
    return Likeness(best[3], best[0]) if best is not None and best[0] >= ALIKE else None


def _parts(entry: Entry) -> Parts:
    found = entry.findings
    question, solution = entry.question or entry.title, entry.cause + entry.answer
    return Parts(question, solution, entry.kind, found.infno, found.error, found.error_code)
