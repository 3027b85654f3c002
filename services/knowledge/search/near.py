"""Search by meaning beside search by words, where an encoder is installed: one list of two. Blocks.

What is found by meaning is looked up with the same filters as everything else, before it counts for anything: nobody
finds, or can tell from a score, what they may not read.
"""

from collections.abc import Sequence, Set
from typing import Final, Protocol
from uuid import UUID

import tantivy
from tantivy import Occur

from services.knowledge.search.model import Entry, Filters, Found, Hit, Query
from services.knowledge.search.query import Same, by_ids, matching, within
from services.knowledge.search.quoting import having, quoted
from services.knowledge.search.rank import MOST, factor
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
    """One page of what shares `words` with a text and of what is `near` to it, and after these of what only shares
    words, so that every page goes on where the one before it ends."""
    if not words:  # a row of question marks means nothing
        return Found([], 0, [])
    wanted = matching(SCHEMA, words, same, query.filters)
    found = searcher.search(wanted, DEPTH)
    by_words = {key_of(searcher.doc(at)).article_id: score for score, at in found.hits}
    codes = quoted(searcher, words, query.filters)
    fused = fuse(list(by_words.items()), _visible(searcher, near, query.filters), QUOTED if codes else MEANING)
    ranked = _ranked(searcher, fused, having(searcher, codes, query.filters), query)
    page = [Hit(score, entry, _why(one, entry, words, same)) for score, one, entry in ranked]
    rest = counted(found) - len(by_words)
    if rest:  # of which some were found by their meaning already
        before = [id_ for id_, _ in fused]
        page += [Hit(0.0, entry, why(entry, words, same)) for entry in _deeper(searcher, wanted, before, query)]
        rest -= _shared(searcher, wanted, [id_ for id_ in before if id_ not in by_words])
    return Found(page, len(fused) + rest, looked_for(words, same))


def _ranked(
    searcher: tantivy.Searcher, fused: Sequence[tuple[UUID, Fused]], sure: Set[UUID], query: Query
) -> list[tuple[float, Fused, Entry]]:
    """The page, `sure` ones first. Only the best are ranked by how they did before, and always the same ones: pages
    would overlap otherwise."""
    fused = sorted(fused, key=lambda hit: hit[0] not in sure)
    page = slice(query.offset, query.offset + query.limit)
    head = fused[:_JUDGED] if query.offset < _JUDGED else []
    entries = _entries(searcher, [id_ for id_, _ in {**dict(head), **dict(fused[page])}.items()], query.filters)
    rated = [
        (one.score * factor(entries[id_].usage) + (MOST if id_ in sure else 0.0), one, entries[id_])
        for id_, one in (*head, *fused[max(page.start, len(head)) : page.stop])
    ]
    judged = sorted(rated[: len(head)], key=lambda hit: -hit[0])
    return judged[page] + rated[len(head) :]


def _deeper(searcher: tantivy.Searcher, wanted: tantivy.Query, before: Sequence[UUID], query: Query) -> list[Entry]:
    """Of what shares words and is not among those `before` what is on this page; for most pages nothing."""
    first, last = (max(0, at - len(before)) for at in (query.offset, query.offset + query.limit))
    if not last:
        return []
    others = tantivy.Query.boolean_query([(Occur.Must, wanted), (Occur.MustNot, _these(before))])
    found = searcher.search(others, last - first, offset=first, count=False)
    return [entry_of(searcher.doc(at)) for _, at in found.hits]


def _shared(searcher: tantivy.Searcher, wanted: tantivy.Query, ids: Sequence[UUID]) -> int:
    """How many of these share words."""
    both = [(Occur.Must, tantivy.Query.const_score_query(part, 0.0)) for part in (wanted, _these(ids))]
    return counted(searcher.search(tantivy.Query.boolean_query(both), 1))


def _these(ids: Sequence[UUID]) -> tantivy.Query:
    return by_ids(SCHEMA, [str(id_) for id_ in ids])


def added(
    searcher: tantivy.Searcher, hits: list[Hit], near: Sequence[tuple[UUID, float]], filters: Filters, limit: int
) -> list[Hit]:
    """`hits` by words, which say where they are `near` as well, and after them what only is near."""
    alike = {id_: one.meaning for id_, one in fuse([], _visible(searcher, near, filters)) if one.means_it}
    best = max((hit.score for hit in hits), default=1.0)
    told = [hit._replace(why=(*hit.why, NEARLY)) if hit.entry.article_id in alike else hit for hit in hits]
    new = [id_ for id_ in alike if id_ not in {hit.entry.article_id for hit in hits}]
    entries = _entries(searcher, new[:limit], filters)
    return [*told, *(Hit(best * alike[id_], entries[id_], (NEARLY,)) for id_ in new if id_ in entries)]


def _visible(
    searcher: tantivy.Searcher, near: Sequence[tuple[UUID, float]], filters: Filters
) -> list[tuple[UUID, float]]:
    """Those that fit the filters, and are still there."""
    if not near:
        return []
    wanted = within(SCHEMA, _these([id_ for id_, _ in near]), filters)
    found = searcher.search(wanted, len(near), count=False)
    there = {key_of(searcher.doc(at)).article_id for _, at in found.hits}
    return [(id_, alike) for id_, alike in near if id_ in there]


def _entries(searcher: tantivy.Searcher, ids: Sequence[UUID], filters: Filters) -> dict[UUID, Entry]:
    if not ids:
        return {}
    wanted = within(SCHEMA, _these(ids), filters)
    found = (entry_of(searcher.doc(at)) for _, at in searcher.search(wanted, len(ids), count=False).hits)
    return {entry.article_id: entry for entry in found}


def _why(fused: Fused, entry: Entry, words: Sequence[str], same: Sequence[Same]) -> tuple[str, ...]:
    told = why(entry, words, same)
    return (*told, NEARLY) if fused.means_it else told
