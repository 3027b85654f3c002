"""The cells of a table that somebody has filled in by hand: XLSX, or CSV in UTF-8 or GB18030."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

MOST_BYTES = 64 << 20


class UnreadableSheet(Exception):
    """The file is no table; the sentence says what to do."""


def sheets(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Each sheet's name and its rows, as text. Raises UnreadableSheet."""
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableSheet(f"文件超过 {MOST_BYTES >> 20} MB: 请只保留需要反馈的工作表")
    content = path.read_bytes()
    if content.startswith(b"PK"):
        yield from _workbook(content)
    else:
        yield path.name, list(csv.reader(io.StringIO(_text(content))))


def _workbook(content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    from openpyxl import load_workbook  # takes a third of a second, and most commands need none

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError):
        raise UnreadableSheet("工作簿已损坏或不是 xlsx: 请用 Excel 另存为 xlsx 或 CSV") from None
    for sheet in book.worksheets:
        yield sheet.title, [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet("文件不是 UTF-8 或 GB18030 编码的 CSV: 请用 Excel 另存为 xlsx 或 CSV")
