"""A run (统计任务) as stats knows it: what was asked, how far it is, what came out. See `contracts.stats`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from services.stats.report import Checked, Scope, Verdict

Status = Literal["expected", "requested", "running", "finished", "failed", "cancelled"]
Kind = Literal["report", "ingest", "reconcile"]
CURRENT = "current"
_MOST_NOTES, _LONGEST_NOTE = 100, 500


class Table(msgspec.Struct, frozen=True):
    """The first rows of a report as an alert shows them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    total: tuple[str, ...] = ()
    rows_out: int = 0
    draw: int | None = None
    url: str = ""


class DatasetRef(msgspec.Struct, frozen=True):
    table: str
    sha256: str
    rows: int = 0


class Wanted(msgspec.Struct, frozen=True):
    """What is counted besides which report."""

    period: str = ""
    parameters: dict[str, str] = {}
    datasets: tuple[DatasetRef, ...] = ()
    institutions: tuple[str, ...] | None = None
    districts: tuple[str, ...] | None = None
    below: int = 0
    trial: bool = False
    forms: tuple[str, ...] = ("xlsx",)
    name: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(self.institutions, self.districts)


class OutputFile(msgspec.Struct, frozen=True):
    form: str
    sha256: str
    size: int


class Outcome(msgspec.Struct, frozen=True):
    verdict: Verdict = "passed"
    checks: tuple[Checked, ...] = ()
    files: tuple[OutputFile, ...] = ()
    datasets: tuple[DatasetRef, ...] = ()
    made: DatasetRef | None = None
    since: str = ""
    until: str = ""
    notes: tuple[str, ...] = ()
    facts: dict[str, int | str] = {}


class Result(msgspec.Struct, frozen=True):
    """Rows in = rows accepted + rows rejected, always. `output_sha256` is the hash of the counted data."""

    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: Table | None = None
    outcome: Outcome | None = None


class Comment(msgspec.Struct, frozen=True):
    """A word on the result; `accept` hands it over in spite of its checks."""

    at: datetime
    by: str
    text: str
    decision: Literal["", "rework", "accept"] = ""


class Run(msgspec.Struct, frozen=True):
    """`expected` is a run of which an outcome was heard before its request; it says nothing until then.

    `then` are the wishes for the runs after this one, as they were said; `taken` counts files that were handed out.
    """

    status: Status = "expected"
    kind: Kind = "report"
    report: str = ""
    upload_id: str = ""
    definition_hash: str = ""
    wanted: Wanted = Wanted()
    requested_by: str = ""
    requested_at: datetime | None = None
    ended_at: datetime | None = None
    done: float = 0.0
    stage: str = ""
    datasets: tuple[DatasetRef, ...] = ()
    result: Result | None = None
    reason: str | None = None
    cancelled_by: str = ""
    comments: tuple[Comment, ...] = ()
    taken: int = 0
    expired_at: datetime | None = None
    reworks: UUID | None = None
    after: UUID | None = None
    schedule: UUID | None = None
    then: tuple[dict[str, Any], ...] = ()

    @property
    def progress(self) -> float:
        """The share of the work that is behind, 0 to 1."""
        return 1.0 if self.status == "finished" else self.done

    @property
    def ended(self) -> bool:
        return self.status in ("finished", "failed", "cancelled")

    @property
    def verdict(self) -> Verdict | None:
        """What the checks decided; None while there is no result."""
        if self.status != "finished" or self.result is None:
            return None
        return self.result.outcome.verdict if self.result.outcome else "passed"

    @property
    def accepted(self) -> bool:
        return any(comment.decision == "accept" for comment in self.comments)

    @property
    def may_be_handed_over(self) -> bool:
        """Whether the result is good enough for whoever asked for it."""
        return self.verdict in ("passed", "warned") or (self.verdict == "failed" and self.accepted)


class Agreed(msgspec.Struct, frozen=True):
    """What the store found for a request: the hash of what the report counts by, empty where there is no such report.

    `trial` are the versions that a trial may take although they are not in force.
    """

    in_force: str = ""
    trial: tuple[str, ...] = ()


def short(notes: Sequence[str]) -> tuple[str, ...]:
    """As many and as long as stand in the run's messages."""
    return tuple(note[:_LONGEST_NOTE] for note in notes[:_MOST_NOTES])
