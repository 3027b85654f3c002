"""What every kind of file is turned into on its way to the conversion: batches of text cells, column by column."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.stats.sources.ingest.header import Header


class Batch(NamedTuple):
    """`cells` are arrays of text without nulls by the column's code, `first` are the first columns of the file,
    where lines of totals say so.

    `lines` (numpy) is where each row stands in the file, counted from 1; `broken` are rows that have no columns, with
    the reason. `done` is the share of the file that has been read.
    """

    source: str
    lines: Any
    cells: dict[str, Any]
    first: list[Any]
    broken: list[tuple[int, str]]
    done: float


class FileRead(msgspec.Struct, frozen=True):
    """A file or a sheet that was read; `header_line` is 0 where there is none."""

    name: str
    kind: str
    header_line: int


class Log:
    """What was read, and what a person should know about it."""

    def __init__(self) -> None:
        self.files: list[FileRead] = []
        self.notes: list[str] = []

    def opened(self, name: str, kind: str, header: Header) -> None:
        self.files.append(FileRead(name, kind, header.below - header.height + 1 if header.height else 0))
        if header.titles:
            self.notes.append(f"{name}: 表头上方的 {header.titles} 行标题已跳过")
        if header.height > 1:
            self.notes.append(f"{name}: 表头有两行, 已合并")

    def note(self, text: str) -> None:
        self.notes.append(text)


TOTAL = "合计行"
_TOTAL = r"^[\s\x{3000}\x{a0}']*(?:本页|本月|本年)?[合总小共累][ \x{3000}]*计[\s:：\x{3000}\x{a0}]*$"
_TOTAL_OF_ONE = re.compile(re.sub(r"\\x\{(\w+)\}", lambda m: chr(int(m[1], 16)), _TOTAL))


def is_total(cell: str) -> bool:
    return _TOTAL_OF_ONE.match(cell) is not None


def totals(first: Sequence[Any], rows: int) -> Any:
    """Which rows are lines of totals (numpy)."""
    found = np.zeros(rows, bool)
    for cells in first:
        if pc.any(pc.match_substring(cells, "计")).as_py():
            found |= pc.match_substring_regex(cells, _TOTAL).to_numpy(zero_copy_only=False)
    return found


def columns(header: Header, rows: Sequence[Sequence[str]]) -> tuple[dict[str, Any], list[Any]]:
    """`cells` and `first` of rows that all have the header's width."""
    turned = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return {code: turned[i] for code, i in header.places.items()}, [turned[i] for i in header.first]
