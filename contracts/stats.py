"""What `stats` says about report runs (统计任务), and the commands that drive them."""

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


class RunEvent(Event):
    """`report` names a definition (口径), `requested_by` the member of staff who waits for the result."""

    run_id: UUID
    report: Key
    requested_by: str = ""


class RunRequested(RunEvent):
    type: Literal["stats.requested"] = "stats.requested"
    upload_id: Key
    definition_hash: str


class RunProgressed(RunEvent):
    """`done` is the share of the work that is behind, 0 to 1; `stage` says in Chinese what is done now."""

    type: Literal["stats.progressed"] = "stats.progressed"
    stage: str
    done: Annotated[float, Field(ge=0, le=1)]


class RunFinished(RunEvent):
    """Rows in = rows accepted + rows rejected, always. `output_sha256` is the XLSX's hash."""

    type: Literal["stats.finished"] = "stats.finished"
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: ReportTable | None = None


class RunFailed(RunEvent):
    type: Literal["stats.failed"] = "stats.failed"
    reason: str


class RunCommand(Command):
    run_id: UUID


class RequestRun(RunCommand):
    type: Literal["stats.command.request"] = "stats.command.request"
    report: Key
    upload_id: Key


class ReportProgress(RunCommand):
    type: Literal["stats.command.progress"] = "stats.command.progress"
    stage: str
    done: Annotated[float, Field(ge=0, le=1)]


class FinishRun(RunCommand):
    type: Literal["stats.command.finish"] = "stats.command.finish"
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_out: int
    output_sha256: str
    summary: ReportTable | None = None


class FailRun(RunCommand):
    type: Literal["stats.command.fail"] = "stats.command.fail"
    reason: str
