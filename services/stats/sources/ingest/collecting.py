"""Batches of any origin to a data set: accepted rows in one Parquet file named by its hash, the others with reasons."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from services.stats.problem import Problem
from services.stats.sources.ingest.batch import Batch, FileRead, Log
from services.stats.sources.ingest.rows import Refused, Rows
from services.stats.sources.ingest.settling import ColumnProfile, dates, engine, profile, repeated
from services.stats.sources.ingest.texts import shown
from services.stats.sources.ingest.writing import Parquet, Rejects
from services.stats.sources.table import Table

REJECTS = "rejects.csv"
_STAND = pa.schema([("line", pa.int64()), ("source", pa.int32())])
_READING = 0.85  # the share of the work that is reading, measured


class Ingested(msgspec.Struct, frozen=True):
    """What became of an upload: `rows_in` = accepted + rejected, and `reasons` (first of each row) sum to the rejected.

    `duplicates` are those of the rejected whose key came before. `since` and `until` are the first and the last day
    (inclusive) of the column that dates the rows, as `2026-10-31`, or "". `notes` are in Chinese, for staff.
    """

    rows_in: int
    rows_accepted: int
    rows_rejected: int
    reasons: dict[str, int]
    sha256: str
    profile: tuple[ColumnProfile, ...]
    files: tuple[FileRead, ...]
    notes: tuple[str, ...]
    duplicates: int
    since: str
    until: str


class Collector:
    """One collection; `scratch` and `out` are on the same disk."""

    def __init__(
        self,
        table: Table,
        codes: Mapping[str, Mapping[str, str]],
        out: Path,
        scratch: Path,
        *,
        key: bytes,
        memory_mb: int,
        progress: Callable[[float], None],
        empty: bool = False,
    ) -> None:
        self._empty = empty
        self._table, self._out, self._scratch = table, out, scratch
        self._memory_mb, self._progress = memory_mb, progress
        self._rows = Rows(table, codes, key)
        self._sources: list[str] = []

    def collect(self, batches: Iterator[Batch], log: Log) -> Ingested:
        """Raises Problem when there are no rows at all, or from `batches`."""
        with Rejects(self._scratch / REJECTS, self._table) as rejects:
            accepted = self._read(batches, rejects)
            if not accepted + rejects.rows and not self._empty:
                raise Problem("文件只有表头, 没有数据行: 请检查导出条件; 确实没有数据时请声明为空表 (empty)")
            path = self._scratch / "staged.parquet"
            with engine(self._scratch, self._memory_mb) as connection:
                again = repeated(connection, path, self._table)
                if len(again):
                    path = self._without(path, np.asarray(again), rejects)
                profiles = profile(connection, path, self._table, self._rows.repaired, self._rows.unknown)
        with path.open("rb") as data:
            digest = file_digest(data, "sha256").hexdigest()
        path.replace(self._out / f"{digest}.parquet")
        (self._scratch / REJECTS).replace(self._out / REJECTS)
        self._progress(1.0)
        return Ingested(
            accepted + rejects.rows - len(again), accepted - len(again), rejects.rows,
            dict(rejects.reasons.most_common()), digest, profiles, tuple(log.files), tuple(log.notes), len(again),
            *dates(self._table, profiles),
        )  # fmt: skip

    def _read(self, batches: Iterator[Batch], rejects: Rejects) -> int:
        """How many rows were accepted."""
        rows = 0
        staged, stand = self._scratch / "staged.parquet", self._scratch / "stand.parquet"
        with Parquet(staged, self._rows.schema) as good, Parquet(stand, _STAND) as where:
            for batch in batches:
                accepted, lines, refused = self._rows.take(batch)
                good.add(accepted)
                where.add(pa.table([lines, np.full(len(lines), self._source(batch.source))], schema=_STAND))
                rejects.add(refused)
                rows += len(lines)
                self._progress(batch.done * _READING)
        return rows

    def _source(self, name: str) -> int:
        if name not in self._sources[-1:]:
            self._sources.append(name)
        return len(self._sources) - 1

    def _without(self, path: Path, again: Any, rejects: Rejects) -> Path:
        """The file without these rows, which are rejected."""
        kept, start = self._scratch / "kept.parquet", 0
        with pq.ParquetFile(path) as data, pq.ParquetFile(self._scratch / "stand.parquet") as stand:
            places = _Places(stand)
            with Parquet(kept, self._rows.schema) as good:
                for group in range(data.num_row_groups):
                    rows = data.read_row_group(group, use_threads=False)
                    out = again[(again >= start) & (again < start + rows.num_rows)] - start
                    keep = np.ones(rows.num_rows, bool)
                    keep[out] = False
                    good.add(rows.filter(pa.array(keep)))
                    rejects.add(self._repeated(rows.take(pa.array(out)).to_pylist(), places.of(out + start)))
                    start += rows.num_rows
        return kept

    def _repeated(self, rows: list[dict[str, Any]], places: list[dict[str, int]]) -> Iterator[Refused]:
        reason = f"主键重复 ({', '.join(self._table.key)}): 只保留先出现的一行"
        for row, place in zip(rows, places, strict=True):
            texts = {code: "" if value is None else str(value) for code, value in row.items()}
            cells = tuple(shown(c, texts[c.code], row[c.code], False, False) for c in self._table.kept)
            yield Refused(place["line"], self._sources[place["source"]], (reason,), cells)


class _Places:
    """Where accepted rows stand in their files; asked in ascending order, group by group."""

    def __init__(self, stand: Any) -> None:
        self._stand, self._group, self._start = stand, 0, 0

    def of(self, rows: Any) -> list[dict[str, int]]:
        found: list[dict[str, int]] = []
        while len(rows):
            size = self._stand.metadata.row_group(self._group).num_rows
            here = rows[rows < self._start + size]
            if len(here):
                table = self._stand.read_row_group(self._group, use_threads=False)
                found += table.take(pa.array(here - self._start)).to_pylist()
            rows = rows[len(here) :]
            if len(rows):
                self._group, self._start = self._group + 1, self._start + size
        return found
