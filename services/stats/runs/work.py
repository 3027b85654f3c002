"""A run's own process: `python -m services.stats.runs.work`; see `job.py` for what it reads and prints.

It is a process so that its memory has a bound, that it can be stopped at any time, and that Ibis, DuckDB and the
writers of sheets are not in the service's memory while nothing runs.
"""

import errno
import os
import resource
import sys
import threading
import traceback
from collections.abc import Callable

import msgspec

from chassis.errors import Refused
from services.stats.problem import Problem
from services.stats.runs.job import Job, Line
from services.stats.runs.model import Result

Say = Callable[[str, float], None]
_STEP = 0.05


def main() -> None:
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    # Whatever a library prints goes to the log; only lines of ours reach the service.
    tell = _printer(os.dup(1))
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_mb << 20, job.memory_mb << 20))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    tell(_outcome(job, _stepwise(lambda stage, done: tell(Line(stage, done)))))
    # Libraries keep threads that need not be waited for, and the result is said.
    os._exit(0)


def _outcome(job: Job, say: Say) -> Line:
    try:
        return Line(result=carry_out(job, say))
    except (Problem, Refused) as problem:
        return Line(problem=str(problem))
    except Exception as error:
        if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
            return Line(
                problem=f"内存不足 (上限 {job.memory_mb} MB): 请缩短统计期或拆分文件, 或调大 YIBAO_STATS_MEMORY_MB"
            )
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            return Line(problem="磁盘已满, 结果没有写出: 请联系运维清理后重新提交任务")
        # The message may quote data, the stack does not.
        traceback.print_tb(error.__traceback__)
        return Line(problem=f"统计程序出错 ({type(error).__name__}): 请把任务编号告知信息科")


def carry_out(job: Job, say: Say) -> Result:
    """Do the job; all files lie in its folder afterwards. Raises Problem when it cannot be done."""
    if job.kind == "ingest":
        if not job.database:
            from services.stats.sources.ingest.lean import without_pandas

            without_pandas()
        from services.stats.runs.ingesting import ingest

        return ingest(job, say)
    if job.kind == "report":
        from services.stats.runs.reporting import report

        return report(job, say)
    from services.stats.runs.comparing import reconcile

    return reconcile(job, say)


def _stepwise(say: Say) -> Say:
    """Speak when a stage begins and at every twentieth, not at every look."""
    last = ("", -1.0)

    def told(stage: str, done: float) -> None:
        nonlocal last
        if stage != last[0] or done >= last[1] + _STEP:
            last = (stage, done)
            say(stage, round(done, 3))

    return told


def _printer(fd: int) -> Callable[[Line], None]:
    def tell(line: Line) -> None:
        text = msgspec.json.encode(line) + b"\n"
        while text:
            text = text[os.write(fd, text) :]

    return tell


def _die_with_parent() -> None:
    # The service holds the other end of stdin and writes no more: the end of file means that it was killed.
    while os.read(0, 1):
        pass
    os._exit(9)


if __name__ == "__main__":
    os.umask(0o077)
    main()
