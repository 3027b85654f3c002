"""The XLSX as an official signs it: the table, charts that Excel draws, and what stands behind the figures."""

from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import xlsxwriter

from services.stats.output.lines import Say, lines
from services.stats.output.plots import chosen
from services.stats.output.sheet import Sheet
from services.stats.output.sheet_behind import behind
from services.stats.output.sheet_charts import draw
from services.stats.output.sheet_rows import Rows
from services.stats.output.styles import Styles
from services.stats.report import Report

MOST_LINES = 1_048_500
"""Excel has 1,048,576 rows; what stands above and below the table takes some."""
_LARGE = 20_000
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times have no zone


def write(report: Report, path: Path, say: Say = lambda stage, done: None, most: int = MOST_LINES) -> None:
    """Write the workbook; a table of more than `most` lines goes on on further sheets.

    A large one is written line by line and never lies in memory. Bytes depend on the report alone.
    """
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True,
        "constant_memory": report.rows > _LARGE, "tmpdir": str(path.parent),
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        _properties(book, report)
        styles = Styles(book)
        _tables(book, styles, report, say, most)
        plots = chosen(report)
        if plots:
            draw(book, styles, plots)
        behind(book.add_worksheet("口径与数据质量", Rows), styles, report)


def _properties(book: Any, report: Report) -> None:
    made = report.data_as_of or _EPOCH
    book.set_properties({
        "title": report.definition.title, "subject": report.period.name, "author": "医保服务台",
        "comments": f"口径指纹 {report.definition.hash}", "created": made.replace(tzinfo=None),
    })  # fmt: skip


def _tables(book: Any, styles: Styles, report: Report, say: Say, most: int) -> None:
    rest = lines(report)
    written = 0
    for number in range(1, 1_000):
        head = list(islice(rest, 1))
        if number > 1 and not head:
            return
        sheet = Sheet(book.add_worksheet("报表" if number == 1 else f"报表({number})", Rows), styles, report)
        sheet.top(number)
        for line in islice(chain(head, rest), most):
            sheet.line(line)
            written += 1
            if written % 50_000 == 0:
                say("写 Excel", written / max(report.rows, 1))
        sheet.bottom(last=written >= report.rows)
