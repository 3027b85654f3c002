"""The engines that count. DuckDB through Ibis by default; `postgres` and `clickhouse` give the same rows.

The connection is locked before a definition's SQL runs: it reads the chosen data sets and nothing else, loads no
extension and changes no setting.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
import pyarrow as pa
from sqlglot import exp

from services.stats.engine.cutting import Part
from services.stats.engine.dialects import Name, text
from services.stats.problem import Problem

THREADS = 2
Figures = tuple[Decimal | None, ...]


class Engine(Protocol):
    """Runs a checked query over the parts that it was opened with."""

    def lines(self, query: exp.Query, schema: pa.Schema) -> pa.Table:
        """All lines, in no order, in these types."""

    def figures(self, query: exp.Query) -> Figures:
        """The first row as exact numbers."""


@contextmanager
def connect(name: Name, parts: Sequence[Part], scratch: Path, memory_mb: int, url: str = "") -> Iterator[Engine]:
    """`scratch` is a folder for what does not fit in memory; `url` is where PostgreSQL is."""
    with _opened(name, parts, scratch, memory_mb, url) as engine:
        yield engine


def _opened(
    name: Name, parts: Sequence[Part], scratch: Path, memory_mb: int, url: str
) -> AbstractContextManager[Engine]:
    if name == "postgres":
        from services.stats.engine.postgres import postgres

        return postgres(parts, scratch, memory_mb, url)
    if name == "clickhouse":
        from services.stats.engine.clickhouse import clickhouse

        return clickhouse(parts, scratch, memory_mb)
    return duck(parts, scratch, memory_mb)


_BATCH = 100_000
"""Rows at a time to Arrow: by default DuckDB reserves a million of each column, which counts against the process."""


class Duck:
    """DuckDB behind Ibis."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def lines(self, query: exp.Query, schema: pa.Schema) -> pa.Table:
        # As it is: an expression of Ibis would read and write the SQL once more.
        with _told():
            return self.connection.raw_sql(text(query, "duckdb")).to_arrow_table(_BATCH).cast(schema)

    def figures(self, query: exp.Query) -> Figures:
        with _told():
            return decimals(self.connection.raw_sql(text(query, "duckdb")).fetchone())


@contextmanager
def _told() -> Iterator[None]:
    """What only the engine finds out, as Problem. A message about a value may quote it and is not handed on."""
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise Problem(f"口径 SQL 不能执行: {str(error).splitlines()[0][:200]}") from None
    except (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException):
        raise Problem("数据中有口径 SQL 不能换算的值: 请检查口径中的 CAST 和日期计算") from None


@contextmanager
def duck(parts: Sequence[Part], scratch: Path, memory_mb: int) -> Iterator[Duck]:
    """`memory_mb` is what the process may take; Python, Arrow and the result need a share of it."""
    connection = ibis.duckdb.connect(
        threads=THREADS, memory_limit=f"{memory_mb * 6 // 10}MB", temp_directory=str(scratch),
        autoinstall_known_extensions=False, autoload_known_extensions=False,
    )  # fmt: skip
    try:
        connection.raw_sql("SET enable_progress_bar = false")
        for part in parts:
            connection.raw_sql(f"CREATE VIEW {part.table.name} AS {text(part.select(_files(part)), 'duckdb')}")
        _lock(connection, [path for part in parts for path in part.files])
        yield Duck(connection)
    finally:
        connection.disconnect()


def _files(part: Part) -> exp.Expr:
    paths = exp.Array(expressions=[exp.Literal.string(str(path)) for path in part.files])
    by_name = exp.PropertyEQ(this=exp.to_identifier("union_by_name"), expression=exp.true())
    return exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[paths, by_name]))


def _lock(connection: Any, files: Sequence[Path]) -> None:
    # It crashes on some "the first of each group" by ROW_NUMBER in 1.5.6.
    connection.raw_sql("SET disabled_optimizers = 'top_n_window_elimination'")
    allowed = exp.Array(expressions=[exp.Literal.string(str(path)) for path in files]).sql("duckdb")
    for statement in (f"allowed_paths = {allowed}", "enable_external_access = false", "lock_configuration = true"):
        connection.raw_sql(f"SET {statement}")


def decimals(row: Sequence[Any] | None) -> Figures:
    """A row as exact numbers; no row at all is one that has nothing."""
    return tuple(None if cell is None else Decimal(str(cell)) for cell in row or (None,))
