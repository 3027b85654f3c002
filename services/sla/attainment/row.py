"""A row of the evidence (明细): one cycle of one clock, and what became of its promise."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec

from chassis.zone import BEIJING
from contracts.sla import Clock

Outcome = Literal["kept", "late", "exempted", "open", "void"]
OUTCOMES: dict[Outcome, str] = {"kept": "达成", "late": "超时", "exempted": "免责", "open": "未到期", "void": "不计"}
"""`open`: not due yet. `void`: ended before it was due without anybody having to keep it."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """`counted_s` is the open time that was counted until its end, or `as_of`; `exempted_s` is how much of it lies
    in approved exemptions. What is said of the case is what was known when the cycle ended. Times are UTC.
    """

    case_id: UUID
    number: str
    clock: Clock
    cycle: int
    policy: str
    edition: str
    calendar: str
    contract: str | None
    institution: str | None
    category: str | None
    priority: str | None
    engineer: str | None
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    within_s: float
    counted_s: float
    exempted_s: float
    outcome: Outcome

    @property
    def key(self) -> tuple[UUID, Clock, int]:
        return self.case_id, self.clock, self.cycle

    @property
    def month(self) -> str:
        """The month of its start, in Beijing: whenever it ends, it counts there."""
        return f"{self.started_at.astimezone(BEIJING):%Y-%m}"


class Digest:
    """One number for many rows, in whatever order they come: the SHA-256 of their sorted SHA-256s."""

    def __init__(self, rows: Iterable[msgspec.Struct] = ()) -> None:
        self._rows: list[bytes] = []
        for row in rows:
            self.add(row)

    def add(self, row: msgspec.Struct) -> None:
        self._rows.append(sha256(msgspec.json.encode(row)).digest())

    @property
    def hex(self) -> str:
        return sha256(b"".join(sorted(self._rows))).hexdigest()
