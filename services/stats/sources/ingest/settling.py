"""What only all rows together can tell: keys that come twice, and the profile of each column. DuckDB does the work,
within its share of the memory, on disk where that is not enough.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from services.stats.sources.table import Column, Table

_MOST_LISTED = 100
_ORDERED = ("amount", "ratio", "count", "date", "datetime", "month")


class ColumnProfile(msgspec.Struct, frozen=True):
    """Of the accepted rows. `distinct` is an estimate (2 %); `least` and `most` are "" where values have no order.

    `unknown` are codes that the dictionary does not list, `repaired` counts mended cells by kind.
    """

    code: str
    name: str
    nulls: int
    distinct: int
    least: str = ""
    most: str = ""
    unknown: dict[str, int] = {}
    repaired: dict[str, int] = {}


@contextmanager
def engine(scratch: Path, memory_mb: int) -> Iterator[Any]:
    """A DuckDB that takes a third of the memory; the rest is Arrow's and Python's."""
    limit = f"{max(memory_mb // 3, 128)}MB"
    spilled = str(scratch / "spilled")
    with duckdb.connect(config={"memory_limit": limit, "threads": 2, "temp_directory": spilled}) as connection:
        yield connection


def repeated(connection: Any, path: Path, table: Table) -> Any:
    """The rows (numpy, from 0) whose key came before. A row without a whole key is nobody's repetition.

    A refund repeats the key of what it refunds: there, flag and sign belong to it.
    """
    if not table.key:
        return []
    given = " AND ".join(f'"{code}" IS NOT NULL' for code in table.key)
    parts = [f'"{code}"' for code in table.key]
    if table.refund is not None:
        parts += [f"coalesce(\"{table.refund.flag}\", '')", f'coalesce("{table.refund.amount}" < 0, false)']
    key = ", ".join(parts)
    source = f"read_parquet('{_quoted(path)}', file_row_number = true) WHERE {given}"
    # Hashes are smaller than keys: only rows that share one are compared.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE shared AS SELECT hash({key}) AS h FROM {source} GROUP BY h HAVING count(*) > 1"
    )
    if not connection.execute("SELECT count(*) FROM shared").fetchone()[0]:
        return []
    return connection.execute(
        f"SELECT n FROM (SELECT file_row_number AS n, row_number() OVER (PARTITION BY {key} ORDER BY file_row_number)"
        f" AS r FROM {source} AND hash({key}) IN (SELECT h FROM shared)) WHERE r > 1 ORDER BY n"
    ).fetchnumpy()["n"]


def profile(
    connection: Any,
    path: Path,
    table: Table,
    repaired: Mapping[str, Mapping[str, int]],
    unknown: Mapping[str, Mapping[str, int]],
) -> tuple[ColumnProfile, ...]:
    """Of every kept column."""
    asked = ", ".join(
        f'count(*) - count("{c.code}"), approx_count_distinct("{c.code}"), {_bounds(c)}' for c in table.kept
    )
    row = connection.execute(f"SELECT {asked} FROM read_parquet('{_quoted(path)}')").fetchone()
    return tuple(
        ColumnProfile(
            c.code, c.name, row[4 * i], row[4 * i + 1], _said(row[4 * i + 2]), _said(row[4 * i + 3]),
            _top(unknown[c.code]), dict(sorted(repaired[c.code].items())),
        )
        for i, c in enumerate(table.kept)
    )  # fmt: skip


def dates(table: Table, profiles: tuple[ColumnProfile, ...]) -> tuple[str, str]:
    """The first and the last day (inclusive) of the column that dates the rows, as `2026-10-31`; "" without one."""
    found = next((p for p in profiles if p.code == table.dated and p.least), None)
    if found is None:
        return "", ""
    if len(found.least) > 7:
        return found.least[:10], found.most[:10]
    year, month = int(found.most[:4]), int(found.most[5:])
    return f"{found.least}-01", f"{found.most}-{monthrange(year, month)[1]}"


def _bounds(column: Column) -> str:
    if column.personal or column.type not in _ORDERED:
        return "NULL, NULL"
    return f'min("{column.code}"), max("{column.code}")'


def _said(value: date | datetime | Decimal | int | str | None) -> str:
    return "" if value is None else str(value)


def _top(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_LISTED])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
