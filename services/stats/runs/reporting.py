"""A report as a job: read an upload in where there is one, count by the definition, write every form that was asked."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

from msgspec.structs import replace

from services.stats.definitions.definition import Definition, read, shipped
from services.stats.engine.counting import count
from services.stats.output import screen
from services.stats.output.summary import summary
from services.stats.output.writing import write_all
from services.stats.periods import period
from services.stats.problem import Problem
from services.stats.report import Checked, Input, ReadIn, Report
from services.stats.runs.ingesting import Say, read_upload
from services.stats.runs.job import Job, refs
from services.stats.runs.model import Outcome, OutputFile, Result, short
from services.stats.runs.process import SCRATCH
from services.stats.sources.table import tables


def report(job: Job, say: Say) -> Result:
    """Raises Problem."""
    definition, out = read(job.source, job.sql), Path(job.out)
    if definition.hash != job.definition_hash:
        raise Problem("报表口径在提交之后变了: 请重新提交任务")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = Path(mkdtemp(prefix=SCRATCH, dir=out))
    try:
        return _report(job, definition, out, scratch, say)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _report(job: Job, definition: Definition, out: Path, scratch: Path, say: Say) -> Result:
    inputs, rows_in, rejected = job.inputs, sum(i.rows for i in job.inputs), 0
    notes: tuple[str, ...] = ()
    if job.upload:
        if len(definition.tables) != 1:
            raise Problem("这张报表要用几张数据表: 请先用 POST /datasets 读入数据, 再按数据集提交")
        ingested, made = read_upload(job, tables()[definition.tables[0]], scratch, say, 0.6)
        inputs, rows_in, rejected, notes = (made,), ingested.rows_in, ingested.rows_rejected, ingested.notes
    begun = 0.65 if job.upload else 0.05
    counted = count(
        definition, period(job.wanted.period), inputs, job.wanted.scope, job.wanted.parameters, scratch,
        memory_mb=job.memory_mb, scratch=scratch, below=job.wanted.below, draft=job.wanted.trial,
        say=lambda stage, done: say(stage, begun + (0.85 - begun) * done), engine=job.engine, url=job.engine_url,
    )  # fmt: skip
    counted = replace(
        counted, origin=_origin(definition), read_in=ReadIn(rows_in, rejected) if job.upload else None
    )  # fmt: skip
    written = write_all(counted, out, job.wanted.forms, lambda stage, done: say(stage, 0.85 + 0.15 * done))
    screen.write(counted, out)
    notes += tuple(w.problem for w in written if w.problem)
    files = tuple(OutputFile(w.form, w.sha256, w.size) for w in written if w.size)
    # What failed its checks is withheld, and alerts and mails would carry the summary's figures past that.
    told = None if counted.verdict == "failed" else summary(counted, job.url)
    return Result(
        rows_in, rows_in - rejected, rejected, counted.rows, counted.sha256, told,
        _outcome(counted, inputs, files, notes),
    )  # fmt: skip


def _origin(definition: Definition) -> Literal["shipped", "desk"]:
    """What is in force is either what ships, or what was approved here in its place."""
    ships = shipped().get(definition.id)
    return "shipped" if ships is not None and ships.hash == definition.hash else "desk"


def _outcome(
    counted: Report, inputs: tuple[Input, ...], files: tuple[OutputFile, ...], notes: tuple[str, ...]
) -> Outcome:
    return Outcome(
        verdict=counted.verdict, checks=tuple(map(_short, counted.checks[:200])), files=files, datasets=refs(inputs),
        notes=short(notes),
        since=counted.period.since.isoformat(), until=counted.period.until.isoformat(),
        facts={"hidden": counted.hidden_marks},
    )  # fmt: skip


def _short(checked: Checked) -> Checked:
    return replace(checked, name=checked.name[:200], found=checked.found[:500])  # as contracts.stats.Found has it
