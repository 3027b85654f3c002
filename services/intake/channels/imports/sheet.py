"""Rows of a sheet as texts, from XLSX or from CSV in whatever encoding and with whatever separator. Pure."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple

from services.intake.channels.reading import BadPayload

MAX_ROWS, MAX_CHARACTERS, MAX_COLUMNS = 20_000, 4_000_000, 100
_UNPACKED = 200 * 1024 * 1024  # an XLSX is a ZIP, and a small one can hold a very large sheet
_SEPARATORS: Final = ",\t;|，；"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


class SheetRow(NamedTuple):
    """`number` is the row as a spreadsheet program shows it; `problem` is why it could not be read."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


def rows_of(data: bytes) -> list[SheetRow]:
    """The rows that are not empty. Raises BadPayload, and nothing else."""
    if not data.strip():
        raise BadPayload("文件是空的: 请检查导出是否成功")
    if data.startswith(_OLD_EXCEL):
        raise BadPayload("这是旧版 Excel (xls) 或加密文件: 请另存为 xlsx 或 CSV 后再导入")
    rows: list[SheetRow] = []
    characters = 0
    for row in _xlsx(data) if data.startswith(b"PK\x03\x04") else _csv(data):
        if row.problem or any(cell.strip() for cell in row.cells):
            rows.append(row)
            characters += sum(map(len, row.cells))
        if len(rows) > MAX_ROWS + 1 or characters > MAX_CHARACTERS:
            raise BadPayload(f"文件过大: 每次最多 {MAX_ROWS} 行, 共 {MAX_CHARACTERS // 10_000} 万字, 请拆分后分次导入")
    return rows


def _xlsx(data: bytes) -> Iterator[SheetRow]:
    """The first sheet. Whatever the library raises on a damaged file means one thing."""
    # Here and not above: 12 MB and half a second of every start, for a file that comes once a week.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                raise BadPayload("工作簿展开后过大: 请只保留需要的工作表和行")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
                yield SheetRow(number, _trimmed([_text(value) for value in row]))
        finally:
            book.close()
    except BadPayload:
        raise
    except Exception as error:
        raise BadPayload("读不出这个 Excel 文件: 请用 Excel 打开后另存为 xlsx 再导入") from error


def _text(value: Any) -> str:
    """A cell as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _clean(str(value))


def _csv(data: bytes) -> Iterator[SheetRow]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    number = 0
    while True:
        number += 1
        try:
            yield SheetRow(number, _trimmed([_clean(cell) for cell in next(reader)[:MAX_COLUMNS]]))
        except StopIteration:
            return
        except csv.Error:
            yield SheetRow(number, (), "这一行读不出来, 可能是引号没有成对或单元格过长: 请检查这一行")


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadPayload("不是可以识别的文本: 请另存为“CSV UTF-8”或 xlsx 后再导入")


def _separator(text: str) -> str:
    """The one that stands most often in the first line that has any, outside of quotes."""
    for line in text.splitlines()[:20]:
        outside = "".join(line.split('"')[::2])
        counts = {mark: outside.count(mark) for mark in _SEPARATORS}
        if any(counts.values()):
            return max(counts, key=lambda mark: counts[mark])
    return ","


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    """Without the empty cells at the end, which some programs write by the thousand."""
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _clean(cell: str) -> str:
    """Without halves of characters and the apostrophe that keeps a spreadsheet from calculating (see `escaped`)."""
    cell = cell.encode(errors="replace").decode().strip()
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r" else cell


def escaped(cell: str) -> str:
    """A cell that a spreadsheet program shows and does not calculate."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
