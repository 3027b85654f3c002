"""The proof of delivery as a file: CSV, a workbook or lines of JSON, made while it is read, its seal at the end."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Literal

from services.notify.proof.row import HEAD, Line, Seal

FileFormat = Literal["csv", "xlsx", "ndjson"]
MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
}
SEAL, BOM = "#校验", "\ufeff"
_BATCH, _BLOCK = 500, 1 << 16
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def escaped(cell: str) -> str:
    """What a spreadsheet would run as a formula begins with an apostrophe; so does what begins with one anyway."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell


async def as_csv(lines: AsyncIterator[Line], seal: Seal) -> AsyncIterator[bytes]:
    """With a byte order mark: Excel takes it for GBK otherwise."""
    yield (BOM + _csv([HEAD])).encode()
    async for some in _batches(lines):
        for line in some:
            seal.add(line)
        yield _csv(map(escaped, line) for line in some).encode()
    yield _csv([(SEAL, seal.text, str(seal.rows), _filters(seal))]).encode()


async def as_ndjson(lines: AsyncIterator[Line], seal: Seal) -> AsyncIterator[bytes]:
    """An object a line, with the names of the API; the last one is the seal."""
    async for some in _batches(lines):
        for line in some:
            seal.add(line)
        yield b"".join(_json(line._asdict()) for line in some)
    yield _json({"seal": seal.text, "rows": seal.rows, "filters": seal.filters})


async def as_xlsx(lines: AsyncIterator[Line], seal: Seal) -> AsyncIterator[bytes]:
    """Written to a file first: a workbook's parts are put together at the end."""
    file = await asyncio.to_thread(NamedTemporaryFile, suffix=".xlsx", delete=False)
    file.close()
    path = Path(file.name)
    try:
        await _write_workbook(path, lines, seal)
        opened: IO[bytes] = await asyncio.to_thread(path.open, "rb")
        with opened:
            while block := await asyncio.to_thread(opened.read, _BLOCK):
                yield block
    finally:
        path.unlink(missing_ok=True)


async def _write_workbook(path: Path, lines: AsyncIterator[Line], seal: Seal) -> None:
    import xlsxwriter  # only for who wants the file

    # Rows go to disk one by one, and every cell is a text.
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("送达证明")
    sheet.freeze_panes(1, 0)
    _write(sheet, 0, [HEAD])
    async for some in _batches(lines):
        await asyncio.to_thread(_write, sheet, seal.rows + 1, some)
        for line in some:
            seal.add(line)
    _write(book.add_worksheet("校验"), 0, [(SEAL, seal.text, str(seal.rows), _filters(seal))])
    await asyncio.to_thread(book.close)


def _write(sheet: Any, first: int, lines: Iterable[Iterable[str]]) -> None:
    for row, line in enumerate(lines, first):
        for column, cell in enumerate(line):
            sheet.write_string(row, column, cell)


async def _batches(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    some: list[Line] = []
    async for line in lines:
        some.append(line)
        if len(some) == _BATCH:
            yield some
            some = []
    if some:
        yield some


def _csv(rows: Iterable[Iterable[str]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _filters(seal: Seal) -> str:
    return json.dumps(seal.filters, ensure_ascii=False, sort_keys=True)


WRITERS = {"csv": as_csv, "xlsx": as_xlsx, "ndjson": as_ndjson}
