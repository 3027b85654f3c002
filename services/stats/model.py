"""A run (统计任务) as stats knows it: what was asked, how far it is, what came out."""

from datetime import datetime
from typing import Literal

import msgspec

Status = Literal["expected", "requested", "running", "finished", "failed"]


class Table(msgspec.Struct, frozen=True):
    """See `contracts.stats.ReportTable`."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    total: tuple[str, ...] = ()
    rows_out: int = 0
    draw: int | None = None
    url: str = ""


class Result(msgspec.Struct, frozen=True):
    """See `contracts.stats.RunFinished`."""

    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: Table | None = None


class Run(msgspec.Struct, frozen=True):
    """`expected` is a run of which an outcome was heard before its request; it says nothing until then."""

    status: Status = "expected"
    report: str = ""
    upload_id: str = ""
    definition_hash: str = ""
    requested_by: str = ""
    requested_at: datetime | None = None
    ended_at: datetime | None = None
    done: float = 0.0
    stage: str = ""
    result: Result | None = None
    reason: str | None = None

    @property
    def progress(self) -> float:
        """The share of the work that is behind, 0 to 1."""
        return 1.0 if self.status == "finished" else self.done

    @property
    def ended(self) -> bool:
        return self.status in ("finished", "failed")
