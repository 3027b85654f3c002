"""The aggregate of sla: the clocks of one case, and all that they were computed from."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.sla import Clock
from services.sla.clock import ClockState
from services.sla.cycle import Fact


class Acknowledged(msgspec.Struct, frozen=True):
    """Somebody has taken note of one cycle."""

    clock: Clock
    cycle: int
    at: datetime
    by: str


class CaseClocks(msgspec.Struct, frozen=True, omit_defaults=True):
    """`clocks` follow from everything else. `book` is the version of policies and calendars that holds for what runs,
    `seen_at` until when somebody has looked, `next_at` when a timer has to wake us, for the sweep to look for,
    `due_at` the earliest deadline of what runs, for lists of what is urgent.
    `asked_from` is the institution that asked, `institution` the one that the case is about.
    `starts` and `live` are of all cycles, whatever is promised now: when they began, and whether one goes on.
    """

    case_id: UUID
    number: str = ""
    book: str = ""
    assignee: str | None = None
    asked_from: str | None = None
    facts: tuple[Fact, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    seen_at: datetime | None = None
    clocks: tuple[ClockState, ...] = ()
    next_at: datetime | None = None
    due_at: datetime | None = None
    starts: tuple[datetime, ...] = ()
    live: bool = True

    @property
    def institution(self) -> str | None:
        return next((f.about.institution for f in reversed(self.facts) if f.about and f.about.institution), None)

    @property
    def priority(self) -> str:
        return next((f.about.priority for f in reversed(self.facts) if f.about and f.about.priority), "normal")
