"""As you type: titles that hold what has been typed so far, and terms that it may become.

Only what this viewer may read is looked at, and a term is offered only where it stands in something of that.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import tantivy

from chassis.chinese import normalise
from services.knowledge.search.model import Entry, Filters, Proposed
from services.knowledge.search.query import all_of, beginning, only, telling_terms
from services.knowledge.search.schema import SCHEMA, entry_of

LONGEST, LOOKS_AT, PREFIXES = 60, 30, 12
_LAST_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*$")
_MOST_TERMS: Final = 40
"""So many terms of the domain are looked up, each in well under a millisecond."""


def completed(
    searcher: tantivy.Searcher, text: str, filters: Filters, limit: int, terms: Sequence[str] = ()
) -> Proposed:
    """At most `limit` of each. Nothing for a text without words."""
    plain = normalise(text[:LONGEST]).strip()
    if not telling_terms(plain):
        return Proposed([], [])
    return Proposed(_titles(searcher, plain, filters)[:limit], _terms(searcher, plain, filters, terms)[:limit])


def _titles(searcher: tantivy.Searcher, plain: str, filters: Filters) -> list[Entry]:
    """Those that begin with it first, then those that have it whole, then those that have all of its words."""
    last = _LAST_WORD.search(plain)
    words = telling_terms(plain[: last.start()] if last else plain)
    wanted = all_of(SCHEMA, "title", words, filters)
    if last:
        endings = searcher.terms_with_prefix("title", last[0], filter_query=wanted, limit=PREFIXES)
        wanted = beginning(SCHEMA, "title", wanted, [ending for ending, _ in endings])
    entries = [entry_of(searcher.doc(at)) for _, at in searcher.search(wanted, LOOKS_AT, count=False).hits]
    once: dict[str, Entry] = {}
    for entry in entries:
        once.setdefault(entry.title, entry)
    return sorted(once.values(), key=lambda entry: _place(normalise(entry.title), plain))


def _place(title: str, plain: str) -> int:
    return 0 if title.startswith(plain) else 1 if plain in title else 2


def _terms(searcher: tantivy.Searcher, plain: str, filters: Filters, terms: Sequence[str]) -> list[str]:
    """Codes that begin with its last word, and terms of the domain that begin with it or have it."""
    last = _LAST_WORD.search(plain)
    visible = tantivy.Query.boolean_query(only(SCHEMA, filters))
    codes = searcher.terms_with_prefix("codes", last[0], filter_query=visible, limit=PREFIXES) if last else []
    head = plain[: last.start()] if last else plain
    longer = [head + code for code, _ in sorted(codes, key=lambda found: -found[1]) if code != plain]
    fit = sorted((t for t in terms if plain in (n := normalise(t)) and n != plain), key=lambda t: _place(t, plain))
    return [*longer, *standing(searcher, fit[:_MOST_TERMS], filters)]


def standing(searcher: tantivy.Searcher, terms: Iterable[str], filters: Filters) -> list[str]:
    """Those that stand in something that the viewer may read."""
    return [term for term in terms if stands(searcher, normalise(term), filters)]


def stands(searcher: tantivy.Searcher, plain: str, filters: Filters) -> bool:
    """Whether a text that the viewer may read has it: all of its terms are no proof, so that text is looked at."""
    found = searcher.search(all_of(SCHEMA, "body", telling_terms(plain), filters), 3, count=False)
    entries = [entry_of(searcher.doc(at)) for _, at in found.hits]
    found = searcher.search(all_of(SCHEMA, "title", telling_terms(plain), filters), 3, count=False)
    entries += [entry_of(searcher.doc(at)) for _, at in found.hits]
    return any(
        plain in normalise(text) for e in entries for text in (e.title, e.question, e.cause, e.symptoms, e.answer)
    )
