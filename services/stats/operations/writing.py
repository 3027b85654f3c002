"""Rows of a declared table into one Parquet file: the same rows give the same bytes."""

import os
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.operations.told import Row
from services.stats.report import Input
from services.stats.sources.table import Table, Type

_GROUP = 20_000  # rows that are in memory at once, and those of a row group
_TYPES: dict[Type, Any] = {
    "text": pa.string(), "code": pa.string(), "month": pa.string(), "amount": pa.decimal128(18, 2),
    "ratio": pa.decimal128(9, 4), "count": pa.int64(), "date": pa.date32(), "datetime": pa.timestamp("us"),
}  # fmt: skip


def write(table: Table, rows: Iterable[Row], out: Path) -> Input:
    """A data set of these rows, which come in their order; a column that a row lacks is null."""
    schema = pa.schema([(column.code, _TYPES[column.type]) for column in table.kept])
    scratch, n = out / f"{table.name}.{os.getpid()}", 0
    with pq.ParquetWriter(scratch, schema, compression="zstd") as writer:
        for group in _groups(rows):
            writer.write_table(pa.Table.from_pylist(group, schema), row_group_size=_GROUP)
            n += len(group)
    with scratch.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    path = scratch.rename(out / f"{sha256}.parquet")
    return Input(table.name, sha256, n, str(path), table.title)


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while group := list(islice(left, _GROUP)):
        yield group
