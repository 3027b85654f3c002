"""What `stats` says about runs (统计任务), and the commands that drive them.

A run is one piece of heavy work in a process of its own: an upload is read into a data set (`ingest`), a report is
counted (`report`), or two ledgers are compared (`reconcile`).
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Contract, Event, Key

Cell = Annotated[str, Field(max_length=200)]
Cells = Annotated[tuple[Cell, ...], Field(max_length=20)]


class ReportTable(Contract):
    """The first rows of a report (汇总表), as they are shown: every cell is a string, numbers are written out.

    `total` is the line below all rows, of which `rows_out` there are; `draw` is the number of the column that a chart
    shows, None where there is none. `url` is where the whole sheet is, for those who are signed in.
    """

    title: Annotated[str, Field(max_length=200)]
    columns: Cells
    rows: Annotated[tuple[Cells, ...], Field(max_length=20)] = ()
    total: Cells = ()
    rows_out: Annotated[int, Field(ge=0)] = 0
    draw: Annotated[int, Field(ge=0)] | None = None
    url: Annotated[str, Field(max_length=500)] = ""


Kind = Literal["report", "ingest", "reconcile"]
Verdict = Literal["passed", "warned", "failed"]
Form = Literal["xlsx", "pdf", "html", "csv", "parquet", "rejects", "zip"]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
CURRENT = "current"
"""In place of an upload: what is counted are data sets."""


class DatasetRef(Contract):
    """A data set (数据集) by the hash of its Parquet."""

    table: Key
    sha256: Sha256
    rows: Annotated[int, Field(ge=0)] = 0


class Wanted(Contract):
    """What is to be counted besides which report: the same wish on the same data sets gives the same bytes.

    `period` is written as in `2026-10`, `2026-Q3`, `2026`, `2026-01..09`, `2026-10-31`; `institutions` and `districts`
    are those whose rows count, None is all. `below` hides cells of fewer persons. `trial` is a definition that is not
    in force. `datasets` empty means the ones that are registered when the run starts.
    """

    period: Annotated[str, Field(max_length=20)] = ""
    parameters: dict[str, Annotated[str, Field(max_length=200)]] = Field({})
    datasets: Annotated[tuple[DatasetRef, ...], Field(max_length=2_000)] = ()
    institutions: Annotated[tuple[Code, ...], Field(max_length=2_000)] | None = None
    districts: Annotated[tuple[Code, ...], Field(max_length=200)] | None = None
    below: Annotated[int, Field(ge=0, le=100)] = 0
    trial: bool = False
    forms: Annotated[tuple[Form, ...], Field(max_length=6)] = ("xlsx",)
    name: Annotated[str, Field(max_length=255)] = ""


class FollowUp(Contract):
    """A report that is counted when the run before it has ended well."""

    report: Key
    wanted: Wanted = Field(default_factory=Wanted)
    then: Annotated[tuple["FollowUp", ...], Field(max_length=10)] = ()


class Found(Contract):
    """What a check of the result found."""

    name: Annotated[str, Field(max_length=200)]
    ok: bool
    severity: Literal["fail", "warn"] = "fail"
    found: Annotated[str, Field(max_length=500)] = ""


class OutputFile(Contract):
    """A file of the result."""

    form: Form
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class Outcome(Contract):
    """What a run has come to besides its rows. `notes` are those of reading a file, `facts` figures by name."""

    verdict: Verdict = "passed"
    checks: Annotated[tuple[Found, ...], Field(max_length=200)] = ()
    files: Annotated[tuple[OutputFile, ...], Field(max_length=10)] = ()
    datasets: Annotated[tuple[DatasetRef, ...], Field(max_length=2_000)] = ()
    made: DatasetRef | None = None
    since: Annotated[str, Field(max_length=40)] = ""
    until: Annotated[str, Field(max_length=40)] = ""
    notes: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    facts: dict[str, int | str] = Field({})


class RunEvent(Event):
    """`report` names a definition (口径), a table for `ingest`; `requested_by` is who waits for the result."""

    run_id: UUID
    report: Key
    requested_by: str = ""


class RunRequested(RunEvent):
    """`upload_id` is the SHA-256 of the upload that is counted, or `current` for data sets."""

    type: Literal["stats.requested"] = "stats.requested"
    upload_id: Key
    definition_hash: str
    kind: Kind = "report"
    wanted: Wanted = Field(default_factory=Wanted)
    reworks: UUID | None = None
    after: UUID | None = None
    schedule: UUID | None = None


class RunProgressed(RunEvent):
    """`done` is the share of the work that is behind, 0 to 1; `stage` says in Chinese what is done now."""

    type: Literal["stats.progressed"] = "stats.progressed"
    stage: str
    done: Annotated[float, Field(ge=0, le=1)]


class RunFinished(RunEvent):
    """Rows in = rows accepted + rows rejected, always. `output_sha256` is the hash of what was counted: of the data,
    not of a file that shows it, whose own hashes stand in `outcome.files`.
    """

    type: Literal["stats.finished"] = "stats.finished"
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: ReportTable | None = None

    kind: Kind = "report"
    outcome: Outcome | None = None


class RunFailed(RunEvent):
    type: Literal["stats.failed"] = "stats.failed"
    reason: str


class RunCancelled(RunEvent):
    """Stopped by `actor` (取消)."""

    type: Literal["stats.cancelled"] = "stats.cancelled"
    reason: str = ""


class RunCommented(RunEvent):
    """A word about the result: why it is reworked, or why it is handed over with a warning."""

    type: Literal["stats.commented"] = "stats.commented"
    text: Words
    decision: Literal["", "rework", "accept"] = ""


class RunTaken(RunEvent):
    """`actor` took a file of the result away: the access log."""

    type: Literal["stats.taken"] = "stats.taken"
    form: Form


class RunExpired(RunEvent):
    """The files were kept as long as agreed and are gone; the run and its figures' hash stay."""

    type: Literal["stats.expired"] = "stats.expired"


