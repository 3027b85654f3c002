"""A report as a file for spreadsheets: CSV or a workbook."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from litestar import Response

FileFormat = Literal["csv", "xlsx"]
MEDIA_TYPES: Final[dict[FileFormat, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"  # Excel takes the file for GBK otherwise
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
Rows = Iterable[Sequence[object]]


def as_file(name: str, format: FileFormat, head: Sequence[str], rows: Rows) -> Response[bytes]:
    """A download called `<name>.<format>`; None is an empty cell."""
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    body = _csv(head, lines) if format == "csv" else _xlsx(head, lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    return Response(body, media_type=MEDIA_TYPES[format], headers=headers)


def _csv(head: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([escaped(cell) for cell in line] for line in lines)
    return (BOM + target.getvalue()).encode()


def escaped(cell: str) -> str:
    """What a spreadsheet would run as a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _xlsx(head: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """Every cell is a text, so that nothing runs and no number loses its zeros."""
    import xlsxwriter  # only for who wants the file

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for row, cells in enumerate([head, *lines]):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell[:32_767])
    book.close()
    return target.getvalue()
