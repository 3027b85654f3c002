"""The vectors of all articles in one file that is mapped into memory: added, replaced, removed, searched by all of it.

A projection like the index beside it: it can be deleted and is built again by encoding. Calls block. One change at a
time; a search sees the state of before a change or of after it.
"""

import os
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from uuid import UUID

from services.knowledge.semantic import records
from services.knowledge.semantic.dots import Dots, by_numpy
from services.knowledge.semantic.matrix import Floats, Matrix
from services.knowledge.semantic.projection import Projection

_WORTH: Final = 1_000
"""So many records that nobody needs are kept before the file is written anew without them."""


class Vector(NamedTuple):
    """`values` of length one, as the encoder made them of `version` of an article's text."""

    id: UUID
    version: int
    values: Floats


class VectorFile:
    def __init__(self, path: Path, encoder: str, projection: Projection, dots: Dots = by_numpy) -> None:
        """Opens or creates it. Of a file that was half written the whole records stay; one of another encoder, which
        `encoder` names by its hash, is begun anew."""
        self._path, self._encoder, self._dims, self._dots = path, encoder, projection.dims, dots
        self._changing = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not records.fits(path, self._dims, encoder):
            records.create(path, self._dims, encoder)
        count = records.whole(path, self._dims)
        os.truncate(path, records.HEAD + count * (self._dims + records.TAIL))
        self._file: BinaryIO = path.open("ab")
        self._matrix = Matrix.of(projection, records.rows(path, self._dims, count))
        if count - len(self) > max(_WORTH, len(self)):
            self._compact()

    def __len__(self) -> int:
        return len(self._matrix.at)

    def versions(self) -> dict[UUID, int]:
        """Of which version of its text each vector is: what is missing here has to be encoded."""
        matrix = self._matrix
        return {id_: matrix.tails[at].version for id_, at in matrix.at.items()}

    def version(self, id_: UUID) -> int | None:
        matrix = self._matrix
        return None if (at := matrix.at.get(id_)) is None else matrix.tails[at].version

    def put(self, vectors: Iterable[Vector]) -> None:
        """Add these or replace what was there; on disk when this returns."""
        self._append([records.packed(*vector, self._dims) for vector in vectors])

    def remove(self, ids: Iterable[UUID]) -> None:
        self._append([records.packed(id_, 0, None, self._dims) for id_ in ids if id_ in self._matrix.at])

    def use(self, projection: Projection) -> None:
        """Compare by this one from now on: a matter of seconds, because nothing is encoded or written."""
        with self._changing:
            self._matrix = self._matrix.compared_by(projection)

    def search(self, asked: Floats, limit: int, among: Collection[UUID] | None = None) -> list[tuple[UUID, float]]:
        """The nearest to a question's vector, the best first; only those in `among`, where it is given."""
        return self._matrix.nearest(asked, limit, self._dots, among)

    def some(self, ids: Iterable[UUID], others: int) -> tuple[Floats, list[UUID]]:
        """The vectors of those of `ids` that are here, and of `others` more: for `projection.fitted` and `learning`."""
        matrix = self._matrix
        wanted = [id_ for id_ in sorted(set(ids)) if id_ in matrix.at]
        rest = sorted(matrix.at.keys() - set(wanted))
        wanted += rest[:: max(1, len(rest) // others)][:others] if others else []
        places = [matrix.at[id_] for id_ in wanted]
        return matrix.rows[places, : self._dims] * matrix.scales[places, None], wanted

    def everything(self) -> tuple[list[UUID], Floats]:
        """All articles and their vectors: four times the file in memory."""
        vectors, ids = self.some(self._matrix.at, 0)
        return ids, vectors

    def close(self) -> None:
        with self._changing:
            self._file.close()

    def _append(self, packed: list[bytes]) -> None:
        if not packed:
            return
        with self._changing:
            self._file.write(b"".join(packed))
            self._file.flush()
            os.fsync(self._file.fileno())
            count = len(self._matrix.rows) + len(packed)
            self._matrix = self._matrix.grown(records.rows(self._path, self._dims, count))

    def _compact(self) -> None:
        """Write the living records to a file beside this one, which then takes its place."""
        beside, matrix = self._path.with_suffix(".new"), self._matrix
        records.create(beside, self._dims, self._encoder)
        with beside.open("ab") as file:
            for at in sorted(matrix.at.values()):
                file.write(matrix.rows[at].tobytes())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._file.close()
        self._file = self._path.open("ab")
        self._matrix = Matrix.of(matrix.projection, records.rows(self._path, self._dims, len(matrix.at)))
