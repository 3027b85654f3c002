"""How fast a clean upload of a million rows becomes a data set, persons as tokens, and what memory that takes."""

import json
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from bench.result import Result, show
from services.stats.sources.table import Table, tables

ROWS = 1_000_000
BAR = 200_000
COLUMNS = (
    "setl_id", "psn_no", "insutype", "clr_type", "setl_optins", "setl_time", "medfee_sumamt", "fund_pay_sumamt",
    "cash_payamt", "refd_setl_flag",
)  # fmt: skip


def ingest(rows: int = ROWS) -> list[Result]:
    """Rows a second in a process of its own, as a run has it, and that process's peak of memory."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload.csv"
        write(path, rows)
        done = subprocess.run(
            [sys.executable, "-m", "bench.ingest", folder, str(rows)], check=True, capture_output=True, text=True
        )
        size = path.stat().st_size
    seconds, peak_mb = json.loads(done.stdout.splitlines()[-1])
    beside = f"{rows:,} rows × {len(COLUMNS)} columns, {size / 1e6:.0f} MB, in {seconds:.1f} s"
    return [
        Result("ingest_rows_per_s", rows / seconds, "rows/s", BAR, beside=beside),
        Result("ingest_peak_mb", peak_mb, "MB", beside="the process that reads it"),
    ]


def write(path: Path, rows: int) -> None:
    """A settlement a line, every key and most persons once: nothing in them is random."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for n in range(rows):
            day = f"2026-{1 + n % 12:02}-{1 + n % 28:02} {8 + n % 10:02}:{n % 60:02}:00"
            fee = 1_000 + n % 90_000
            file.write(
                f"S{n:012},6201{n * 7 % 1_000_003:08},{(310, 390)[n % 2]},{(11, 21)[n % 3 // 2]},62010{n % 8},{day},"
                f"{fee}.{n % 100:02},{fee * 6 // 10}.00,{fee * 4 // 10}.{n % 100:02},0\n"
            )


def table() -> Table:
    """The hospital's ledger without what the file does not have, and with a key that is looked at."""
    whole = tables()["hospital_ledger"]
    kept = tuple(msgspec.structs.replace(c, required=True) for c in whole.columns if c.code in COLUMNS)
    return msgspec.structs.replace(whole, columns=kept, key=("setl_id",))


def measured(folder: Path, rows: int) -> tuple[float, float]:
    """Seconds and MB."""
    from services.stats.sources.ingest.lean import without_pandas

    without_pandas()
    from services.stats.sources.ingest.reading import read

    begun = perf_counter()
    done = read(
        folder / "upload.csv", "upload.csv", table(), folder, key=b"k" * 32, memory_mb=1_536,
        progress=lambda share: None,
    )  # fmt: skip
    assert (done.rows_accepted, done.rows_rejected) == (rows, 0)
    return perf_counter() - begun, getrusage(RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        show(ingest())
    else:
        print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]))))
