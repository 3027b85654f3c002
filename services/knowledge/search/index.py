"""The search index of articles: what is asked of it, whichever of its generations serves now.

Every call blocks; callers put them on a thread. One change at a time, any number of searches at the same time.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import tantivy

from chassis.position import Position
from contracts.case import Findings
from contracts.knowledge import ArticleEvent
from services.knowledge.audience import Viewer
from services.knowledge.search import reading
from services.knowledge.search.building import Building
from services.knowledge.search.completing import completed
from services.knowledge.search.folder import Folder
from services.knowledge.search.generation import Generation, IndexInUse
from services.knowledge.search.meant import meant
from services.knowledge.search.model import Entry, Filters, Found, Hit, NoSynonyms, Proposed, Query, Synonyms, Terms
from services.knowledge.search.near import Meaning, WordsAlone, added, both
from services.knowledge.search.query import by_ids, only
from services.knowledge.search.schema import FORMAT, SCHEMA, entry_of, sendable
from services.knowledge.semantic.fusion import DEPTH

__all__ = ["ArticleIndex", "IndexInUse"]


class ArticleIndex:
    """The articles of one stream up to `position`, searchable from `open` on."""

    def __init__(self, folder: Path, synonyms: Synonyms | None = None, terms: Terms = tuple) -> None:
        """`terms` are words of the domain, for completing and correcting what is typed."""
        self._folder, self._synonyms, self._terms = Folder(folder), synonyms or NoSynonyms(), terms
        self._changing = threading.Lock()
        self._serving: Generation
        self._news: set[UUID] | None = None  # what was said anew since somebody asked; None: it may be anything
        self.meaning: Meaning = WordsAlone()

    def open(self) -> None:
        """Raises IndexInUse. What cannot be read is thrown away: it is only a projection."""
        self._serving = self._folder.opened()

    @property
    def position(self) -> Position:
        return self._serving.position

    def __len__(self) -> int:
        """How many articles are found by somebody."""
        return reading.counted(self._searcher().search(tantivy.Query.exists_query("updated_at"), 1))

    def belongs_to(self, stream: str, last_sequence: int) -> bool:
        """Whether this index may go on with a stream created at `stream` that has `last_sequence` now."""
        at = self.position
        return at.format == FORMAT and at.stream == stream and at.sequence <= last_sequence

    def search(self, query: Query) -> Found:
        """The best articles for a text, the latest ones for none."""
        searcher, query = self._searcher(), query._replace(text=sendable(query.text))
        if not query.text.strip():
            return reading.latest(searcher, query)
        found = self._found(searcher, query)
        if query.offset:
            return found
        better = meant(searcher, query.text, Filters(query.filters.viewer), self._terms(), found.hits)
        return found._replace(did_you_mean=better)

    def _found(self, searcher: tantivy.Searcher, query: Query) -> Found:
        if not (near := self.meaning.nearest(query.text, DEPTH)):
            return reading.best(searcher, query, self._synonyms)
        return both(searcher, query, *reading.asked(searcher, query.text, self._synonyms), near)

    def complete(self, text: str, filters: Filters, limit: int) -> Proposed:
        """What a text that somebody is typing may become."""
        return completed(self._searcher(), sendable(text), filters, limit, self._terms())

    def like(self, text: str, findings: Findings | None, filters: Filters, limit: int) -> list[Hit]:
        """Articles that say much the same as `text`, or speak of the same transaction, error or institution; at most
        `limit` by words, and as many by meaning."""
        quoted = [] if findings is None else [findings.infno, findings.error_code, findings.institution_code]
        searcher, text = self._searcher(), sendable(text)
        hits = reading.like(searcher, text, [q for q in quoted if q], filters, limit)
        near = self.meaning.nearest(text, limit)
        return added(searcher, hits, near, filters, limit) if near else hits

    def changed(self) -> set[UUID] | None:
        """The articles that were said anew since this was asked last; None where it may be any of all."""
        with self._changing:
            news, self._news = self._news, set()
            return news

    def find(self, article_ids: Sequence[UUID], viewer: Viewer) -> list[Entry]:
        """Those of these articles that the viewer may see, in no order."""
        searcher = self._searcher()
        wanted = [(tantivy.Occur.Must, by_ids(SCHEMA, [str(id_) for id_ in article_ids]))]
        query = tantivy.Query.boolean_query([*wanted, *only(SCHEMA, Filters(viewer))])
        hits = searcher.search(query, len(article_ids), count=False).hits if article_ids else []
        return [entry_of(searcher.doc(at)) for _, at in hits]

    def restart(self, stream: str) -> None:
        """Forget everything and begin with this stream, in a generation of its own."""
        with self._changing:
            new = self._folder.begun()
            new.commit(Position(FORMAT, stream, 0))
            self._replace(new)

    def apply(self, events: Iterable[ArticleEvent], sequence: int) -> None:
        """Take these events in; afterwards everything up to `sequence` is searchable and on disk."""
        events = list(events)
        with self._changing, self._serving.undone():
            self._serving.take(events)
            reached = max(sequence, self.position.sequence)
            self._serving.commit(Position(FORMAT, self.position.stream, reached))
            if self._news is not None:
                self._news.update(event.article_id for event in events)

    def bulk(self, events: Iterable[ArticleEvent], stream: str = "", sequence: int = 0) -> None:
        """Replace everything by these, quickly: for whoever has the events and no stream."""
        building = self.building(stream)
        building.take(events)
        self.swap(building.finished(sequence))

    def building(self, stream: str) -> Building:
        """A new generation beside the one that serves, to be filled from the stream's first message on."""
        return Building(self._folder.free(), stream)

    def swap(self, new: Generation) -> bool:
        """From now on this one serves, and the old one is deleted. False, and nothing is done, while it knows less of
        the same stream than the one that serves."""
        with self._changing:
            at, now = new.position, self.position
            if at.stream == now.stream and at.sequence < now.sequence and now.format == FORMAT:
                return False
            self._replace(new)
            return True

    def sums(self) -> tuple[int, int]:
        """How many articles it knows, and the sum of their checksums."""
        return self._serving.sums()

    def known(self) -> dict[UUID, int]:
        """The checksum of every article; takes a while."""
        return self._serving.known()

    def close(self) -> None:
        """Let merges end, and let go of the folder's lock."""
        with self._changing:
            self._serving.close()

    def _searcher(self) -> tantivy.Searcher:
        return self._serving.index.searcher()

    def _replace(self, new: Generation) -> None:
        old, self._serving = self._serving, new
        self._news = None
        with suppress(Exception):  # a writer that has failed must not cost the generation that serves by now
            old.close()
        old.delete()
