"""The tables of a whole region from one seed, by SQL: DuckDB keeps what does not fit into memory on disk."""

from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec

from services.stats.sample.truth import Planted, Truth, planted
from services.stats.sources.table import SQL_TYPES, Column, Table, tables

SCRIPTS = Path(__file__).parent / "sql"
MEMORY = "2GB"


def generate(folder: Path, *, seed: int, persons: int, months: tuple[str, ...]) -> Truth:
    """Writes `<table>.parquet` for every table that has a generator, and `truth.json`, into `folder`.

    `months` are consecutive, as `2026-10`. Identifiers are in clear and invented: no real code begins as they do.
    Raises ValueError for fewer than 200 persons or no month, in whom nothing can be planted.
    """
    if persons < 200 or not months:
        raise ValueError(f"{persons} persons and {len(months)} months are too few to generate from")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as spill, connect(Path(spill)) as db:
        _variables(db, seed, persons, months)
        for script in sorted(SCRIPTS.glob("*.sql")):
            db.execute(script.read_text("utf-8"))
        rows = {name: _write(db, table, folder) for name, table in tables().items() if _has(db, f"out_{name}")}
        truth = Truth(seed, persons, months, rows, _planted(db))
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth)))
    return truth


def connect(spill: Path, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own with few threads and bounded memory, that puts the rest into `spill`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(threads),
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
    }
    return duckdb.connect(str(spill / "sample.duckdb"), config=config)


def _variables(db: duckdb.DuckDBPyConnection, seed: int, persons: int, months: tuple[str, ...]) -> None:
    few = max(3, persons // 400)
    for name, value in {"seed": seed, "persons": persons, "months": list(months), "few": few}.items():
        db.execute(f"SET VARIABLE {name} = $1", [value])


def _has(db: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = $1", [name]).fetchall())


def _write(db: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> int:
    made = conforming(db, f"out_{table.name}", table)
    order = ", ".join(table.key) or ", ".join(column.code for column in table.columns)
    to = path_literal(folder / f"{table.name}.parquet")
    counted = db.execute(f"COPY ({made} ORDER BY {order}) TO {to} (FORMAT parquet, COMPRESSION zstd)").fetchall()
    return int(counted[0][0])


def conforming(db: duckdb.DuckDBPyConnection, source: str, table: Table) -> str:
    """A query of `source` (a table, or a query in parentheses) that has the columns of `table` in their types.

    What `source` does not make is null. Raises ValueError when it makes a column that the table does not have.
    """
    made = {row[0] for row in db.execute(f"SELECT column_name FROM (DESCRIBE FROM {source})").fetchall()}
    if unknown := made - set(table.by_code):
        raise ValueError(f"{sorted(unknown)} are no columns of {table.name}")
    return f"SELECT {', '.join(_cast(column, column.code in made) for column in table.columns)} FROM {source}"


def path_literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _cast(column: Column, made: bool) -> str:
    return f"CAST({column.code if made else 'NULL'} AS {SQL_TYPES[column.type]}) AS {column.code}"


def _planted(db: duckdb.DuckDBPyConnection) -> dict[str, Planted]:
    rows = db.execute("SELECT kind, key, amount FROM planted ORDER BY kind, key").fetchall()
    return {
        kind: planted(kind, [(key, amount) for _, key, amount in group])
        for kind, group in groupby(rows, key=lambda row: str(row[0]))
    }
