"""Every shipped report on generated data against an independent computation in plain Python, line by line."""

import io
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from bench.result import Result
from services.stats import sample
from services.stats.definitions.definition import Definition, shipped
from services.stats.engine.counting import count
from services.stats.operations.folding import fold
from services.stats.periods import period
from services.stats.report import Input, Scope
from tests.unit.stats.independent import CHECKS
from tests.unit.stats.independent.c_events import told
from tests.unit.stats.independent.c_line import UNTIL

Rows = Mapping[str, list[dict[str, Any]]]
SEED, PERSONS, EVENTS = 2026, 1_000, 500
MONTHS = tuple(f"{day:%Y-%m}" for n in range(22) for day in [date(2025, 1, 1) + timedelta(days=31 * n)])


def catalogue() -> list[Result]:
    """How many reports there are, and how many say on every line what plain Python says."""
    with TemporaryDirectory(prefix="yibao-catalogue-") as folder:
        inputs = _inputs(Path(folder))
        rows = {table: pq.read_table(i.path).to_pylist() for table, i in inputs.items()}
        right = [d.id for d in shipped().values() if _agrees(d, inputs, rows, Path(folder))]
    wrong = sorted(shipped().keys() - set(right))
    all_ = len(shipped())
    return [
        Result("reports_in_catalogue", all_, "", beside="shipped definitions"),
        Result(
            "reports_checked_independently", len(right), "", all_,
            beside="other lines: " + ", ".join(wrong) if wrong else "every line of 2026-09 and of 2026-01..09",
        ),
    ]  # fmt: skip


def _inputs(folder: Path) -> dict[str, Input]:
    (folder / "desk").mkdir()
    sample.generate(folder, seed=SEED, persons=PERSONS, months=MONTHS)
    made = [
        Input(path.stem, path.stem, pq.read_metadata(path).num_rows, str(path)) for path in folder.glob("*.parquet")
    ]
    return {i.table: i for i in (*made, *fold(io.BytesIO(b"\n".join(told(SEED, EVENTS))), folder / "desk", UNTIL))}


def _agrees(definition: Definition, inputs: Mapping[str, Input], rows: Rows, folder: Path) -> bool:
    whens = ("2026-08-31", "2026-09-30") if definition.period == "moment" else ("2026-09", "2026-01..09")
    return definition.id in CHECKS and all(_same(definition, when, inputs, rows, folder) for when in whens)


def _same(definition: Definition, when: str, inputs: Mapping[str, Input], rows: Rows, folder: Path) -> bool:
    asked = period(when)
    report = count(
        definition, asked, [inputs[t] for t in definition.tables], Scope(), {}, folder, memory_mb=1024, scratch=folder
    )
    keys, measures = [d.code for d in definition.dimensions], [m.code for m in definition.measures]
    lines = pq.read_table(report.data).to_pylist()
    found = {tuple(line[k] for k in keys): {m: line[m] for m in measures} for line in lines}
    expected = CHECKS[definition.id](rows, asked.since, asked.until)
    return len(found) == len(lines) and found == expected
