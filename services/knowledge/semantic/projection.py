"""What is learned from who found what: how a question is turned before it is compared. Pure, the same by its seed.

Documents stay as the encoder made them. They are compared with their mean taken off and their main directions
damped (what all texts of a desk share says nothing), and a question is first mapped to where its answers lie.
"""

import io
import json
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FORMAT: Final = 1
DAMPING: Final = 0.25
"""Each main direction is divided by its variance to this power; 0.5 would make all alike, noise included."""


class NoProjection(Exception):
    """This file holds none that can be used."""


class Projection(NamedTuple):
    """`mean` [d] and `space` [d, d]: how vectors are compared; `turn` [d, d]: how questions are mapped there.

    `about` says what it was made of and how well it did.
    """

    mean: Floats
    space: Floats
    turn: Floats
    about: dict[str, Any]

    @property
    def dims(self) -> int:
        return len(self.mean)

    def placed(self, vectors: Floats) -> Floats:
        """Vectors as they are compared."""
        return unit(((vectors - self.mean) @ self.space).astype(np.float32))

    def turned(self, placed: Floats) -> Floats:
        return unit(placed @ self.turn.T)

    def lengths(self, vectors: Floats) -> Floats:
        """What the products of `direction` have to be divided by, to be cosines."""
        made: Floats = np.maximum(np.linalg.norm((vectors - self.mean) @ self.space, axis=1), 1e-6)
        return made

    def direction(self, asked: Floats) -> tuple[Floats, float]:
        """A vector and a number: product with a document's vector, plus the number, is what it scores."""
        turned = self.turned(self.placed(asked[None]))[0]
        vector: Floats = self.space @ turned
        return vector, -float(vector @ self.mean)


def plain(dims: int) -> Projection:
    """Nothing learned: the cosine of the vectors as they are."""
    same = np.eye(dims, dtype=np.float32)
    return Projection(np.zeros(dims, np.float32), same, same, {"learned": False})


def fitted(vectors: Floats) -> Projection:
    """Compares as these documents suggest; questions are not turned yet."""
    mean = vectors.mean(axis=0)
    values, directions = np.linalg.eigh(np.cov(vectors - mean, rowvar=False))
    damped = np.maximum(values, values.max() * 1e-6) ** -DAMPING
    space = (directions * damped) @ directions.T
    dims = len(mean)
    return Projection(mean, space.astype(np.float32), np.eye(dims, dtype=np.float32), {"learned": False})


def unit(vectors: Floats) -> Floats:
    made: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return made


def dumped(projection: Projection) -> bytes:
    """As a file."""
    held = io.BytesIO()
    about = json.dumps({"format": FORMAT, **projection.about})
    np.savez(held, mean=projection.mean, space=projection.space, turn=projection.turn, about=np.array(about))
    return held.getvalue()


def loaded(data: bytes) -> Projection:
    """Raises NoProjection."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            found = Projection(held["mean"], held["space"], held["turn"], about)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise NoProjection(str(error)) from None
    if about.get("format") != FORMAT or found.space.shape != (found.dims, found.dims):
        raise NoProjection("made by another version")
    return found


def save(projection: Projection, path: Path) -> None:
    """A crash leaves the former one or this one."""
    beside = path.with_suffix(".new")
    beside.write_bytes(dumped(projection))
    beside.replace(path)


def load(path: Path) -> Projection:
    """Raises NoProjection."""
    try:
        return loaded(path.read_bytes())
    except OSError as error:
        raise NoProjection(str(error)) from None
