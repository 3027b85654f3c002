"""A reconciliation as a job: a hospital's ledger against the centre's, into differences, a workbook, national TXT."""

import shutil
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from services.stats.periods import period
from services.stats.places import FORMS
from services.stats.problem import Problem
from services.stats.reconcile import layout, writing
from services.stats.reconcile.comparing import Compared, compare
from services.stats.reconcile.handover import keep
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.platform import beside
from services.stats.report import Checked, Verdict
from services.stats.runs.ingesting import Say
from services.stats.runs.job import Job, refs
from services.stats.runs.model import Outcome, OutputFile, Result, short
from services.stats.runs.process import SCRATCH

HOSPITAL, CENTRE, UNSUCCESSFUL, RESULT = "hospital_ledger", "centre_ledger", "cross_region_failure", "statement_result"
_NAMES: Final = {HOSPITAL: "医院结算台账 (hospital_ledger)", CENTRE: "中心结算台账 (centre_ledger)"}
_PARAMETERS: Final = {"refunds": "1", "may_be_empty": "0"}
"""`refunds`: totals with refunds (1) or without (0). `may_be_empty`: no row of a side in these days is right (1)."""
_SHARE = 0.5  # of the memory of the process: what DuckDB does not count comes on top


def reconcile(job: Job, say: Say) -> Result:
    """Raises Problem where there is no ledger, or no institution or period was named."""
    out, asked = Path(job.out), _asked(job)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = Path(mkdtemp(prefix=SCRATCH, dir=out))
    try:
        return _reconcile(job, asked, out, scratch, say)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _reconcile(job: Job, asked: Asked, out: Path, scratch: Path, say: Say) -> Result:
    say("逐笔比对", 0.05)
    compared = compare(asked, out, scratch=scratch)
    say("写出差异", 0.8)
    writing.write(out / FORMS["xlsx"], asked, compared)
    layout.write_result(compared.differences, out / FORMS["zip"])
    keep(compared, out)
    notes = [_found(compared), *compared.notes]
    if results := _paths(job, RESULT):
        notes.append(beside(compared.differences, results, asked, scratch).note)
    files = tuple(_file(out / FORMS[form], form) for form in ("xlsx", "zip"))
    rows = sum(i.rows for i in job.inputs)
    outcome = _outcome(job, asked, compared, files, short(notes))
    return Result(rows, rows, 0, compared.count, compared.sha256, None, outcome)


def _asked(job: Job) -> Asked:
    if job.wanted.institutions is None or len(job.wanted.institutions) != 1:
        raise Problem("对账须指明一家机构: 请在 institutions 中填写一个定点医药机构编号")
    span, given = period(job.wanted.period), job.wanted.parameters
    if any(name not in _PARAMETERS or value not in ("0", "1") for name, value in given.items()):
        raise Problem(f"对账的参数只有 {'、'.join(_PARAMETERS)}, 值为 0 或 1: 请改正后重新提交")
    chosen = {name: value == "1" for name, value in (_PARAMETERS | given).items()}
    return Asked(
        hospital=_needed(job, HOSPITAL), centre=_needed(job, CENTRE), unsuccessful=_paths(job, UNSUCCESSFUL),
        since=span.since, until=span.until, institution=job.wanted.institutions[0], refunds=chosen["refunds"],
        may_be_empty=chosen["may_be_empty"], memory_mb=int(job.memory_mb * _SHARE),
    )  # fmt: skip


def _paths(job: Job, table: str) -> tuple[Path, ...]:
    return tuple(Path(i.path) for i in job.inputs if i.table == table)


def _needed(job: Job, table: str) -> tuple[Path, ...]:
    if not (paths := _paths(job, table)):
        raise Problem(f"缺少{_NAMES[table]}: 请先用 POST /datasets 读入")
    return paths


def _found(compared: Compared) -> str:
    if not compared.count:
        return "对账平"
    totals = "总账平, 但" if compared.balanced else "总账不平, "
    return f"{totals}逐笔有差异 {compared.count:,} 笔"


def _outcome(
    job: Job, asked: Asked, compared: Compared, files: tuple[OutputFile, ...], notes: tuple[str, ...]
) -> Outcome:
    facts: dict[str, int | str] = {f"{t.of} {t.name}": t.count for t in compared.tallies}
    checks = (_explained(compared),) if asked.refunds else ()
    verdict: Verdict = "warned" if compared.count else "passed"
    return Outcome(
        verdict=verdict if all(c.ok for c in checks) else "failed", checks=checks, files=files, notes=notes,
        datasets=refs(job.inputs), since=asked.since.isoformat(), until=asked.until.isoformat(), facts=facts,
    )  # fmt: skip


def _explained(compared: Compared) -> Checked:
    """The differences add up to the difference of the totals: nothing was overlooked, nothing is there twice."""
    left = compared.unexplained
    told = "医疗费、基金、个账的差额都由逐笔差异说明"
    found = f"还有差额 {'、'.join(map(str, left))} 元没有说明" if any(left) else told
    return Checked("逐笔差异的合计等于总账之差", not any(left), "fail", found)


def _file(path: Path, form: str) -> OutputFile:
    with path.open("rb") as file:
        return OutputFile(form, file_digest(file, "sha256").hexdigest(), path.stat().st_size)
