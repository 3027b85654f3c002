"""Builds queries from terms, never from a query language: whatever people paste is text and nothing else."""

from collections.abc import Callable, Sequence

import tantivy
from tantivy import Occur, Query

from chassis.chinese import is_single, terms

MAX_CHARACTERS, MAX_TERMS = 2_000, 96
_BOOSTS = (("title", 2.0), ("body", 1.0), ("codes", 4.0))


def chosen(text: str, frequency: Callable[[str], int]) -> list[str]:
    """The terms of `text` that are asked for: of a long text the rarest, which say what it is about."""
    words = terms(text[:MAX_CHARACTERS])
    if len(words) <= MAX_TERMS:
        return words
    known = [(n, word) for word in words if (n := frequency(word))]
    return [word for _, word in sorted(known)[:MAX_TERMS]]


def matching(schema: tantivy.Schema, words: Sequence[str], category: str | None) -> Query:
    """Articles with any of `words`, the best first. Single characters only add to the score: 门特 is not 门诊."""
    single = [word for word in words if is_single(word)]
    telling = [word for word in words if not is_single(word)]
    wanted = [(Occur.Must, _any(schema, telling or single))]
    if telling and single:
        wanted.append((Occur.Should, _any(schema, single)))
    if category is not None:
        wanted.append(_only(schema, category))
    return Query.boolean_query(wanted)


def everything(schema: tantivy.Schema, category: str | None) -> Query:
    return Query.all_query() if category is None else Query.boolean_query([_only(schema, category)])


def by_ids(schema: tantivy.Schema, ids: Sequence[str]) -> Query:
    return Query.term_set_query(schema, "id", ids)


def _any(schema: tantivy.Schema, words: Sequence[str]) -> Query:
    return Query.boolean_query([(Occur.Should, _term(schema, word)) for word in words])


def _term(schema: tantivy.Schema, word: str) -> Query:
    return Query.boolean_query(
        [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, word, "freq"), boost))
            for field, boost in _BOOSTS
        ]
    )


def _only(schema: tantivy.Schema, category: str) -> tuple[Occur, Query]:
    return Occur.Must, Query.const_score_query(Query.term_query(schema, "category", category, "basic"), 0.0)
