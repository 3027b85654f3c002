"""Search by meaning beside search by words, where an encoder is installed: one list of two. Blocks.

What is found by meaning is looked up with the same filters as everything else, before it counts for anything: nobody
finds, or can tell from a score, what they may not read.
"""

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

import tantivy

from services.knowledge.search.model import Entry, Filters, Found, Hit, Query
from services.knowledge.search.query import Same, by_ids, matching, within
from services.knowledge.search.rank import factor
from services.knowledge.search.reading import counted, looked_for, why
from services.knowledge.search.schema import SCHEMA, entry_of, key_of
from services.knowledge.semantic.fusion import DEPTH, MEANING, Fused, fuse

NEARLY: Final = "意思相近"
"""The reason of a hit that is there for what it means."""
QUOTED: Final = 0.5
"""What the meaning counts beside the words where somebody quotes a code: that is meant, and nothing like it."""
_JUDGED: Final = 50
"""So many of the best are ranked by how they did before."""


class Meaning(Protocol):
    """What knows which articles mean what a text means."""

    def nearest(self, text: str, limit: int) -> list[tuple[UUID, float]]:
        """The nearest articles, the best first, whoever may read them; none while it is not ready."""
        ...


class WordsAlone:
    """Where no encoder is installed."""

    def nearest(self, text: str, limit: int) -> list[tuple[UUID, float]]:
        return []


def both(
    searcher: tantivy.Searcher, query: Query, words: Sequence[str], same: Sequence[Same],
    near: Sequence[tuple[UUID, float]],
) -> Found:  # fmt: skip
    """One page of what shares `words` with a text and of what is `near` to it."""
    found = searcher.search(matching(SCHEMA, words, same, query.filters), DEPTH) if words else None
    by_words = [(key_of(searcher.doc(at)).article_id, score) for score, at in found.hits] if found else []
    by_meaning = _visible(searcher, near, query.filters)
    fused = fuse(by_words, by_meaning, _weight(searcher, words))
    last = query.offset + query.limit
    best = fused[: max(last, _JUDGED)]
    entries = _entries(searcher, [id_ for id_, _ in best], query.filters)
    ranked = [(one.score * factor(entries[id_].usage), one, entries[id_]) for id_, one in best if id_ in entries]
    ranked.sort(key=lambda hit: -hit[0])
    hits = [Hit(score, entry, _why(one, entry, words, same)) for score, one, entry in ranked[query.offset : last]]
    total = max(counted(found) if found else 0, len(fused))
    return Found(hits, total, looked_for(words, same))


def added(
    searcher: tantivy.Searcher, hits: list[Hit], near: Sequence[tuple[UUID, float]], filters: Filters, limit: int
) -> list[Hit]:
    """`hits` by words, which say where they are `near` as well, and after them what only is near."""
    alike = {id_: one.meaning for id_, one in fuse([], _visible(searcher, near, filters)) if one.means_it}
    best = max((hit.score for hit in hits), default=1.0)
    told = [hit._replace(why=(*hit.why, NEARLY)) if hit.entry.article_id in alike else hit for hit in hits]
    new = alike.keys() - {hit.entry.article_id for hit in hits}
    entries = _entries(searcher, sorted(new, key=alike.__getitem__, reverse=True)[:limit], filters)
    return [*told, *(Hit(best * alike[id_], entry, (NEARLY,)) for id_, entry in entries.items())]


def _weight(searcher: tantivy.Searcher, words: Sequence[str]) -> float:
    quoted = any(any(map(str.isdigit, word)) and searcher.doc_freq("codes", word) for word in words)
    return QUOTED if quoted else MEANING


def _visible(
    searcher: tantivy.Searcher, near: Sequence[tuple[UUID, float]], filters: Filters
) -> list[tuple[UUID, float]]:
    """Those that fit the filters."""
    if not near:
        return []
    wanted = within(SCHEMA, by_ids(SCHEMA, [str(id_) for id_, _ in near]), filters)
    found = searcher.search(wanted, len(near), count=False)
    there = {key_of(searcher.doc(at)).article_id for _, at in found.hits}
    return [(id_, alike) for id_, alike in near if id_ in there]


def _entries(searcher: tantivy.Searcher, ids: Sequence[UUID], filters: Filters) -> dict[UUID, Entry]:
    if not ids:
        return {}
    wanted = within(SCHEMA, by_ids(SCHEMA, [str(id_) for id_ in ids]), filters)
    found = (entry_of(searcher.doc(at)) for _, at in searcher.search(wanted, len(ids), count=False).hits)
    return {entry.article_id: entry for entry in found}


def _why(fused: Fused, entry: Entry, words: Sequence[str], same: Sequence[Same]) -> tuple[str, ...]:
    told = why(entry, words, same)
    return (*told, NEARLY) if fused.means_it else told
