"""Short vectors beside the long ones, to say quickly which of many are worth a look. Exact products decide.

Of a large file a search by all 512 numbers takes most of its time; the 128 directions in which the articles differ most
leave a twentieth of them to look at, at a fifth of the time.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.knowledge.semantic.dots import Bytes

Floats = NDArray[np.float32]
DIRECTIONS, FROM, SAMPLE, LOOKS_AT = 128, 50_000, 20_000, 16
"""So many numbers, for files of so many vectors; directions are seen in a sample; of each wanted so many are exact."""
_BLOCK: Final = 8_192


class Sketch(NamedTuple):
    """`basis` [d, 128]; `rows` [n, 128] are worth `scales` [n] a byte."""

    basis: Floats
    rows: Bytes
    scales: Floats

    @classmethod
    def of(cls, rows: Bytes, scales: Floats, dims: int) -> "Sketch | None":
        """None for so few that nothing is to be gained."""
        if len(rows) < FROM:
            return None
        step = max(1, len(rows) // SAMPLE)
        sample = rows[::step, :dims] * scales[::step, None]
        _, directions = np.linalg.eigh(sample.T @ sample)
        basis = np.ascontiguousarray(directions[:, -DIRECTIONS:], np.float32)
        return cls(basis, np.zeros((0, DIRECTIONS), np.int8), np.zeros(0, np.float32)).grown(rows, scales)

    def grown(self, rows: Bytes, scales: Floats) -> "Sketch":
        """With those of `rows` that are more than there are."""
        dims, made, worths = len(self.basis), [self.rows], [self.scales]
        for at in range(len(self.rows), len(rows), _BLOCK):
            block = slice(at, at + _BLOCK)
            short = (rows[block, :dims] * scales[block, None]) @ self.basis
            each = np.maximum(np.abs(short).max(axis=1), 1e-9) / 127
            made.append(np.rint(short / each[:, None]).astype(np.int8))
            worths.append(each.astype(np.float32))
        return Sketch(self.basis, np.concatenate(made), np.concatenate(worths))

    def short(self, vector: Floats) -> Floats:
        """What is asked, in the same few directions."""
        made: Floats = self.basis.T @ vector
        return made
