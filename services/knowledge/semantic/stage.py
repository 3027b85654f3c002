"""The semantic stage of one process: the vectors of all articles, level with the index, compared by what was learned.

It follows the index and holds nothing that cannot be built again. Calls block; one thread keeps it level, any number
search. Where it is not installed, or not ready yet, search goes by words alone.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import numpy as np

from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.model import Entry
from services.knowledge.semantic.dots import Dots, by_numpy, by_onnx
from services.knowledge.semantic.encoder import About, Encoder
from services.knowledge.semantic.projection import Floats, Projection, plain
from services.knowledge.semantic.vectors import Vector, VectorFile

AT_ONCE: Final = 256
"""So many articles are encoded before their vectors are on disk."""
ASKED: Final = 1_000
"""Characters of a question that are read; the encoder takes fewer."""
FEW, SAMPLE, APART, SURE = 50, 400, 2.0, 0.75
"""What is no more alike than two articles taken by lot is left out: by so many standard deviations, in a sample of so
many. Fewer articles than `FEW` say nothing about that: then it has to be sure."""


class Index(Protocol):
    """What the stage follows."""

    def changed(self) -> set[UUID] | None:
        """The articles that were said anew since this was asked last; None where it may be any."""
        ...

    def known(self) -> dict[UUID, int]: ...

    def find(self, article_ids: list[UUID], viewer: Viewer) -> list[Entry]: ...


class Encodes(Protocol):
    about: About

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row of length one for each text."""
        ...


class Stage:
    def __init__(self, encoder: Encodes, data: Path, dots: Dots = by_numpy) -> None:
        """`data` is where this process keeps its vectors."""
        self._encoder, self.about = encoder, encoder.about
        self.projection = plain(self.about.dims)
        self._vectors = VectorFile(data / "vectors", self.about.sha256, self.projection, dots)
        self.waiting = 0
        self._floor, self._floor_of = SURE, 0  # of how many articles
        self._broken_off = False  # the last time it did not come to its end, as on a full disk: look through all then

    @classmethod
    def of(cls, folder: Path, data: Path) -> "Stage":
        """With an exported encoder. Raises NoEncoder."""
        return cls(Encoder(folder), data, by_onnx(folder))

    def __len__(self) -> int:
        return len(self._vectors)

    def nearest(self, text: str, limit: int) -> list[tuple[UUID, float]]:
        """The articles that mean nearly what `text` means, the best first."""
        if not len(self._vectors):
            return []
        found = self._vectors.search(self._encoder.encode([text[:ASKED]])[0], limit)
        return [(id_, alike) for id_, alike in found if alike >= self._floor]

    def use(self, projection: Projection) -> None:
        """Compare by this one from now on."""
        self.projection = projection
        self._vectors.use(projection)
        self._floor, self._floor_of = self._unlike(), len(self)

    def follow(self, index: Index) -> int:
        """Take in what has changed in the index since the last time; returns how many texts were encoded."""
        ids = index.changed()
        if ids is None or self._broken_off:
            known = index.known()
            self._vectors.remove(set(self._vectors.versions()) - known.keys())
            ids = set(known)
        encoded, self.waiting, self._broken_off = 0, len(ids), True
        for some in _by_lots(sorted(ids)):
            encoded += self._take(some, index.find(some, Viewer(ENGINEERS)))
            self.waiting -= len(some)
        self._broken_off = False
        if abs(len(self) - self._floor_of) > self._floor_of // 10:
            self._floor, self._floor_of = self._unlike(), len(self)
        return encoded

    def some(self, ids: Iterable[UUID], others: int) -> tuple[Floats, list[UUID]]:
        """The vectors of these articles, and of so many others."""
        return self._vectors.some(ids, others)

    def encoded(self, texts: Sequence[str]) -> Floats:
        return self._encoder.encode(texts)

    def _unlike(self) -> float:
        """How alike two articles are that have nothing to do with each other, at most."""
        sample, ids = self._vectors.some((), SAMPLE)
        if len(ids) < FEW:
            return SURE
        placed = self.projection.placed(sample)
        pairs = (placed @ self.projection.turned(placed).T)[~np.eye(len(ids), dtype=bool)]
        return float(pairs.mean() + APART * pairs.std())

    def _take(self, ids: list[UUID], entries: list[Entry]) -> int:
        self._vectors.remove(set(ids) - {entry.article_id for entry in entries})
        texts = {entry.article_id: text_of(entry) for entry in entries}
        new = {id_: text for id_, text in texts.items() if self._vectors.version(id_) != _sum(text)}
        encoded = self._encoder.encode(list(new.values()))
        rows = zip(new.items(), encoded, strict=True)
        self._vectors.put(Vector(id_, _sum(text), row) for (id_, text), row in rows)
        return len(new)


def text_of(entry: Entry) -> str:
    """What of an article is encoded: the beginning says what it is about."""
    return "\n".join(filter(None, (entry.title, entry.question if entry.question != entry.title else "", entry.answer)))


def _sum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _by_lots(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some
