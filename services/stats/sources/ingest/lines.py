"""Delimited text to batches: lines without quotes are split by Arrow, the others one by one.

Every line that is not empty is a row. Lines are taken one by one on purpose: a stray quotation mark would otherwise
swallow the rest of the file into one field.
"""

import csv
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from services.stats.problem import Problem
from services.stats.sources.ingest.batch import TOTAL, Batch, Log, is_total
from services.stats.sources.ingest.encoding import blocks, encoding_of
from services.stats.sources.ingest.header import LOOKED_AT, Header, find, positional, recognised
from services.stats.sources.table import Table

_DELIMITERS = ",\t;|"
_UNPAIRED, _RAGGED = "引号不配对 (字段内不能换行)", "列数与表头不符"


def read_lines(
    path: Path, name: str, table: Table, log: Log, headerless: bool = False, layout: str = ""
) -> Iterator[Batch]:
    """The batches of a CSV or TXT; a national TXT is `headerless`, in a `layout` of the table. Raises Problem."""
    text = blocks(path, encoding_of(path))
    block, done = next(text, (b"", 1.0))
    head = _head(block)
    if not any(line for line, _ in head):
        raise Problem("文件是空的: 请检查导出是否成功")
    if headerless:
        delimiter, header = "\t", positional(table, layout, head[0][0].count("\t") + 1)
    else:
        delimiter, header = _understood(table, [line for line, _ in head])
    log.opened(name, "txt" if headerless else "csv", header)
    skipped = head[header.below - 1][1] if header.below else 0
    number, lines = skipped + 1, block.split(b"\n")[skipped:]
    for lines, done in chain([(lines, done)], ((b.split(b"\n"), d) for b, d in text)):  # noqa: B020 - the first is ready
        yield Splitter(name, header, delimiter).split(lines, number, done)
        number += len(lines)


def _head(block: bytes) -> list[tuple[str, int]]:
    """The first lines that are not empty, each with its number."""
    lines = block[: 1 << 20].split(b"\n")[: 10 * LOOKED_AT]
    filled = [(line.decode("utf-8", "replace"), n) for n, line in enumerate(lines, 1) if line.strip()]
    return filled[: LOOKED_AT + 1]


def _understood(table: Table, lines: list[str]) -> tuple[str, Header]:
    if not any(mark in line for line in lines for mark in _DELIMITERS) and len(table.columns) > 1:
        raise Problem("没有逗号、制表符、分号或竖线作分隔符, 不是 CSV: 请检查文件, 表头应为列名")
    rows = {d: [_split(line, d) or [] for line in lines] for d in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: recognised(table, rows[d]))
    return best, find(table, rows[best])


def _split(line: str, delimiter: str) -> list[str] | None:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


class Splitter:
    """Lines of UTF-8 to a batch."""

    def __init__(self, source: str, header: Header, delimiter: str) -> None:
        self._source, self._header, self._delimiter = source, header, delimiter
        self._mark = delimiter.encode()
        self._names = [f"c{i}" for i in range(header.width)]
        self._needed = sorted({*header.places.values(), *header.first})

    def split(self, lines: list[bytes], number: int, done: float) -> Batch:
        """`number` is where the first of the lines stands in the file."""
        plain, other = self._sorted(lines)
        if len(plain) == len(lines):
            return self._batch(np.arange(number, number + len(lines)), self._quickly(lines), [], done)
        rows, at, broken = self._slowly(lines, other, number)
        arrays = self._quickly([lines[i] for i in plain])
        slow = [pa.array([row[i] for row in rows], pa.string()) for i in self._needed]
        places = np.concatenate([np.array(plain, np.int64) + number, np.array(at, np.int64)])
        order = np.argsort(places)
        arrays = [pa.concat_arrays([a, b]).take(pa.array(order)) for a, b in zip(arrays, slow, strict=True)]
        return self._batch(places[order], arrays, broken, done)

    def _sorted(self, lines: list[bytes]) -> tuple[Any, list[int]]:
        """Which lines have only to be cut at the delimiters, and which have to be looked at."""
        marks, empty = self._header.width - 1, self._mark * (self._header.width - 1)
        plain = [line.count(self._mark) == marks and b'"' not in line and line != empty for line in lines]
        if all(plain):
            return range(len(lines)), []
        return [i for i, p in enumerate(plain) if p], [i for i, p in enumerate(plain) if not p]

    def _quickly(self, lines: list[bytes]) -> list[Any]:
        if not lines:
            return [pa.array([], pa.string()) for _ in self._needed]
        text = b"\n".join(lines) + b"\n"
        names = [self._names[i] for i in self._needed]
        table = arrow_csv.read_csv(
            BytesIO(text),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=self._names),
            arrow_csv.ParseOptions(
                delimiter=self._delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(self._names, pa.string()), include_columns=names
            ),
        )
        return [column.combine_chunks() for column in table.columns]

    def _slowly(
        self, lines: list[bytes], which: list[int], number: int
    ) -> tuple[list[list[str]], list[int], list[tuple[int, str]]]:
        rows, at, broken = [], [], []
        for i in which:
            line = lines[i].decode("utf-8")
            if not line.strip().strip(self._delimiter + ' "'):
                continue
            cells = _split(line, self._delimiter)
            if cells is not None and len(cells) == self._header.width:
                rows.append(cells)
                at.append(number + i)
            else:
                broken.append((number + i, self._reason(cells)))
        return rows, at, broken

    def _batch(self, lines: Any, arrays: list[Any], broken: list[tuple[int, str]], done: float) -> Batch:
        by_place = dict(zip(self._needed, arrays, strict=True))
        cells = {code: by_place[i] for code, i in self._header.places.items()}
        return Batch(self._source, lines, cells, [by_place[i] for i in self._header.first], broken, done)

    def _reason(self, cells: list[str] | None) -> str:
        if cells is None:
            return _UNPAIRED
        first = [cells[i] for i in self._header.first if i < len(cells)]
        return TOTAL if any(map(is_total, first)) else _RAGGED
