"""What the service and a report's process say to each other: a job in, lines of JSON out."""

from pathlib import Path
from uuid import UUID

import msgspec

from services.stats.model import Result

SHEET, REJECTS = "output.xlsx", "rejects.csv"


class Job(msgspec.Struct, frozen=True):
    """`out` is the directory of the run; all paths are absolute. `url` is where people will find the sheet."""

    report: str
    definition_hash: str
    upload_id: str
    source: str
    out: str
    memory_mb: int
    url: str = ""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the process's output: progress, or in the last line a result or a problem."""

    stage: str = ""
    done: float = 0.0
    result: Result | None = None
    problem: str = ""


def upload_path(data_dir: Path, upload_id: str) -> Path:
    return data_dir.resolve() / "stats" / "uploads" / f"{upload_id}.csv"


def run_dir(data_dir: Path, run_id: UUID) -> Path:
    return data_dir.resolve() / "stats" / "runs" / str(run_id)
