"""Two ways to the same rows, compared cycle by cycle."""

from collections.abc import Iterable
from typing import NamedTuple

from services.sla.attainment.row import Row


class Difference(NamedTuple):
    """One cycle that is not the same in both; None where one does not have it."""

    stored: Row | None
    again: Row | None

    @property
    def row(self) -> Row:
        row = self.stored or self.again
        assert row is not None
        return row

    @property
    def fields(self) -> list[str]:
        """What differs; empty where one has no such cycle."""
        if self.stored is None or self.again is None:
            return []
        return [n for n in Row.__struct_fields__ if getattr(self.stored, n) != getattr(self.again, n)]


def differences(stored: Iterable[Row], again: Iterable[Row]) -> list[Difference]:
    """The cycles that differ, by their start."""
    ours, theirs = {row.key: row for row in stored}, {row.key: row for row in again}
    found = [
        Difference(ours.get(key), theirs.get(key))
        for key in ours.keys() | theirs.keys()
        if ours.get(key) != theirs.get(key)
    ]
    return sorted(found, key=lambda difference: (difference.row.started_at, *difference.row.key))
