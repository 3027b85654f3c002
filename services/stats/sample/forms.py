"""Generated tables as people upload them: CSV in the encodings of hospital exports, XLSX, and CSV in a ZIP."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow.parquet as pq
import xlsxwriter

from services.stats.sources.table import Table, tables

Form = Literal["utf-8", "utf-8-sig", "gbk", "gb18030", "xlsx", "zip"]
FORMS: tuple[Form, ...] = get_args(Form)
MADE = datetime(2026, 1, 1)  # noqa: DTZ001  a workbook says when it was made: the same one, so that bytes repeat
SHEET_ROWS = 1_048_575


def as_files(folder: Path, out: Path, form: Form, *, only: tuple[str, ...] = (), chinese: bool = False) -> list[Path]:
    """Every generated table of `folder` (or those of `only`) as a file of `form` in `out`, with its header.

    The header has column codes, or Chinese names with `chinese`. An empty cell is null.
    """
    out.mkdir(parents=True, exist_ok=True)
    names = [name for name in sorted(tables()) if (folder / f"{name}.parquet").exists() and (not only or name in only)]
    return [_written(tables()[name], folder / f"{name}.parquet", out, form, chinese) for name in names]


def _written(table: Table, source: Path, out: Path, form: Form, chinese: bool) -> Path:
    header = [column.name if chinese else column.code for column in table.columns]
    if form == "xlsx":
        return _workbook(out / f"{table.name}.xlsx", header, source)
    if form == "zip":
        return _zipped(out / f"{table.name}.zip", table.name, header, source)
    path = out / f"{table.name}.csv"
    with path.open("w", encoding=form, newline="") as file:
        _csv(file, header, source)
    return path


def _csv(file: io.TextIOBase, header: list[str], source: Path) -> None:
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([_text(value) for value in row] for row in rows(source))


def _zipped(path: Path, name: str, header: list[str], source: Path) -> Path:
    entry = ZipInfo(f"{name}.csv", date_time=MADE.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    with (
        ZipFile(path, "w") as archive,
        archive.open(entry, "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as file,
    ):
        _csv(file, header, source)
    return path


def _workbook(path: Path, header: list[str], source: Path) -> Path:
    """Text in every cell, as exports of hospitals have it; a new sheet where one is full."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE})
        sheet = None
        for at, row in enumerate(rows(source)):
            if at % SHEET_ROWS == 0:
                sheet = book.add_worksheet(f"数据{at // SHEET_ROWS + 1}")
                sheet.write_row(0, 0, header)
            assert sheet is not None
            sheet.write_row(at % SHEET_ROWS + 1, 0, [_text(value) for value in row])
        if sheet is None:
            book.add_worksheet("数据1").write_row(0, 0, header)
    return path


def rows(source: Path) -> Iterator[tuple[object, ...]]:
    """The rows of a Parquet file in their order, a batch at a time."""
    with pq.ParquetFile(source) as file:
        for batch in file.iter_batches(batch_size=8192):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)
