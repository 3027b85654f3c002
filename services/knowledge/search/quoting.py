"""Codes that are quoted in a question: who names an error or an article by its number means that one.

Only what the viewer may read is counted: a code of others changes nothing of what is found.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import tantivy

from services.knowledge.search.model import Filters
from services.knowledge.search.query import any_in, within
from services.knowledge.search.reading import counted
from services.knowledge.search.schema import SCHEMA, key_of

_RARE: Final = 20
"""A code in more articles than this, as that of a transaction, does not say which one is meant."""


def quoted(searcher: tantivy.Searcher, words: Sequence[str], filters: Filters) -> dict[str, int]:
    """The codes among `words` that are quoted in what may be read, and in how many articles."""
    codes = [word for word in words if searcher.doc_freq("codes", word)]
    found = {code: counted(searcher.search(_with(code, filters), 1)) for code in codes}
    return {code: times for code, times in found.items() if times}


def having(searcher: tantivy.Searcher, codes: dict[str, int], filters: Filters) -> set[UUID]:
    """The articles with a code that is so rare that who quotes it means them."""
    rare = [_with(code, filters) for code, times in codes.items() if times <= _RARE]
    hits = [at for wanted in rare for _, at in searcher.search(wanted, _RARE, count=False).hits]
    return {key_of(searcher.doc(at)).article_id for at in hits}


def _with(code: str, filters: Filters) -> tantivy.Query:
    return within(SCHEMA, any_in(SCHEMA, ("codes",), [code]), filters)
