"""Small Parquet files for any declared table: filled by rule from a seed, or from rows that a test writes down."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.engine.kinds import column_type
from services.stats.report import Input
from services.stats.sources.table import Column, Table, dictionaries

_ARROW = {
    "VARCHAR": pa.string(), "DECIMAL(18,2)": pa.decimal128(18, 2), "DECIMAL(9,4)": pa.decimal128(9, 4),
    "BIGINT": pa.int64(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
}  # fmt: skip
_FIRST = date(2026, 1, 1)


def written(folder: Path, table: Table, rows: Sequence[Mapping[str, Any]], name: str = "") -> Input:
    """A data set of these rows; what a row does not say is empty."""
    schema = pa.schema([pa.field(c.code, _ARROW[column_type(c)]) for c in table.kept])
    columns = [pa.array([row.get(f.name) for row in rows], f.type) for f in schema]
    path = folder / f"{name or table.name}.parquet"
    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")
    return described(path, table.name)


def described(path: Path, table: str) -> Input:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return Input(table, digest, pq.read_metadata(path).num_rows, str(path), path.name)


def filled(folder: Path, table: Table, rows: int, seed: int) -> Input:
    """Rows whose cells fit their columns and mean nothing, some of them empty where a column may be."""
    chance = random.Random(f"{table.name}-{seed}")
    return written(folder, table, [{c.code: _cell(c, table, n, chance) for c in table.kept} for n in range(rows)])


def _cell(column: Column, table: Table, n: int, chance: random.Random) -> Any:
    if not column.required and column.code not in table.key and chance.random() < 0.05:
        return None
    if column.dictionary:
        return chance.choice(sorted(dictionaries()[column.dictionary])[:6])
    type_, day = column_type(column), _FIRST + timedelta(days=chance.randrange(-365, 300))
    if column.code in table.key:
        return f"{table.name}-{n}" if type_ == "VARCHAR" else _typed(type_, day, n, chance)
    if type_ == "VARCHAR":
        return f"{day:%Y-%m}" if column.type == "month" else f"值{chance.randrange(5)}"
    return _typed(type_, day, chance.randrange(-5, 500), chance)


def _typed(type_: str, day: date, number: int, chance: random.Random) -> Any:
    if type_ == "DATE":
        return day
    if type_ == "TIMESTAMP":
        return datetime.combine(day, time(chance.randrange(24), chance.randrange(60)))
    if type_.startswith("DECIMAL"):
        return Decimal(chance.randrange(-500, 99_999)) / 100
    return number


def duck_rows(path: Path) -> list[tuple[Any, ...]]:
    """The lines of a written report, as DuckDB reads them."""
    return duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()
