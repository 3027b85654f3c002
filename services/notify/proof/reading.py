"""Reads an exported proof of delivery back: its lines, and whether its seal still fits them."""

import csv
import json
from collections.abc import Iterator, Sequence
from hmac import compare_digest
from pathlib import Path
from typing import Any, NamedTuple

from services.notify.proof.files import SEAL, unescaped
from services.notify.proof.row import HEAD, Line, sealed


class Unreadable(ValueError):
    """No exported proof; the message says what is wrong with it."""


class Proof(NamedTuple):
    """`intact`: not a character of it is another one than a desk with this key has exported."""

    lines: list[Line]
    filters: dict[str, str]
    intact: bool


def read(path: Path, key: bytes) -> Proof:
    """By the ending of its name; `key` is the desk's secret key. Raises Unreadable, or OSError."""
    try:
        *lines, seal = _rows(path)
        claimed, filters = _seal(seal)
        found = [Line._make(cells) for cells in lines]
    except (TypeError, ValueError, KeyError, csv.Error):
        raise Unreadable(f"{path.name} 不是完整的送达证明: 请用导出的原文件 (csv, xlsx 或 ndjson), 不要另存") from None
    now = sealed(filters, found, key)
    return Proof(found, filters, compare_digest(f"{now.text} {now.rows}".encode(), " ".join(claimed).encode()))


def _rows(path: Path) -> Iterator[Sequence[str]]:
    readers = {".csv": _csv, ".ndjson": _ndjson, ".xlsx": _xlsx}
    if (reader := readers.get(path.suffix.lower())) is None:
        raise ValueError(path.suffix)
    return reader(path)


def _seal(cells: Sequence[str]) -> tuple[tuple[str, str], dict[str, str]]:
    mark, digest, rows, filters = cells[:4]
    if mark != SEAL:
        raise ValueError("no seal")
    return (digest, rows), json.loads(filters)


def _csv(path: Path) -> Iterator[Sequence[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != HEAD:
            raise ValueError("no head")
        for row in rows:
            yield row if row and row[0] == SEAL else [unescaped(cell) for cell in row]


def _ndjson(path: Path) -> Iterator[Sequence[str]]:
    with path.open(encoding="utf-8") as file:
        for text in file:
            found: dict[str, Any] = json.loads(text)
            if "seal" in found:
                yield [SEAL, found["seal"], str(found["rows"]), json.dumps(found["filters"])]
            else:
                yield [str(found[name]) for name in Line._fields]


def _xlsx(path: Path) -> Iterator[Sequence[str]]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, KeyError):
        raise ValueError("no workbook") from None
    lines, seal = book.worksheets[:2]
    size = len(HEAD)
    for row in lines.iter_rows(min_row=2, max_col=size, values_only=True):
        yield [str(cell or "") for cell in row] + [""] * (size - len(row))
    for row in seal.iter_rows(max_row=1, max_col=4, values_only=True):
        yield [str(cell or "") for cell in row]
