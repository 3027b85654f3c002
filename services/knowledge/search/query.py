"""Builds queries from terms, never from a query language: whatever people paste is text and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import tantivy
from tantivy import Occur, Query

from chassis.chinese import is_single, terms
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.model import Filters
from services.knowledge.search.schema import READERS, code, sendable

MAX_CHARACTERS, MAX_TERMS, MAX_SYNONYMS = 10_000, 96, 24
BOOSTS: Final = (("title", 2.0), ("body", 1.0), ("keywords", 1.5), ("codes", 4.0))
FIELDS: Final = tuple(field for field, _ in BOOSTS)
MOST_LOOKED_UP: Final = 600
"""Terms of a long text whose frequency is asked for, each in some ten microseconds."""
SAME = 0.8
"""What a synonym counts beside the word that was typed."""


class Same(NamedTuple):
    """`other` means the same as `word`, which was asked for."""

    word: str
    other: str


def chosen(text: str, frequency: Callable[[str], int]) -> list[str]:
    """The terms of `text` that are asked for: of a long text the rarest, which say what it is about."""
    words = terms(text[:MAX_CHARACTERS])
    if len(words) <= MAX_TERMS:
        return words
    telling = [word for word in words if not is_single(word)]
    if len(telling) > MOST_LOOKED_UP:  # a log says at its beginning and at its end what went wrong
        telling = telling[: MOST_LOOKED_UP // 2] + telling[-MOST_LOOKED_UP // 2 :]
    known = [(n, word) for word in telling if (n := frequency(word))]
    return [word for _, word in sorted(known)[:MAX_TERMS]]


def matching(schema: tantivy.Schema, words: Sequence[str], same: Sequence[Same], filters: Filters) -> Query:
    """Articles with any of `words` or their synonyms, the best first. Single characters only add to the score: 门特 is
    not 门诊."""
    single = [word for word in words if is_single(word)]
    telling = [word for word in words if not is_single(word)]
    any_of = [*_terms(schema, telling or single), *_synonyms(schema, same)]
    wanted = [(Occur.Must, Query.boolean_query([(Occur.Should, q) for q in any_of]))]
    wanted += [(Occur.Should, q) for q in _terms(schema, single if telling else [])]
    return Query.boolean_query([*wanted, *only(schema, filters, for_words=True)])


def everything(schema: tantivy.Schema, filters: Filters) -> Query:
    return Query.boolean_query([(Occur.Must, Query.all_query()), *only(schema, filters)])


def by_ids(schema: tantivy.Schema, ids: Sequence[str]) -> Query:
    """The articles with these ids, for nothing: as single terms, because a set of terms takes three times as long."""
    any_of = [(Occur.Should, Query.term_query(schema, "id", id_, "basic")) for id_ in ids]
    return Query.const_score_query(Query.boolean_query(any_of), 0.0)


def all_of(schema: tantivy.Schema, field: str, words: Iterable[str], filters: Filters) -> Query:
    """Articles whose `field` has every one of `words`."""
    return Query.boolean_query([*((Occur.Must, _one(schema, field, w)) for w in words), *only(schema, filters)])


def any_in(schema: tantivy.Schema, fields: Sequence[str], words: Iterable[str]) -> Query:
    """Articles with any of `words` in any of `fields`."""
    return Query.boolean_query([(Occur.Should, _one(schema, field, word)) for word in words for field in fields])


def fuzzy(schema: tantivy.Schema, fields: Sequence[str], word: str) -> Query:
    """Articles with a word in `fields` that differs from this one in one letter."""
    return Query.boolean_query([(Occur.Should, Query.fuzzy_term_query(schema, field, word)) for field in fields])


def beginning(schema: tantivy.Schema, field: str, wanted: Query, endings: Sequence[str]) -> Query:
    """Those of `wanted` that have one of `endings`."""
    return Query.boolean_query([(Occur.Must, wanted), (Occur.Must, Query.term_set_query(schema, field, endings))])


def within(schema: tantivy.Schema, wanted: Query, filters: Filters) -> Query:
    """Those of `wanted` that fit the filters."""
    return Query.boolean_query([(Occur.Must, wanted), *only(schema, filters)])


def only(schema: tantivy.Schema, filters: Filters, for_words: bool = False) -> list[tuple[Occur, Query]]:
    """The clauses that leave out what does not fit, first of all what the viewer may not see. Beside words engineers
    need none of it: what nobody sees has no words, and the clause takes a third of the time."""
    viewer = filters.viewer
    fits = {name: code(v) for name, v in filters._asdict().items() if name not in ("viewer", "category", "state") and v}
    if filters.category:
        fits["category"] = sendable(filters.category)
    if filters.state:
        state = sendable(filters.state)
        fits["state"] = state if viewer.is_engineer else f"{READERS}{state}"
    clauses = [] if for_words and viewer.is_engineer else [Query.term_set_query(schema, "see", sees(viewer))]
    clauses += [Query.term_query(schema, name, value, "basic") for name, value in fits.items()]
    return [(Occur.Must, Query.const_score_query(clause, 0.0)) for clause in clauses]


def sees(viewer: Viewer) -> list[str]:
    """The values of the field `see` that this viewer's searches look at."""
    return [ENGINEERS] if viewer.audiences is None else sorted(viewer.audiences - {ENGINEERS})


def _terms(schema: tantivy.Schema, words: Iterable[str]) -> list[Query]:
    """One for each word and field, for a single flat disjunction: nested ones take twice as long."""
    return [query for word in words for query in _in_fields(schema, word)]


def _in_fields(schema: tantivy.Schema, word: str) -> list[Query]:
    return [Query.boost_query(_one(schema, field, word), boost) for field, boost in BOOSTS]


def _term(schema: tantivy.Schema, word: str) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in _in_fields(schema, word)])


def _one(schema: tantivy.Schema, field: str, word: str) -> Query:
    return Query.term_query(schema, field, word, "freq")


def _synonyms(schema: tantivy.Schema, same: Sequence[Same]) -> list[Query]:
    """Each as a whole, however many terms it has, for as much as the word it stands for."""
    queries = []
    for word, other in same[:MAX_SYNONYMS]:
        parts = telling_terms(other)
        weight = SAME * min(1.0, len(telling_terms(word)) / len(parts)) if parts else 0.0
        if weight:
            whole = Query.boolean_query([(Occur.Must, _term(schema, part)) for part in parts])
            queries.append(Query.boost_query(whole, weight))
    return queries


def telling_terms(text: str) -> list[str]:
    """The terms of a word, its single characters only where there is nothing else."""
    words = terms(text)
    return [w for w in words if not is_single(w)] or words
