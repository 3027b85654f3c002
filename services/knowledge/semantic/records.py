"""The file of vectors: a head, then one record after the other, each with a sum that says whether it is whole.

A record is a row of bytes: the vector, one byte a number, and after it whose it is. A later record of the same id
replaces an earlier one; one of scale 0 says that it is gone. So a change is an append, and a crash costs its end only.
"""

import struct
import zlib
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.knowledge.semantic.dots import Bytes

_HEAD: Final = struct.Struct(">8sI52s")
_MAGIC: Final = b"YBVEC\x00\x00\x01"
_TAIL: Final = struct.Struct(">16sIf36xI")
HEAD, TAIL = _HEAD.size, _TAIL.size
"""64 both, so that records begin where the processor reads at once: half the time of a search."""


class Tail(NamedTuple):
    """`version` is the one of the text that was encoded; `scale` is what a byte of 1 stands for."""

    id: UUID
    version: int
    scale: float


def create(path: Path, dims: int, encoder: str) -> None:
    path.write_bytes(_HEAD.pack(_MAGIC, dims, encoder.encode()[:52]))


def fits(path: Path, dims: int, encoder: str) -> bool:
    """Whether this file holds vectors of this encoder."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return file.read(HEAD) == _HEAD.pack(_MAGIC, dims, encoder.encode()[:52])


def packed(id_: UUID, version: int, vector: NDArray[np.float32] | None, dims: int) -> bytes:
    """The record of a vector; None is of one that is gone."""
    row, scale = bytes(dims), 0.0
    if vector is not None:
        scale = float(np.abs(vector).max()) / 127 or 1.0
        row = np.rint(vector / scale).astype(np.int8).tobytes()
    said = row + _TAIL.pack(id_.bytes, version, scale, 0)[:-4]
    return said + struct.pack(">I", zlib.crc32(said))


def rows(path: Path, dims: int, count: int) -> Bytes:
    """The first `count` records as a matrix in shared memory, their tails in its last columns."""
    width = dims + TAIL
    if not count:
        return np.zeros((0, width), np.int8)
    return np.asarray(np.memmap(path, np.int8, "r", HEAD, (count, width)))


def whole(path: Path, dims: int) -> int:
    """How many records from the first on are whole; what follows was being written when the power went."""
    width = dims + TAIL
    count = max(0, path.stat().st_size - HEAD) // width
    for at, row in enumerate(rows(path, dims, count)):
        told = row.tobytes()
        if zlib.crc32(told[:-4]) != int.from_bytes(told[-4:]):
            return at
    return count


def tail(row: Bytes) -> Tail:
    id_, version, scale, _ = _TAIL.unpack(row[-TAIL:].tobytes())
    return Tail(UUID(bytes=id_), version, scale)
