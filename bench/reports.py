"""A report of the engine beside the bare DuckDB query on the same Parquet, in turns; what lies between them is checks,
order, hashing and files.

YIBAO_BENCH_REPORT_ROWS makes it smaller for a try. The rows are kept in .yibao/bench for the next run.
"""

import os
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import msgspec

from bench.result import Result, show
from services.stats.definitions.definition import Definition, load
from services.stats.engine.connecting import THREADS
from services.stats.engine.counting import count
from services.stats.periods import period
from services.stats.report import Input, Scope
from services.stats.sample import large

ROWS: Final = int(os.environ.get("YIBAO_BENCH_REPORT_ROWS", "50_000_000"))
ROUNDS: Final = 5
REPORT: Final = "employee_settlement"
MEMORY_MB: Final = 4096
KEPT: Final = Path(".yibao") / "bench" / "reports"
BAR: Final = 1.3
PERIOD: Final = period("2026")


def reports() -> list[Result]:
    """In a process of its own: the engine takes memory that other parts measure."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_measured).result()


def _measured() -> list[Result]:
    data = _data()
    _bare(data)  # the files are in the page cache for both
    with TemporaryDirectory() as folder:
        pairs = [(_timed(lambda: _bare(data)), _timed(lambda: _counted(data, Path(folder)))) for _ in range(ROUNDS)]
    bare, counted = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    beside = f"{ROWS:,} rows: bare query {bare:.2f} s, report {counted:.2f} s"
    return [Result("report_ratio_to_engine", ratio, "×", BAR, at_least=False, beside=beside)]


def _data() -> list[Input]:
    """The settlements, as many and in as many files as the generator makes of them."""
    folder = KEPT / str(ROWS)
    if not (folder / "done").exists():
        large(folder, ROWS, 2026)
        (folder / "done").touch()
    return [Input("setl_d", path.stem, 0, str(path)) for path in sorted(folder.glob("*.parquet"))]


def _definition() -> Definition:
    """The shipped one without comparisons and their check: each of them is the same query once more."""
    shipped = load(REPORT)
    outputs = tuple(msgspec.structs.replace(o, compare=()) for o in shipped.outputs)
    checks = tuple(c for c in shipped.checks if c.kind != "last_period")
    return msgspec.structs.replace(shipped, outputs=outputs, checks=checks)


def _bare(data: list[Input]) -> None:
    """What somebody would type who knows DuckDB: the report's SQL over the files, its result in memory."""
    definition = _definition()
    values = {"since": PERIOD.since.isoformat(), "until": PERIOD.until.isoformat()}
    values |= {p.name: p.default for p in definition.parameters}
    sql = definition.sql
    for name, value in values.items():
        literal = f"DATE '{value}'" if name in ("since", "until") else f"'{value}'"
        sql = re.sub(rf":{name}\b", literal, sql)
    with duckdb.connect(config={"threads": THREADS, "memory_limit": f"{MEMORY_MB}MB"}) as db:
        files = [str(Path(i.path).resolve()) for i in data]
        db.execute(f"CREATE VIEW setl_d AS SELECT * FROM read_parquet({files})")
        db.execute(sql).fetchall()


def _counted(data: list[Input], folder: Path) -> None:
    count(
        _definition(),
        PERIOD,
        data,
        Scope(),
        {},
        folder / "out",
        memory_mb=MEMORY_MB,
        scratch=folder / "scratch",
        below=3,
    )


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    show(reports())
