"""The part of an article that answers a query: where its terms stand closest together."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from chassis.chinese import is_single, normalise

WIDTH = 90
LOOKS_AT = 5_000
Span = tuple[int, int]


class Snippet(NamedTuple):
    """`marks` are the (start, end) of the matched parts of `text`, so that no page has to trust our HTML."""

    text: str
    marks: list[Span]


def snippet(text: str, words: Sequence[str]) -> Snippet:
    """At most WIDTH characters of `text` around most of what `words` match; its beginning when nothing does."""
    text = text[:LOOKS_AT]
    found = spans(text, words)
    start = _best(found)
    start = max(0, min(start - WIDTH // 4, len(text) - WIDTH))
    end = min(len(text), start + WIDTH)
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in found if a < end and b > start]
    return Snippet(head + re.sub(r"\s", " ", text[start:end]) + tail, inside)


def spans(text: str, words: Sequence[str]) -> list[Span]:
    """Where `words` occur in `text`, joined where they touch."""
    strong = [w for w in words if not is_single(w)] or list(words)
    if not strong:
        return []
    plain, places = _plain(text)
    pattern = "|".join(map(re.escape, sorted(strong, key=len, reverse=True)))
    found: list[Span] = []
    for match in re.finditer(f"(?=({pattern}))", plain):
        a, b = places[match.start(1)], places[match.end(1) - 1] + 1
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return found


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` as the tokens see it, and for each of its characters the place in `text` where it came from."""
    whole = normalise(text)
    if len(whole) == len(text):  # nearly always, and ten times as fast
        return whole, list(range(len(text)))
    pieces = [normalise(character) for character in text]
    places = [i for i, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), places


def _best(spans: Sequence[Span]) -> int:
    """The start of the span from which a window of WIDTH sees most matched characters."""
    seen = [0, *accumulate(b - a for a, b in spans)]
    best, most, last = 0, 0, 0
    for first, (a, _) in enumerate(spans):
        while last < len(spans) and spans[last][1] <= a + WIDTH * 3 // 4:
            last += 1
        if seen[last] - seen[first] > most:
            best, most = a, seen[last] - seen[first]
    return best
