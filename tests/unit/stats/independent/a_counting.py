"""Counting a shipped report by the engine over a folder of Parquet files, and comparing it with what was expected."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from services.stats.definitions.definition import Definition, load
from services.stats.engine.counting import count
from services.stats.periods import period
from services.stats.report import Input, Report, Scope

EVERYONE = Scope()
Lines = dict[tuple[Any, ...], dict[str, Any]]


def counted(
    report: str | Definition, when: str, folder: Path, out: Path, chosen: Mapping[str, str] | None = None,
    scope: Scope = EVERYONE,
) -> Report:  # fmt: skip
    definition = load(report) if isinstance(report, str) else report
    files = {table: folder / f"{table}.parquet" for table in definition.tables}
    inputs = [
        Input(table, sha256(path.read_bytes()).hexdigest(), pq.read_metadata(path).num_rows, str(path))
        for table, path in files.items()
    ]
    for made in (out, out / "scratch"):
        made.mkdir(exist_ok=True)
    return count(
        definition, period(when), inputs, scope, chosen or {}, out, memory_mb=1024, scratch=out / "scratch"
    )  # fmt: skip


def lines(report: Report) -> Lines:
    """What was counted, by its dimensions, without what comparisons added. `rolled` must agree with the nulls."""
    dimensions = [d.code for d in report.definition.dimensions]
    found: Lines = {}
    for line in pq.read_table(report.data).to_pylist():
        key = tuple(line[d] for d in dimensions)
        assert line["rolled"] == key.count(None)
        assert key not in found
        found[key] = {m.code: line[m.code] for m in report.definition.measures}
    return found


def alone(report: str) -> Definition:
    """The definition without checks and comparisons, which would count further periods."""
    definition = load(report)
    outputs = tuple(msgspec.structs.replace(o, compare=()) for o in definition.outputs)
    return msgspec.structs.replace(definition, outputs=outputs, checks=())


def rewritten(report: str, careful: str, careless: str) -> Definition:
    definition = alone(report)
    assert careful in definition.sql
    return msgspec.structs.replace(definition, sql=definition.sql.replace(careful, careless))


def differences(found: Lines, expected: Lines) -> list[Any]:
    """Lines that only one has, and measures of the others that differ."""
    apart: list[Any] = sorted(found.keys() ^ expected.keys(), key=repr)
    both = ((key, m, found[key].get(m), v) for key in found.keys() & expected.keys() for m, v in expected[key].items())
    return apart + [difference for difference in both if difference[2] != difference[3]]
