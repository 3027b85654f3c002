"""What figures are made of: the part of any event that they need, and what they keep of it. Pure."""

from datetime import datetime
from typing import NamedTuple

import msgspec


class By(msgspec.Struct):
    id: str = ""


class Told(msgspec.Struct):
    """The part of any event that figures are made of; decoded from the stream, whatever else is in it."""

    type: str
    version: int
    recorded_at: datetime
    actor: By = msgspec.field(default_factory=By)
    case_id: str | None = None
    number: str = ""
    institution_code: str | None = None
    category: str = ""
    clock: str = ""
    cycle: int = 0
    in_time: bool = False
    alert_id: str = ""
    audience: str = ""
    delivery: int = 0
    outcome: str = ""
    receipt: str = ""
    next: str = ""
    outage_id: str | None = None
    obligation_id: str | None = None
    title: str = ""
    holder_name: str = ""
    period: str = ""
    due_at: datetime | None = None
    open: int = 0


class Case(NamedTuple):
    version: int
    institution: str
    category: str
    open: bool


class Outage(NamedTuple):
    version: int
    at: datetime
    number: str
    title: str
    state: str


class Due(NamedTuple):
    version: int
    title: str
    holder_name: str
    period: str
    due_at: datetime
    open: int


class Mine(NamedTuple):
    """Alerts of an audience: new ones, and those of them that nobody has read, or taken on; `failed` never came."""

    new: int = 0
    unread: int = 0
    unacknowledged: int = 0
    failed: int = 0


class Sums(NamedTuple):
    """Cases opened and resolved in the period, open at its end; promises of a first response kept and missed."""

    opened: int = 0
    resolved: int = 0
    open: int = 0
    kept: int = 0
    missed: int = 0

    @property
    def attainment(self) -> float | None:
        """The share of the promises that were kept; None where none was due."""
        return self.kept / (self.kept + self.missed) if self.kept + self.missed else None
