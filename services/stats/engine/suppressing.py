"""Small cells (小单元隐藏): no line shows what few persons cost, and no sum that is shown gives it away.

A line of 1 to `below` - 1 persons has its measures emptied. Then every sum is looked at together with the lines it
adds up: where only one of them is hidden it could be subtracted, and the next smallest is hidden as well. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

Key = tuple[Any, ...]
_PRIME: Final = (1 << 61) - 1


class Line(msgspec.Struct, frozen=True):
    """`mask` has a bit for each dimension that the line sums over; `persons` is what it counts."""

    key: Key
    mask: int
    persons: int | None


class Sum(msgspec.Struct, frozen=True):
    """`total` is the number of the line that the lines `parts` add up to."""

    total: int
    parts: tuple[int, ...]


def hidden(lines: Sequence[Line], below: int) -> frozenset[int]:
    """The numbers of the lines whose measures are emptied."""
    found = {n for n, line in enumerate(lines) if line.persons is not None and 0 < line.persons < below}
    if not found:
        return frozenset()
    equations = sums(lines)
    touching: dict[int, list[int]] = defaultdict(list)
    for number, equation in enumerate(equations):
        for n in (equation.total, *equation.parts):
            touching[n].append(number)
    _complete(lines, equations, touching, found, range(len(equations)))
    while not _nested(lines) and (given := recoverable(equations, found)):
        more = [_another(lines, [equations[e] for e in touching[n]], found) for n in sorted(given)]
        if not any(more):
            break
        _complete(lines, equations, touching, found, range(len(equations)))
    return frozenset(found)


def _nested(lines: Sequence[Line]) -> bool:
    """Whether each grouping is finer than the next: then sums form a tree, and two hidden lines in each are enough."""
    masks = sorted({line.mask for line in lines}, key=int.bit_count)
    return all(fine & coarse == fine for fine, coarse in pairwise(masks))


def sums(lines: Sequence[Line]) -> list[Sum]:
    """Every sum in the report: a line, and all lines of one finer grouping that agree with it."""
    masks = sorted({line.mask for line in lines})
    found = []
    for coarse in masks:
        for fine in (m for m in masks if m != coarse and m & coarse == m):
            parts: dict[Key, list[int]] = defaultdict(list)
            for n, line in enumerate(lines):
                if line.mask == fine:
                    parts[_seen(line.key, coarse)].append(n)
            for n, line in enumerate(lines):
                if line.mask == coarse and (adding := parts.get(_seen(line.key, coarse))):
                    found.append(Sum(n, tuple(adding)))
    return found


def recoverable(equations: Sequence[Sum], found: set[int]) -> set[int]:
    """Hidden lines that the shown ones determine, by any combination of sums (elimination modulo a large prime)."""
    rows = [{n: (-1 if n == e.total else 1) for n in (e.total, *e.parts) if n in found} for e in equations]
    reduced: dict[int, dict[int, int]] = {}
    for row in rows:
        _eliminate({n: v % _PRIME for n, v in row.items()}, reduced)
    return {pivot for pivot, row in reduced.items() if len(row) == 1}


def _eliminate(row: dict[int, int], reduced: dict[int, dict[int, int]]) -> None:
    for n in [n for n in row if n in reduced]:
        _subtract(row, reduced[n], row[n])
    if not row:
        return
    pivot = next(iter(row))
    inverse = pow(row[pivot], -1, _PRIME)
    row = {n: v * inverse % _PRIME for n, v in row.items()}
    for other in reduced.values():
        if pivot in other:
            _subtract(other, row, other[pivot])
    reduced[pivot] = row


def _subtract(row: dict[int, int], other: Mapping[int, int], times: int) -> None:
    for n, value in other.items():
        left = (row.get(n, 0) - times * value) % _PRIME
        if left:
            row[n] = left
        else:
            row.pop(n, None)


def _seen(key: Key, mask: int) -> Key:
    return tuple(value for n, value in enumerate(key) if not mask >> n & 1)


def _complete(
    lines: Sequence[Line], equations: Sequence[Sum], touching: Mapping[int, Iterable[int]], found: set[int],
    first: Iterable[int],
) -> None:  # fmt: skip
    """Until no sum has exactly one hidden line among itself and its parts."""
    waiting = list(first)
    while waiting:
        equation = equations[waiting.pop()]
        if sum(n in found for n in (equation.total, *equation.parts)) == 1:
            waiting += [e for n in _another(lines, [equation], found) for e in touching[n]]


def _another(lines: Sequence[Line], equations: Iterable[Sum], found: set[int]) -> list[int]:
    """Hide the next smallest line of these sums; the sum itself only where it has no other part."""
    added = []
    for equation in equations:
        parts = [n for n in equation.parts if n not in found]
        if parts or equation.total not in found:
            chosen = min(parts, key=lambda n: _rank(lines[n], n)) if parts else equation.total
            found.add(chosen)
            added.append(chosen)
    return added


def _rank(line: Line, number: int) -> tuple[bool, int, int]:
    # A line of nobody protects little: everyone may know that it is empty.
    return (not line.persons, line.persons or 0, number)
