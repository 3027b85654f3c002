"""A report's own process: `python -m services.stats.work <job>`; see `job.py` for what it reads and prints.

It is a process so that its memory has a bound, that it can be stopped at any time, and that Ibis and DuckDB are
not in the service's memory while no report runs.
"""

import os
import resource
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from services.stats.definition import Definition, load
from services.stats.encoding import Problem
from services.stats.ingest import ingest
from services.stats.job import REJECTS, SHEET, Job, Line
from services.stats.model import Result

Say = Callable[[str, float], None]
_STEP = 0.05
_INGEST = 0.7  # the share of the work that is reading the CSV, measured


def main(argument: str) -> None:
    job = msgspec.json.decode(argument, type=Job)
    # Whatever a library prints goes to the log; only lines of ours reach the service.
    tell = _printer(os.dup(1))
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_mb << 20, job.memory_mb << 20))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    tell(_outcome(job, tell))


def _outcome(job: Job, tell: Callable[[Line], None]) -> Line:
    try:
        return Line(result=carry_out(job, lambda stage, done: tell(Line(stage, done))))
    except Problem as problem:
        return Line(problem=str(problem))
    except Exception as error:
        if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
            return Line(problem=f"内存不足 (上限 {job.memory_mb} MB): 请按月拆分文件, 或调大 YIBAO_STATS_MEMORY_MB")
        # The message may quote data, the stack does not.
        traceback.print_tb(error.__traceback__)
        return Line(problem=f"统计程序出错 ({type(error).__name__}): 请把任务编号告知信息科")


def carry_out(job: Job, say: Say) -> Result:
    """Write the sheet and the rejects. Raises Problem when the upload cannot be counted."""
    definition, source, out = load(job.report), Path(job.source), Path(job.out)
    if definition.hash != job.definition_hash:
        raise Problem("报表口径在提交之后更新了: 请重新提交任务")
    if not source.exists():
        raise Problem("上传的文件已不在服务器上: 请重新上传后再提交")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = Path(mkdtemp(prefix=".work-", dir=out))
    try:
        return _carry_out(job, definition, source, scratch, out, say)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _carry_out(job: Job, definition: Definition, source: Path, scratch: Path, out: Path, say: Say) -> Result:
    accepted, rejects, sheet = scratch / "accepted.csv", scratch / REJECTS, scratch / SHEET
    say("读取并核对数据", 0.0)
    ingested = ingest(definition, source, accepted, rejects, _stepwise(say))
    rejects.replace(out / REJECTS)
    say("按口径汇总", 0.75)
    from services.stats.engine import answer

    answered = answer(definition, accepted, scratch, job.memory_mb)
    say("生成表格", 0.9)
    from services.stats.sheet import write

    write(sheet, definition, job.upload_id, ingested, answered)
    with sheet.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    sheet.replace(out / SHEET)
    from services.stats.summary import summary

    rows, told = len(answered.rows), summary(definition, answered, job.url)
    return Result(ingested.rows_in, ingested.rows_accepted, ingested.rows_rejected, rows, digest, told)


def _stepwise(say: Say) -> Callable[[float], None]:
    """Speak at every twentieth, not at every look."""
    said = 0.0

    def progress(share: float) -> None:
        nonlocal said
        if share >= said + _STEP:
            said = share
            say("读取并核对数据", round(share * _INGEST, 3))

    return progress


def _printer(fd: int) -> Callable[[Line], None]:
    def tell(line: Line) -> None:
        os.write(fd, msgspec.json.encode(line) + b"\n")

    return tell


def _die_with_parent() -> None:
    # The service holds the other end of stdin and never writes: the end of file means that it was killed.
    os.read(0, 1)
    os._exit(9)


if __name__ == "__main__":
    os.umask(0o077)
    main(sys.argv[1])
