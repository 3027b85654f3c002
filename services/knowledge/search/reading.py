"""One search: from a question to a page of hits, each of which says why it is there."""

from collections.abc import Callable, Sequence
from typing import Final

import tantivy

from chassis.chinese import codes, is_single, normalise, tokens
from services.knowledge.search.model import Entry, Filters, Found, Hit, Query, Synonyms, text_of
from services.knowledge.search.query import MAX_CHARACTERS, MAX_TERMS, Same, chosen, everything, matching
from services.knowledge.search.rank import PRIOR_OF_NONE, reason
from services.knowledge.search.schema import SCHEMA, entry_of
from services.knowledge.search.snippet import spans

LOOKS_FOR_SYNONYMS, LOOKS_AT, MOST_REASONS = 500, 5_000, 6
DEEPEST: Final = 10_000
"""Nobody turns so many pages: what lies deeper is not fetched."""


def best(searcher: tantivy.Searcher, query: Query, synonyms: Synonyms) -> Found:
    """The best articles for a text; none for one without words."""
    words, same = asked(searcher, query.text, synonyms)
    if not words:
        return Found([], 0, [])
    found = searcher.search(
        matching(SCHEMA, words, same, query.filters), query.limit, offset=min(query.offset, DEEPEST),
        weight_by_field="prior",
    )  # fmt: skip
    entries = [(score / PRIOR_OF_NONE, entry_of(searcher.doc(at))) for score, at in found.hits]
    hits = [Hit(score, entry, why(entry, words, same)) for score, entry in entries]
    if len(words) == MAX_TERMS:  # of a long text those were chosen that stand anywhere: tell of what may be read only
        seen = [normalise(text_of(hit.entry)) for hit in hits]
        words = [word for word in words if any(word in text for text in seen)]
    return Found(hits, counted(found), looked_for(words, same))


def like(searcher: tantivy.Searcher, text: str, quoted: Sequence[str], filters: Filters, limit: int) -> list[Hit]:
    """Articles that share words with `text` or one of the codes in `quoted`; nothing has to match."""
    words = list(dict.fromkeys([*codes(quoted), *chosen(text, frequency(searcher))]))
    if not words:
        return []
    found = searcher.search(matching(SCHEMA, words, [], filters), limit, count=False, weight_by_field="prior")
    entries = [(score / PRIOR_OF_NONE, entry_of(searcher.doc(at))) for score, at in found.hits]
    return [Hit(score, entry, why(entry, words, [])) for score, entry in entries]


def latest(searcher: tantivy.Searcher, query: Query) -> Found:
    """The articles that were said anew last."""
    wanted = everything(SCHEMA, query.filters)
    found = searcher.search(wanted, query.limit, offset=min(query.offset, DEEPEST), order_by_field="updated_at")
    return Found([Hit(0.0, entry_of(searcher.doc(at))) for _, at in found.hits], counted(found), [])


def asked(searcher: tantivy.Searcher, text: str, synonyms: Synonyms) -> tuple[list[str], list[Same]]:
    """The terms of a question, and the words that mean the same as some of its own."""
    words = chosen(text[:MAX_CHARACTERS], frequency(searcher))
    pairs = synonyms.expand(text[:LOOKS_FOR_SYNONYMS])
    return words, [Same(word, other) for word, others in pairs for other in others]


def frequency(searcher: tantivy.Searcher) -> Callable[[str], int]:
    """In how many articles a term stands."""

    def times(word: str) -> int:
        quoted = searcher.doc_freq("codes", word) if word.isascii() else 0  # half of the time of a long question
        return int(searcher.doc_freq("body", word) + quoted)

    return times


def counted(found: tantivy.SearchResult) -> int:
    """How many documents fit a query, of which `found.hits` are the first."""
    return int(found.count)  # type: ignore[attr-defined]


def looked_for(words: Sequence[str], same: Sequence[Same]) -> list[str]:
    """What is to be marked in a text: the terms, and the synonyms as a whole."""
    return list(dict.fromkeys([*words, *(t for s in same for t in tokens(s.other) if not is_single(t))]))


def why(entry: Entry, words: Sequence[str], same: Sequence[Same]) -> tuple[str, ...]:
    """The longest words that both share, then synonyms, then what its usage did."""
    found = entry.findings
    text = text_of(entry)[:LOOKS_AT]
    quoted = set(codes((found.infno, found.error, found.error_code, found.institution_code, found.msgid, entry.number)))
    shared = [text[a:b] for a, b in spans(text, words)]
    exact = [word for word in words if word in quoted]
    others = [f"{s.word}≈{s.other}" for s in same if spans(text, [s.other])]
    longest = sorted(dict.fromkeys(w.lower() for w in shared if not w.isspace()), key=len, reverse=True)
    told = [*dict.fromkeys([*exact, *longest])][:MOST_REASONS] + others[:3]
    return (*told, *filter(None, [reason(entry.usage)]))
