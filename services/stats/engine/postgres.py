"""The same definitions on PostgreSQL: the chosen rows are copied into tables that end with the connection.

DuckDB reads the Parquet files, already cut to what the asker may see; what PostgreSQL does not have nobody can ask for.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlglot import exp

from services.stats.engine.connecting import Duck, Figures, decimals, duck
from services.stats.engine.cutting import Part
from services.stats.engine.dialects import text
from services.stats.engine.kinds import column_type
from services.stats.problem import Problem

_ROWS = 50_000


class Postgres:
    """A connection on which the tables stand."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def lines(self, query: exp.Query, schema: pa.Schema) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.execute(text(query, "postgres"))
            names = [column.name for column in cursor.description]
            batches = []
            while rows := cursor.fetchmany(_ROWS):
                columns = dict(zip(names, zip(*rows, strict=True), strict=True))
                batches.append(pa.table([pa.array(columns[f.name], f.type) for f in schema], schema=schema))
        return pa.concat_tables(batches) if batches else schema.empty_table()

    def figures(self, query: exp.Query) -> Figures:
        return decimals(self._connection.execute(text(query, "postgres")).fetchone())


@contextmanager
def postgres(parts: Sequence[Part], scratch: Path, memory_mb: int, url: str = "") -> Iterator[Postgres]:
    """Raises Problem when the server at `url` cannot be reached."""
    try:
        connection = psycopg.connect(url, autocommit=True, options="-c timezone=UTC -c client_min_messages=warning")
    except psycopg.Error:
        raise Problem("连接不上统计用的 PostgreSQL: 请联系信息科检查 YIBAO_STATS_ENGINE_URL") from None
    with connection:
        with duck(parts, scratch, memory_mb) as reader:
            for part in parts:
                _copy(connection, reader, part)
        connection.execute("SET default_transaction_read_only = on")
        yield Postgres(connection)


def _copy(connection: Any, reader: Duck, part: Part) -> None:
    names = [c.code for c in part.table.kept]
    columns = [_column(c.code, column_type(c)) for c in part.table.kept]
    connection.execute(f"CREATE TEMPORARY TABLE {part.table.name} ({', '.join(columns)})")
    rows = reader.connection.raw_sql(f"SELECT {', '.join(names)} FROM {part.table.name}").to_arrow_reader(_ROWS)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {part.table.name} ({', '.join(names)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for batch in rows:
            copy.write(_csv(batch))
    connection.execute(f"ANALYZE {part.table.name}")


def _column(code: str, type_: str) -> str:
    # Text is ordered by its bytes, as the other engines order it.
    return f"{code} " + {"VARCHAR": 'text COLLATE "C"'}.get(type_, type_)


def _csv(batch: pa.RecordBatch) -> bytes:
    """Text in quotes and nothing for null, which is how COPY tells an empty text from a missing one."""
    written = io.BytesIO()
    csv.write_csv(batch, written, csv.WriteOptions(include_header=False))
    return written.getvalue()
