"""The two files that come out: accepted rows as Parquet, refused rows as a CSV that can be mended and sent again."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.sources.ingest.cell import narrow
from services.stats.sources.ingest.header import OWN
from services.stats.sources.ingest.rows import Refused
from services.stats.sources.table import Table


def group_rows(columns: int) -> int:
    """Rows of a row group: by the width alone, so that the same rows give the same bytes however they came in."""
    return max(16_384, min(131_072, 1_500_000 // max(columns, 1)))


class Parquet:
    """Writes row groups of one size whatever the size of what it is given."""

    def __init__(self, path: Path, schema: Any) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema, self._size = schema, group_rows(len(schema))
        self._waiting: list[Any] = []
        self._rows = 0

    def add(self, rows: Any) -> None:
        self._waiting.append(rows)
        self._rows += rows.num_rows
        while self._rows >= self._size:
            self._write(self._size)

    def _write(self, size: int) -> None:
        waiting = pa.concat_tables(self._waiting)
        self._writer.write_table(waiting.slice(0, size).combine_chunks(), row_group_size=size)
        self._waiting = [waiting.slice(size)]
        self._rows -= size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._rows:
            self._write(self._rows)
        self._writer.close()


class Rejects:
    """UTF-8 with a BOM, for Excel; counts the rows by their first reason.

    No cell runs as a formula: what came from the file is defused already (`texts.shown`), reasons begin with our words.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._csv.writerow([*OWN, *(column.label for column in table.kept)])
        self.reasons: Counter[str] = Counter()

    def add(self, refused: Iterable[Refused]) -> None:
        for row in refused:
            self.reasons[row.reasons[0]] += 1
            self._csv.writerow([row.line, _defused(row.source), "; ".join(row.reasons), *row.cells])

    @property
    def rows(self) -> int:
        return self.reasons.total()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def _defused(source: str) -> str:
    """Files and sheets are called what people like; the column is ours, and ignored when it comes back."""
    return f"'{source}" if narrow(source).lstrip().startswith(("=", "+", "-", "@")) else source
