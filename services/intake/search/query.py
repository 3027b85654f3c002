"""From what people type to a query: words, never a query language, so that anything may be pasted."""

from collections.abc import Callable, Sequence

import tantivy
from tantivy import Occur, Query

from chassis.chinese import is_single, terms

MAX_CHARACTERS, MAX_TERMS, MAX_HITS = 2_000, 64, 1_000
_BOOSTS = (("title", 2.0), ("body", 1.0), ("codes", 8.0))


def chosen(text: str, frequency: Callable[[str], int]) -> list[str]:
    """The terms that are asked for: of a long text the rarest that occur at all."""
    words = terms(text[:MAX_CHARACTERS])
    if len(words) <= MAX_TERMS:
        return words
    known = sorted((n, word) for word in words if (n := frequency(word)))
    return [word for _, word in known[:MAX_TERMS]]


def matching(schema: tantivy.Schema, words: Sequence[str]) -> Query:
    """Cases with any of `words`; single characters only add to the score."""
    single = [word for word in words if is_single(word)]
    telling = [word for word in words if not is_single(word)]
    wanted = [(Occur.Must, _any(schema, telling or single))]
    if telling and single:
        wanted.append((Occur.Should, _any(schema, single)))
    return Query.boolean_query(wanted)


def _any(schema: tantivy.Schema, words: Sequence[str]) -> Query:
    return Query.boolean_query([(Occur.Should, _term(schema, word)) for word in words])


def _term(schema: tantivy.Schema, word: str) -> Query:
    return Query.boolean_query(
        [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, word, "freq"), boost))
            for field, boost in _BOOSTS
        ]
    )
