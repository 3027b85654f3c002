"""Reading an upload into a data set, as a job of its own or before a report on that upload alone."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from services.stats.lists.counts import TABLE as LISTS
from services.stats.lists.counts import counts
from services.stats.periods import period
from services.stats.places import COUNTS, FORMS
from services.stats.problem import Problem
from services.stats.report import Input
from services.stats.runs.job import Job
from services.stats.runs.model import DatasetRef, Outcome, Result, short
from services.stats.runs.process import SCRATCH
from services.stats.sources.external import fetch
from services.stats.sources.ingest.reading import Ingested, read
from services.stats.sources.table import Table, tables

Say = Callable[[str, float], None]
GIVEN = "given."
"""How the parameters begin that are cells of every row; see `sources.ingest.given`."""
_MOST_REASONS = 50


def ingest(job: Job, say: Say) -> Result:
    """Raises Problem when the file cannot be read at all; a row that cannot be read is rejected."""
    table, out = tables()[job.report], Path(job.out)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = Path(mkdtemp(prefix=SCRATCH, dir=out))
    try:
        ingested, made = read_upload(job, table, scratch, say, 0.95)
        kept = _keep(made, Path(job.datasets) / table.name)
        if table.name == LISTS:
            told = counts([*(Path(i.path) for i in job.inputs), kept])
            (out / COUNTS).write_bytes(msgspec.json.encode(told))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Result(
        ingested.rows_in, ingested.rows_accepted, ingested.rows_rejected, ingested.rows_accepted, made.sha256, None,
        Outcome(
            verdict="warned" if ingested.rows_rejected else "passed",
            made=DatasetRef(made.table, made.sha256, made.rows) if made.rows or not ingested.rows_in else None,
            since=ingested.since, until=ingested.until, notes=short(ingested.notes),
            facts=dict(list(ingested.reasons.items())[:_MOST_REASONS]),
        ),
    )  # fmt: skip


def read_upload(job: Job, table: Table, scratch: Path, say: Say, share: float) -> tuple[Ingested, Input]:
    """Read the job's upload; the rejects lie in the run's folder, the data set still in `scratch`."""
    ingested = _read(job, table, scratch, lambda done: say("读取并核对数据", done * share))
    (scratch / FORMS["rejects"]).replace(Path(job.out) / FORMS["rejects"])
    path = scratch / f"{ingested.sha256}.parquet"
    return ingested, Input(table.name, ingested.sha256, ingested.rows_accepted, str(path), job.wanted.name)


def _read(job: Job, table: Table, scratch: Path, progress: Callable[[float], None]) -> Ingested:
    key = bytes.fromhex(job.key)
    if job.database:
        span = period(job.wanted.period)
        return fetch(
            job.database, job.from_table, table, scratch, key=key, memory_mb=job.memory_mb, progress=progress,
            since=span.since if span.text else None, until=span.until if span.text else None,
        )  # fmt: skip
    source = Path(job.upload)
    if not source.is_file():
        raise Problem("上传的文件已不在服务器上: 请重新上传后再提交")
    return read(
        source, job.wanted.name, table, scratch, key=key, memory_mb=job.memory_mb, progress=progress,
        headerless=job.wanted.parameters.get("headerless") == "1", layout=job.wanted.parameters.get("layout", ""),
        empty=job.wanted.parameters.get("empty") == "1",
        given={k.removeprefix(GIVEN): v for k, v in job.wanted.parameters.items() if k.startswith(GIVEN)},
    )  # fmt: skip


def _keep(made: Input, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(made.path).replace(folder / f"{made.sha256}.parquet")
