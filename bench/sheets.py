"""How fast a counted report of a million lines becomes the workbook that is signed, and what memory that takes."""

import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.result import Result, show
from services.stats.definitions.definition import Definition, Kind, Output
from services.stats.periods import period
from services.stats.report import Report, Scope, Shown

ROWS = 1_000_000
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("insutype", "code"), ("clr_optins", "text"), ("setl_time", "date"), ("persons", "count"), ("setl_cnt", "count"),
    ("medfee_sumamt", "amount"), ("fund_pay_sumamt", "amount"), ("acct_pay", "amount"), ("fund_share", "percent"),
    ("fee_ratio", "ratio"),
)  # fmt: skip


def sheets(rows: int = ROWS) -> list[Result]:
    """Rows of ten columns a second, in a process of its own as a run has it, and that process's peak of memory."""
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench.sheets", folder, str(rows)], check=True, capture_output=True, text=True
        )
    seconds, peak_mb, size = json.loads(done.stdout)
    beside = f"{rows:,} rows × {len(_KINDS)} columns in {seconds:.0f} s, {size / 1e6:.0f} MB on disk"
    return [
        Result("xlsx_rows_per_s", rows / seconds, "rows/s", beside=beside),
        Result("xlsx_peak_mb", peak_mb, "MB", beside="the process that writes it, Parquet and all"),
    ]


def report(folder: Path, rows: int) -> Report:
    """Made-up lines: nothing in them is random, and no two are alike."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    outputs = tuple(Output(code, code, kind, dimension=n < 3) for n, (code, kind) in enumerate(_KINDS))
    types = {"count": pa.int64(), "amount": pa.decimal128(18, 2), "ratio": pa.decimal128(9, 4), "date": pa.date32()}
    fields = [(code, types.get(kind, pa.float64() if kind == "percent" else pa.string())) for code, kind in _KINDS]
    schema = pa.schema([*fields, ("rolled", pa.int64())])
    with ParquetWriter(folder / "data.parquet", schema) as file:
        for since in range(0, rows, 50_000):
            lines = [_line(n) for n in range(since, min(since + 50_000, rows))]
            columns = zip(*lines, strict=True)
            file.write_table(pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema))
    definition = Definition(
        "bench", "测速", "fund", "测速", "信息科", "元", "一行", ("setl_d",), (), outputs, hash="0" * 64
    )
    columns_ = tuple(Shown(o.code, o.name, o.kind, o.dimension, o.dictionary) for o in outputs)
    return Report(
        definition, period("2026"), Scope(), folder / "data.parquet", columns_, rows, "0" * 64, (),
        data_as_of=datetime(2026, 12, 31),  # noqa: DTZ001 - dates of data have no zone
    )  # fmt: skip


def _line(n: int) -> tuple[object, ...]:
    amount = Decimal(n * 7919 % 100_000_000) / 100
    day = datetime(2026, 1 + n % 12, 1 + n % 28).date()  # noqa: DTZ001
    return (
        ("310", "390", "340")[n % 3], f"6201{n % 97:02}", day, n % 1_000, n % 5_000, amount, amount * 62 // 100,
        amount // 10, n % 1_000 / 1_000, Decimal(n % 10_000) / 10_000, 0,
    )  # fmt: skip


def _measure(folder: Path, rows: int) -> None:
    from services.stats.output.workbook import write

    made, start = report(folder, rows), perf_counter()
    write(made, folder / "output.xlsx")
    taken = perf_counter() - start
    peak_mb = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([taken, peak_mb, (folder / "output.xlsx").stat().st_size]))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _measure(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        show(sheets())
