"""A generation that is being built beside the one that serves: quick, with memory that it gives back afterwards."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from chassis.position import Position
from contracts.knowledge import ArticleEvent
from services.knowledge.search.generation import Generation
from services.knowledge.search.schema import FORMAT

HEAP, THREADS = 120_000_000, min(4, os.cpu_count() or 1)


class Building:
    """Without a position file until it is finished, so that a crash leaves nothing that could serve."""

    def __init__(self, folder: Path, stream: str) -> None:
        self._stream = stream
        self._generation = Generation(folder, HEAP, THREADS)
        self._generation.keys = {}

    @property
    def documents(self) -> int:
        return len(self._generation.keys or ())

    def take(self, events: Iterable[ArticleEvent]) -> None:
        self._generation.take(events)

    def finished(self, sequence: int) -> Generation:
        """The generation, committed up to `sequence`, open for the small changes of every day."""
        self._generation.commit(Position(FORMAT, self._stream, sequence))
        self._generation.close()
        return Generation(self._generation.folder)

    def given_up(self) -> None:
        with suppress(Exception):  # a writer that has failed is of no use any more
            self._generation.close()
        self._generation.delete()
