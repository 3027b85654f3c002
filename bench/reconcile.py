"""Ten million settlements against ten million: memory, speed, and whether exactly the planted differences are found.

YIBAO_BENCH_RECONCILE_ROWS makes it smaller for a try. The ledgers are made anew each time, within two minutes.
"""

import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, TypeVar

import duckdb

from bench.result import Result, show
from services.stats.reconcile.comparing import compare
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.sample import Truth, ledgers

ROWS: Final = int(os.environ.get("YIBAO_BENCH_RECONCILE_ROWS", "10_000_000"))
PLANTED: Final = dict.fromkeys(range(1, 10), max(20, ROWS // 5_000))
A = TypeVar("A")
R = TypeVar("R")
SEED: Final = 2026
MEMORY_MIB: Final = 2048


class Measured(NamedTuple):
    seconds: float
    peak_mib: float
    differences: Path


def reconcile() -> list[Result]:
    with TemporaryDirectory(prefix="yibao-bench-") as folder:
        truth = _alone(_made, Path(folder))
        measured = _alone(_measured, (truth, Path(folder)))
        share, wrong, rows = _exact(truth, measured.differences)
    beside = f"{rows:,} rows in {measured.seconds:.1f} s, {sum(PLANTED.values()):,} planted, {wrong} wrong"
    return [
        Result("reconcile_peak_mib", measured.peak_mib, "MiB", MEMORY_MIB, at_least=False),
        Result("reconcile_rows_per_s", rows / measured.seconds, "rows/s", beside=beside),
        Result("planted_differences_found", share, "%", 100.0),
    ]


def _alone(work: Callable[[A], R], argument: A) -> R:
    """In a process of its own, whose peak is that of this work and nothing else."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, argument).result()


def _made(folder: Path) -> Truth:
    return ledgers(folder, ROWS, SEED, PLANTED)


def _measured(given: tuple[Truth, Path]) -> Measured:
    truth, folder = given
    asked = Asked(
        hospital=(truth.hospital,), centre=(truth.centre,), unsuccessful=(truth.unsuccessful,), since=truth.since,
        until=truth.until,
    )  # fmt: skip
    started = time.perf_counter()
    compared = compare(asked, folder / "out")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(seconds, peak, compared.differences)


def _exact(truth: Truth, differences: Path) -> tuple[float, int, int]:
    """The share of the planted that were found, less what was not planted; how many are wrong; rows of both sides."""
    found = f"(SELECT class, variant, coalesce(c_msgid, h_msgid) AS msgid FROM '{differences}')"
    planted = f"(SELECT class, variant, msgid FROM '{truth.planted}')"
    with duckdb.connect() as con:
        missed, extra = (
            _number(con, f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})")
            for a, b in ((planted, found), (found, planted))
        )
        rows = sum(_number(con, f"SELECT count(*) FROM '{path}'") for path in (truth.hospital, truth.centre))
    total = sum(PLANTED.values())
    return 100 * (total - missed - extra) / total, missed + extra, rows


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    [(number,)] = con.execute(sql).fetchall()
    return int(number)


if __name__ == "__main__":
    show(reconcile())
