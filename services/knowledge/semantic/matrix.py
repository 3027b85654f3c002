"""What a search by meaning looks at: all records as one matrix, which never changes. A change makes another one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.knowledge.semantic.dots import Bytes, Dots, products
from services.knowledge.semantic.projection import Projection
from services.knowledge.semantic.records import Tail, tail
from services.knowledge.semantic.sketch import LOOKS_AT, Sketch

Floats = NDArray[np.float32]
_BLOCK: Final = 8_192
_AGAIN: Final = 4
"""So many times as many as are wanted are compared in full."""


class Matrix(NamedTuple):
    """Of each record whose it is, what a byte of it is worth, and its length as the projection sees it; NaN is of one
    that nobody finds any more. `at` says where the living ones are."""

    projection: Projection
    rows: Bytes
    tails: Sequence[Tail]
    at: Mapping[UUID, int]
    scales: Floats
    lengths: Floats
    sketch: Sketch | None = None

    @classmethod
    def of(cls, projection: Projection, rows: Bytes) -> "Matrix":
        nothing = np.zeros(0, np.float32)
        return cls(projection, rows[:0], [], {}, nothing, nothing).grown(rows)

    def grown(self, rows: Bytes) -> "Matrix":
        """With the records that `rows` has more than this one."""
        first = len(self.rows)
        tails, at = [tail(row) for row in rows[first:]], dict(self.at)
        scales = np.array([t.scale for t in tails], np.float32)
        lengths = np.concatenate([self.lengths, _lengths(rows[first:], scales, self.projection)])
        for place, told in enumerate(tails, first):
            if (before := at.pop(told.id, None)) is not None:
                lengths[before] = np.nan
            if told.scale:
                at[told.id] = place
            else:
                lengths[place] = np.nan
        scales = np.concatenate([self.scales, scales])
        dims = self.projection.dims
        sketch = self.sketch.grown(rows, scales) if self.sketch else Sketch.of(rows, scales, dims)
        return Matrix(self.projection, rows, [*self.tails, *tails], at, scales, lengths, sketch)

    def compared_by(self, projection: Projection) -> "Matrix":
        lengths = _lengths(self.rows, self.scales, projection)
        lengths[np.isnan(self.lengths)] = np.nan
        return self._replace(projection=projection, lengths=lengths)

    def nearest(
        self, asked: Floats, limit: int, dots: Dots, among: Collection[UUID] | None
    ) -> list[tuple[UUID, float]]:
        """The best first; only those in `among`, where it is given."""
        if not len(self.rows) or limit < 1:
            return []
        vector, offset = self.projection.direction(asked)
        scores = (self._products(vector, dots) + np.float32(offset)) / self.lengths
        if among is not None:
            others = np.ones(len(scores), bool)
            others[[place for id_ in among if (place := self.at.get(id_)) is not None]] = False
            scores[others] = np.nan
        best = _highest(scores, limit * (LOOKS_AT if self.sketch else _AGAIN))
        exact = (self.rows[best, : len(vector)] @ vector * self.scales[best] + offset) / self.lengths[best]
        order = np.argsort(-exact, kind="stable")[:limit]
        return [(self.tails[best[n]].id, float(exact[n])) for n in order]

    def _products(self, vector: Floats, dots: Dots) -> Floats:
        """Nearly those of all rows with `vector`."""
        if self.sketch is not None:
            return products(self.sketch.rows, self.sketch.scales, self.sketch.short(vector), dots)
        return products(self.rows, self.scales, vector, dots)


def _highest(scores: Floats, count: int) -> NDArray[np.int64]:
    """Where the `count` highest are, in no order; what is no number is none of them."""
    places = np.argpartition(-scores, count)[:count] if count < len(scores) else np.arange(len(scores))
    return places[~np.isnan(scores[places])]


def _lengths(rows: Bytes, scales: Floats, projection: Projection) -> Floats:
    made = np.empty(len(rows), np.float32)
    for at in range(0, len(rows), _BLOCK):
        block = slice(at, at + _BLOCK)
        vectors = rows[block, : projection.dims] * scales[block, None]
        made[block] = projection.lengths(vectors)
    return made
