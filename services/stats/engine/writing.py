"""The counted table as files: the same lines are the same bytes, on whichever engine and in whatever order they came.

`data.csv` is the canonical form: UTF-8, codes of columns in the first line, text in quotes, nothing for null, decimals
with all their digits, LF. It begins with a BOM so that Excel reads Chinese; the hash is of the bytes after it.
"""

import io
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from services.stats.definitions.definition import Definition
from services.stats.engine.kinds import ROLLED, schema
from services.stats.report import Shown

PARQUET, CSV = "data.parquet", "data.csv"
_BOM: Final = b"\xef\xbb\xbf"
_ROWS: Final = 65_536


def ordered(table: pa.Table, definition: Definition) -> pa.Table:
    """By the dimensions, what is empty last, a line before its subtotal; equal ones by what they say."""
    first = [*(o.code for o in definition.dimensions), ROLLED]
    others = [name for name in table.column_names if name not in first]
    keys = [(name, "ascending", "at_end") for name in (*first, *others)]
    places = pa.compute.sort_indices(table, sort_keys=keys)
    return table.take(places).combine_chunks()


def write(table: pa.Table, columns: Sequence[Shown], out: Path) -> str:
    """`data.parquet` and `data.csv` in `out`; the SHA-256 of the lines."""
    table = table.select([*(c.code for c in columns), ROLLED]).cast(schema(columns))
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, out / PARQUET, compression="zstd", row_group_size=_ROWS, store_schema=False)
    digest = sha256()
    with (out / CSV).open("wb") as written:
        written.write(_BOM)
        for text in _texts(table):
            digest.update(text)
            written.write(text)
    return digest.hexdigest()


def _texts(table: pa.Table) -> Iterator[bytes]:
    """By pieces: a register of everybody would not fit into memory twice."""
    yield _text(table.slice(0, 0), header=True)
    for start in range(0, table.num_rows, _ROWS):
        yield _text(table.slice(start, _ROWS), header=False)


def _text(table: pa.Table, header: bool) -> bytes:
    written = io.BytesIO()
    csv.write_csv(table, written, csv.WriteOptions(include_header=header, quoting_style="needed"))
    return written.getvalue()
