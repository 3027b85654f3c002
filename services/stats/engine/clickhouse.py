"""The same definitions on ClickHouse, inside the process (chDB): for amounts of data that ask for it.

Its settings make it keep to the standard: what a join or a total does not have is null, an alias does not hide a
column, a sum of nothing is null.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from services.stats.engine.connecting import THREADS, Figures, decimals
from services.stats.engine.cutting import Part
from services.stats.engine.dialects import text
from services.stats.problem import Problem

_SETTINGS: Final = {
    "join_use_nulls": 1, "group_by_use_nulls": 1, "prefer_column_name_to_alias": 1, "transform_null_in": 0,
    "aggregate_functions_null_for_empty": 1, "count_distinct_implementation": "uniqExact", "session_timezone": "UTC",
    "output_format_arrow_string_as_string": 1, "union_default_mode": "DISTINCT", "max_threads": THREADS,
    "schema_inference_make_columns_nullable": 1,
}  # fmt: skip
_DATABASE: Final = "report"


class Chdb:
    """A session of chDB; there is one in a process at a time."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def lines(self, query: exp.Query, schema: pa.Schema) -> pa.Table:
        return self._table(query).cast(schema)

    def figures(self, query: exp.Query) -> Figures:
        [row] = zip(*(column.to_pylist() for column in self._table(query).columns), strict=True)
        return decimals(row)

    def run(self, statement: str) -> None:
        self._session.query(statement)

    def _table(self, query: exp.Query) -> pa.Table:
        answered = self._session.query(text(query, "clickhouse"), "Arrow").bytes()
        return pa.ipc.open_file(answered).read_all()


@contextmanager
def clickhouse(parts: Sequence[Part], scratch: Path, memory_mb: int) -> Iterator[Chdb]:
    """Raises Problem where chDB is not installed."""
    try:
        from chdb.session import Session
    except ImportError:
        raise Problem("没有安装 ClickHouse (chdb): 请安装可选组件 clickhouse, 或改用 DuckDB") from None
    scratch.mkdir(parents=True, exist_ok=True)
    folder = mkdtemp(prefix="clickhouse-", dir=scratch)
    session: Any = Session(folder)  # type: ignore[no-untyped-call]
    try:
        engine = Chdb(session)
        _prepare(engine, parts, memory_mb)
        yield engine
    finally:
        session.close()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(engine: Chdb, parts: Sequence[Part], memory_mb: int) -> None:
    bytes_ = (memory_mb * 6 // 10) << 20
    limits = {"max_memory_usage": bytes_, "max_bytes_before_external_group_by": bytes_ // 2}
    for name, value in {**_SETTINGS, **limits}.items():
        engine.run(f"SET {name} = {exp.convert(value).sql('clickhouse')}")
    engine.run(f"CREATE DATABASE IF NOT EXISTS {_DATABASE} ENGINE = Memory")
    engine.run(f"USE {_DATABASE}")
    for part in parts:
        engine.run(f"CREATE VIEW {part.table.name} AS {text(_union(part), 'clickhouse')}")


def _union(part: Part) -> exp.Query:
    """One SELECT for each file: their folders may differ. A file without a column has it empty."""
    selects = []
    for path in part.files:
        here = Part(part.table, (path,), frozenset(pq.read_schema(path).names), part.where)
        source = exp.Anonymous(this="file", expressions=[exp.Literal.string(str(path)), exp.var("Parquet")])
        selects.append(here.select(exp.Table(this=source)))
    return exp.union(*selects, distinct=False) if len(selects) > 1 else selects[0]
