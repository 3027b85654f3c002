"""Workbooks (XLSX, XLS) to batches: values as they were last computed, sheet by sheet, in the words of a CSV."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import python_calamine

from chassis.personal.masking import mask
from services.stats.problem import Problem
from services.stats.sources.ingest.batch import Batch, Log, columns
from services.stats.sources.ingest.cell import AN_ERROR, NO_RESULT
from services.stats.sources.ingest.header import LOOKED_AT, Header, find
from services.stats.sources.ingest.markup import Sheet, looked_through
from services.stats.sources.ingest.numbers import written
from services.stats.sources.table import Table

_ROWS = 10_000
_OF_A_CELL, _OF_A_BYTE = 150, 12
"""What a cell of a sheet, and a byte of an XLS, take in memory at most (measured)."""
_BROKEN = "工作簿已损坏或不是 Excel 文件: 请用 Excel 打开后另存为 xlsx 再上传"
_LOCKED = "工作簿有打开密码: 请去掉密码后再上传"


def read_workbook(path: Path, name: str, table: Table, log: Log, memory_mb: int) -> Iterator[Batch]:
    """The batches of all sheets that have the table's columns; the others are named in a note. Raises Problem."""
    sheets = looked_through(path)
    taken = max((s.rows * s.width * _OF_A_CELL if s.width else s.size * _OF_A_BYTE for s in sheets.values()), default=0)
    whole = taken < memory_mb << 19
    if not whole and not zipfile.is_zipfile(path):
        raise Problem("旧版 Excel (xls) 文件过大: 请另存为 xlsx 或 CSV 后再上传")
    if "" in sheets:
        log.note(f"{name}: 旧版 Excel (xls) 中的错误值 (如 #N/A) 读为空, 如有请另存为 xlsx")
    read, problem = False, None
    for title, rows in _calamine(path) if whole else _openpyxl(path):
        try:
            batches = _sheet(f"{name} / {mask(title)}", rows, table, log, sheets.get(title))
        except Problem as found:
            problem = problem or found
            log.note(f"工作表“{mask(title)}”未读入: {found}")
            continue
        if batches is not None:
            read = True
            yield from batches
    if not read:
        raise problem or Problem("工作簿是空的: 请检查导出是否成功")


def _sheet(
    source: str, rows: Iterator[list[Any]], table: Table, log: Log, sheet: Sheet | None
) -> Iterator[Batch] | None:
    """None for an empty sheet. Raises Problem when it has no header."""
    head = [[_text(cell) for cell in row] for row in islice(rows, LOOKED_AT + 1)]
    if not any(any(row) for row in head):
        return None
    header = find(table, head)
    log.opened(source, "sheet", header)
    if sheet is not None and sheet.hidden:
        log.note(f"{source}: 有 {sheet.hidden} 行是隐藏行, 已一并读入")
    texts = chain(head[header.below :], ([_text(cell) for cell in row] for row in rows))
    return _batches(source, texts, header, sheet or Sheet())


def _batches(source: str, rows: Iterator[list[str]], header: Header, sheet: Sheet) -> Iterator[Batch]:
    number = header.below
    while block := list(islice(rows, _ROWS)):
        kept: list[list[str]] = []
        lines: list[int] = []
        for row in block:
            number += 1
            cells = (row + [""] * (header.width - len(row)))[: header.width]
            for marked, text in ((sheet.errors, AN_ERROR), (sheet.without_result, NO_RESULT)):
                for place in marked.get(number, ()):
                    if place < header.width:
                        cells[place] = text
            if any(cell and not cell.isspace() for cell in cells):
                kept.append(cells)
                lines.append(number)
        if kept:
            cells_, first = columns(header, kept)
            yield Batch(source, np.array(lines, np.int64), cells_, first, [], 0.5)


def _calamine(path: Path) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    try:
        book = python_calamine.load_workbook(str(path))
        names = [s.name for s in book.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet]
        for name in names:
            yield name, iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except python_calamine.PasswordError:
        raise Problem(_LOCKED) from None
    except (python_calamine.CalamineError, OSError):
        raise Problem(_BROKEN) from None


def _openpyxl(path: Path) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    """For what would not fit into memory: slower, row by row."""
    import openpyxl

    try:
        with path.open("rb") as source:  # by its name it would be refused
            for sheet in openpyxl.load_workbook(source, read_only=True, data_only=True).worksheets:
                sheet.reset_dimensions()
                yield sheet.title, (list(row) for row in sheet.iter_rows(values_only=True))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise Problem(_BROKEN) from None


def _text(value: Any) -> str:
    """A cell as a CSV would have it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return written(value)
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, timedelta):
        return str(value)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
