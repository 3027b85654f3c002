"""Which questions are about the same problem: the same error of the same transaction, or nearly the same words.

Comparing each with each is too much, so only those are compared that share several of a few pairs of characters, chosen
by hash: texts that are nearly the same share most of them.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, pairwise
from uuid import UUID
from zlib import crc32

import msgspec

from services.intake.text.plain import title

ALIKE = 90.0
SHORTEST, SHORTEST_PART = 8, 16
SKETCH, SHARED, MOST = 8, 3, 100
_SAME = "|"

_NUMBERS = re.compile(r"[a-z]?[0-9]{5,}[a-z]?|\*+")  # institutions, people, times: never the problem itself
_NOISE = re.compile(r"[\W_]+")


class Seen(msgspec.Struct, frozen=True):
    """What detection sees of an open case."""

    id: UUID
    opened_at: datetime
    text: str
    institution: str | None = None
    infno: str | None = None
    error: str | None = None


def words_of(text: str) -> str:
    """The text without greeting, numbers, punctuation and letter case."""
    return _NOISE.sub("", _NUMBERS.sub("", text.casefold()))


def signature_of(seen: Seen) -> str:
    """What groups are known by: transaction and error, or the words."""
    error = words_of(seen.error or "")
    if seen.infno and error:
        return f"{seen.infno}{_SAME}{error[:60]}"
    return f"{seen.infno or ''}{_SAME}{_SAME}{words_of(_plain(seen))[:120]}"


def same(one: str, other: str) -> bool:
    """Whether two signatures are of one problem."""
    if one == other:
        return True
    (infno, _, words), (infno2, _, words2) = one.partition(_SAME), other.partition(_SAME)
    if infno != infno2 or words.startswith(_SAME) != words2.startswith(_SAME) or not words.startswith(_SAME):
        return False
    return _near(words[1:], words2[1:])


def groups(cases: Sequence[Seen]) -> list[list[Seen]]:
    """The cases in groups about one problem each, the earliest first."""
    parent = list(range(len(cases)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in _links(cases):
        parent[root(a)] = root(b)
    found: dict[int, list[Seen]] = defaultdict(list)
    for i, case in enumerate(cases):
        found[root(i)].append(case)
    return [sorted(group, key=lambda s: (s.opened_at, s.id)) for group in found.values()]


def _links(cases: Sequence[Seen]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    texts = [words_of(_plain(case)) for case in cases]
    for i, case in enumerate(cases):
        by_error = case.infno and case.error
        key = signature_of(case) if by_error else f"{case.infno or ''}{_SAME}{_SAME}{texts[i]}"
        if by_error or len(texts[i]) >= SHORTEST:
            yield i, first.setdefault(key, i)
    yield from _near_ones(cases, texts, sorted(first.values()))


def _near_ones(cases: Sequence[Seen], texts: Sequence[str], some: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Among one of each wording: those whose words are nearly the same and whose transactions do not differ."""
    blocks: dict[int, deque[int]] = defaultdict(lambda: deque(maxlen=MOST))
    for i in some:
        sketch = _sketch(texts[i])
        shared = Counter(chain.from_iterable(blocks[pair] for pair in sketch))
        for other, pairs in shared.items():
            if pairs >= SHARED and cases[i].infno == cases[other].infno and _near(texts[i], texts[other]):
                yield i, other
        for pair in sketch:
            blocks[pair].append(i)


def _sketch(text: str) -> list[int]:
    return sorted({crc32(f"{a}{b}".encode()) for a, b in pairwise(text)})[:SKETCH]


def _near(one: str, other: str) -> bool:
    """Nearly the same, or one within the other when both say enough."""
    shorter, longer = sorted((len(one), len(other)))
    if shorter < SHORTEST:
        return False
    # Here and not above: 5 MB that a desk without similar questions, and the command line, never need.
    from rapidfuzz import fuzz

    # What differs much in length cannot be nearly the same: no need to look.
    if shorter * 100 >= longer * 81 and fuzz.ratio(one, other, score_cutoff=ALIKE):
        return True
    whole_enough = shorter >= SHORTEST_PART and shorter * 2 >= longer
    return whole_enough and bool(fuzz.partial_ratio(one, other, score_cutoff=ALIKE))


def _plain(seen: Seen) -> str:
    """The line that says something beyond a greeting."""
    return title(seen.text)
