"""The aggregate: one duty of one holder in one period. What was heard is kept; everything else follows from it.

What was heard is sets in order of time, so the same in any order of arrival ends in the same state.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.obligation import Each, ItemState
from contracts.sla import Target


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.obligation.ObligationStep`."""

    label: str
    at: datetime
    tell: tuple[Target, ...] = ()
    least: int = 0
    left: int = 0


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    key: str
    name: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.obligation.ObligationPlan`."""

    definition: str
    title: str
    todo: str
    each: Each
    holder: str
    holder_name: str
    period: str
    opens_at: datetime
    due_at: datetime
    steps: tuple[Step, ...]
    items: tuple[Planned, ...]
    calendar: str
    edition: str
    by_progress: bool = False
    least: int = 0
    most: int = 0
    since: datetime | None = None

    @property
    def belated(self) -> bool:
        """Its deadline had passed when it was planned so: what lies before is told to nobody."""
        return self.since is not None and self.due_at <= self.since


class Decision(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """Somebody said so: done, waived, or open again; `note` is the key of the words in `Occurrence.texts`."""

    at: datetime
    state: ItemState
    by: str
    note: str = ""


class Point(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A report of progress; there are many."""

    at: datetime
    done: int
    of: int


class File(msgspec.Struct, frozen=True, order=True):
    sha256: str
    name: str
    size: int
    media_type: str


class Evidence(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """`id` is that of the command, so that the same piece is one."""

    at: datetime
    id: UUID
    by: str
    note: str = ""
    file: File | None = None


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One institution's part. `since` is when it came to be done or waived, `explicit` whether somebody said so.

    `planned` is false when the contract has lost the institution: it does not count, what was heard of it stays.
    """

    key: str
    name: str = ""
    planned: bool = False
    decisions: tuple[Decision, ...] = ()
    points: tuple[Point, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    state: ItemState = "open"
    since: datetime | None = None
    done: int = 0
    of: int = 0


class Acknowledged(msgspec.Struct, frozen=True, order=True):
    at: datetime
    by: str


class Occurrence(msgspec.Struct, frozen=True):
    """`seen_at` is until when somebody has looked; `next_at` when a timer has to wake us, `next_label` for what.

    `texts` are the words of decisions by their hash, each kept once for however many items it was said. `spent` counts
    the bytes of what was said about it. `silenced`: somebody has taken note, and it still holds.
    """

    obligation_id: UUID
    plan: Plan
    planned_at: datetime
    seen_at: datetime
    items: tuple[Item, ...] = ()
    acknowledged: Acknowledged | None = None
    texts: dict[str, str] = {}
    spent: int = 0
    silenced: bool = False
    state: Literal["open", "completed", "dropped"] = "open"
    completed_at: datetime | None = None
    overdue: bool = False
    next_at: datetime | None = None
    next_label: str = ""

    @property
    def planned(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.planned)

    @property
    def open(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.planned and item.state == "open")

    def count(self, state: ItemState) -> int:
        return sum(item.planned and item.state == state for item in self.items)