class RunCommand(Command):
    run_id: UUID


class RequestRun(RunCommand):
    """`definition_hash` empty means the one that is in force. `then` are requested when this run has ended well.

    `reworks` is the run whose result was not good enough, `after` the one that this follows upon, `schedule` the
    schedule that asks for it.
    """

    type: Literal["stats.command.request"] = "stats.command.request"
    report: Key
    upload_id: Key
    kind: Kind = "report"
    definition_hash: Annotated[str, Field(max_length=64)] = ""
    wanted: Wanted = Field(default_factory=Wanted)
    reworks: UUID | None = None
    after: UUID | None = None
    schedule: UUID | None = None
    then: Annotated[tuple[FollowUp, ...], Field(max_length=10)] = ()


class ReportProgress(RunCommand):
    """`datasets` are those that are counted, said once when the work begins."""

    type: Literal["stats.command.progress"] = "stats.command.progress"
    stage: str
    done: Annotated[float, Field(ge=0, le=1)]
    datasets: Annotated[tuple[DatasetRef, ...], Field(max_length=2_000)] = ()


class FinishRun(RunCommand):
    type: Literal["stats.command.finish"] = "stats.command.finish"
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: ReportTable | None = None
    outcome: Outcome | None = None


class FailRun(RunCommand):
    type: Literal["stats.command.fail"] = "stats.command.fail"
    reason: str


class CancelRun(RunCommand):
    type: Literal["stats.command.cancel"] = "stats.command.cancel"
    reason: Annotated[str, Field(max_length=500)] = ""


class CommentRun(RunCommand):
    """`accept` hands a result over whose checks failed or warned; `rework` says that it is to be counted anew."""

    type: Literal["stats.command.comment"] = "stats.command.comment"
    text: Words
    decision: Literal["", "rework", "accept"] = ""


class TakeOutput(RunCommand):
    """Said before a file is handed out, so that nothing is taken that is not in the log."""

    type: Literal["stats.command.take"] = "stats.command.take"
    form: Form


class ExpireRun(RunCommand):
    type: Literal["stats.command.expire"] = "stats.command.expire"
