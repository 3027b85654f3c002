"""Did you mean: where a question has something that stands in no article, what sounds or looks like it and does stand.

What is offered is cut out of titles and keywords that this viewer may read, so that it tells of nothing else; terms of
the domain are offered where they stand in such an article.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import tantivy
from tantivy import Occur

from chassis.chinese import codes, is_single, normalise, tokens
from services.knowledge.search.completing import stands
from services.knowledge.search.model import Entry, Filters, Hit, text_of
from services.knowledge.search.query import FIELDS, any_in, fuzzy, within
from services.knowledge.search.schema import SCHEMA, entry_of
from services.knowledge.search.sounds import sound, sound_pairs

LONGEST, LOOKS_AT, MOST_UNKNOWN = 40, 40, 8
_LOOKS_INTO = 5
_LEAST = 3
"""Shorter words are not compared by letters: half of all words of two characters share one."""


def meant(
    searcher: tantivy.Searcher, text: str, filters: Filters, terms: Sequence[str] = (), hits: Sequence[Hit] = ()
) -> str | None:
    """The question as it was probably meant; None where nothing in it is strange, or nothing is near.

    `hits` are what was found for it: what stands in them needs no looking up.
    """
    plain = normalise(text).strip()
    if not plain or len(plain) > LONGEST:
        return None
    words = [w for w in dict.fromkeys(tokens(plain)) if not is_single(w)]
    seen = [normalise(text_of(hit.entry)) for hit in hits[:_LOOKS_INTO]]
    unknown = [w for w in words if not any(w in text for text in seen) and not _known(searcher, w, filters)]
    strange = _alone(plain, unknown, [w for w in words if w not in unknown])
    if not strange or len(strange) > MOST_UNKNOWN:
        return None
    better = plain
    for start, end in _parts(plain, strange):
        part, wide = plain[start:end], plain[max(0, start - 1) : end + 1]
        for piece in dict.fromkeys([part, wide, *(w for w in strange if w in part)]):
            if near := _near(searcher, piece, filters, terms):
                better = better.replace(piece, near)
                break
    return better if better != plain else None


def _alone(plain: str, unknown: Iterable[str], known: Iterable[str]) -> list[str]:
    """The unknown words with a character that is in no known one: two words that nobody has put side by side before
    are no mistake."""
    sure = {at for word in known for start in _all_at(plain, word) for at in range(start, start + len(word))}
    places = ((word, start) for word in unknown for start in _all_at(plain, word))
    return list(dict.fromkeys(word for word, at in places if not sure.issuperset(range(at, at + len(word)))))


def _known(searcher: tantivy.Searcher, word: str, filters: Filters) -> bool:
    if filters.viewer.is_engineer:
        return any(searcher.doc_freq(field, word) for field in FIELDS)
    wanted = any_in(SCHEMA, FIELDS, [word])
    return bool(searcher.search(within(SCHEMA, wanted, filters), 1, count=False).hits)


def _parts(plain: str, strange: Iterable[str]) -> list[tuple[int, int]]:
    """Where the strange words are, those together that overlap."""
    places = sorted((at, at + len(word)) for word in strange for at in _all_at(plain, word))
    parts: list[tuple[int, int]] = []
    for start, end in places:
        if parts and start < parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((start, end))
    return parts


def _all_at(plain: str, word: str) -> Iterator[int]:
    at = plain.find(word)
    while at >= 0:
        yield at
        at = plain.find(word, at + 1)


def _near(searcher: tantivy.Searcher, part: str, filters: Filters, terms: Sequence[str]) -> str | None:
    """What stands somewhere and sounds like `part`, or differs from it in one place."""
    from rapidfuzz.distance import DamerauLevenshtein

    sounds = [sound(c) for c in part]
    best: tuple[int, int, str] | None = None
    for rank, text in enumerate(_texts(searcher, part, filters)):
        for window in _windows(text, part):
            if window == part:
                continue
            same = len(window) == len(part) and [sound(c) for c in window] == sounds
            letters = len(part) >= _LEAST and DamerauLevenshtein.distance(window, part, score_cutoff=1) <= 1
            if (same or letters) and (best is None or (not same, rank) < best[:2]):
                best = (int(not same), rank, window)
    if best is not None:
        return best[2]
    return next((t for t in map(normalise, terms) if _alike(t, part, sounds) and stands(searcher, t, filters)), None)


def _alike(term: str, part: str, sounds: list[str]) -> bool:
    return term != part and len(term) == len(part) and [sound(c) for c in term] == sounds


def _windows(text: str, part: str) -> Iterator[str]:
    """The pieces of a text that may stand for `part`: of a word in letters and digits only whole words."""
    if part.isascii():
        yield from dict.fromkeys(t for t in tokens(text) if t.isascii() and abs(len(t) - len(part)) <= 1)
        return
    for length in (len(part), len(part) + 1, len(part) - 1):
        starts = (at for at in range(len(text) - length + 1) if not (_cut(text, at) or _cut(text, at + length)))
        yield from (text[at : at + length].strip() for at in starts)


def _cut(text: str, at: int) -> bool:
    """Whether a word in letters and digits would be cut there: 22 is no number of a transaction, though 2207 is."""
    around = text[max(0, at - 1) : at + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _texts(searcher: tantivy.Searcher, part: str, filters: Filters) -> Iterator[str]:
    """Titles and keywords, and for letters and digits the codes, that may have what was meant."""
    if part.isascii():
        wanted = fuzzy(SCHEMA, ("codes", "title", "keywords"), part)
    else:
        around = any_in(SCHEMA, ("title", "keywords"), [*map("".join, pairwise(part)), *part])
        wanted = tantivy.Query.boolean_query(
            [(Occur.Should, any_in(SCHEMA, ("sound",), sound_pairs(part))), (Occur.Should, around)]
        )
    found = searcher.search(within(SCHEMA, wanted, filters), LOOKS_AT, count=False)
    for _, at in found.hits:
        entry: Entry = entry_of(searcher.doc(at))
        at_codes = (entry.findings.infno, entry.findings.error, entry.findings.error_code, entry.number)
        yield normalise("\n".join((entry.title, *entry.keywords, *(codes(at_codes) if part.isascii() else ()))))
