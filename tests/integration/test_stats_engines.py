"""Every shipped report says the same on DuckDB, ClickHouse and PostgreSQL, line by line and byte by byte."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from services.stats.definitions.definition import REPORTS, Definition, load
from services.stats.engine.counting import count
from services.stats.engine.dialects import Name
from services.stats.periods import EVERYTHING, period
from services.stats.report import Input, Report, Scope
from services.stats.sources.table import tables
from tests.support.postgres import postgres
from tests.support.stats_rows import described, duck_rows, filled

MONTHS = ("2025-12", "2026-01", "2026-02", "2026-03")
NAMES = sorted(path.parent.name for path in REPORTS.glob("*/definition.yaml"))
COMPARED = {"card_payments", "desk_response", "resident_enrolment_payment"}
BELOW = 3
_first: dict[str, Report] = {}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Input]:
    """Realistic rows where the generator has the table, others by rule."""
    from services.stats.sample import generate

    folder = tmp_path_factory.mktemp("data")
    generate(folder, seed=7, persons=400, months=MONTHS)
    made = {path.stem: described(path, path.stem) for path in sorted(folder.glob("*.parquet"))}
    return {name: made.get(name) or filled(folder, table, 300, 7) for name, table in tables().items()}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


def counted(definition: Definition, data: dict[str, Input], out: Path, engine: Name, url: str = "") -> Report:
    when = {"span": period("2026-02"), "moment": period("2026-02-28"), "none": EVERYTHING}[definition.period]
    inputs: Sequence[Input] = [data[name] for name in definition.tables]
    return count(
        definition, when, inputs, Scope(), {}, out / engine, memory_mb=1024, scratch=out / "scratch", below=BELOW,
        engine=engine, url=url,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_clickhouse_says_what_duckdb_says(name: str, data: dict[str, Input], tmp_path: Path) -> None:
    if importlib.util.find_spec("chdb") is None:
        pytest.skip("chdb is not installed (uv sync --extra clickhouse)")
    same(asked(name), data, tmp_path, "clickhouse")


@pytest.mark.parametrize("name", NAMES)
def test_postgresql_says_what_duckdb_says(name: str, data: dict[str, Input], server: str, tmp_path: Path) -> None:
    same(asked(name), data, tmp_path, "postgres", server)


def asked(name: str) -> Definition:
    """Comparisons are the same query for other periods, put together in Python: some reports with them are enough."""
    definition = load(name)
    if name in COMPARED:
        return definition
    outputs = tuple(msgspec.structs.replace(o, compare=()) for o in definition.outputs)
    checks = tuple(c for c in definition.checks if c.kind != "last_period")
    return msgspec.structs.replace(definition, outputs=outputs, checks=checks)


def same(definition: Definition, data: dict[str, Input], folder: Path, engine: Name, url: str = "") -> None:
    first = _first.get(definition.id) or counted(definition, data, folder, "duckdb")
    _first[definition.id] = first  # both comparisons are with the same one
    second = counted(definition, data, folder, engine, url)
    assert duck_rows(second.data) == duck_rows(first.data)
    assert (second.sha256, second.checks, second.hidden_marks) == (first.sha256, first.checks, first.hidden_marks)
    assert second.data.read_bytes() == first.data.read_bytes()
