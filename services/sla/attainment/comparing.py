"""Two ways to the same rows, compared cycle by cycle."""

from collections.abc import Iterable
from typing import NamedTuple

from services.sla.attainment.duties import Duty
from services.sla.attainment.retold import told
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


def other_duties(stored: Iterable[Duty], again: Iterable[Duty]) -> list[Duty]:
    """The items of obligations that are not the same in both, as whoever has them tells."""
    ours, theirs = {told(duty): duty for duty in stored}, {told(duty): duty for duty in again}
    return [(ours | theirs)[one] for one in sorted(ours.keys() ^ theirs.keys(), key=str)]
