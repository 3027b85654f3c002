"""The workbook that is signed (XLSX). Rows go to disk as they are written; the same report is the same bytes."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from chassis.zone import BEIJING
from services.sla.attainment import words
from services.sla.attainment.cells import Column, details, duties, exemptions, groups
from services.sla.attainment.duties import Duty
from services.sla.attainment.report import ClauseLine, Line, Report
from services.sla.attainment.row import Row
from services.sla.attainment.tally import floored

_SIGNED = (" " * 20).join(f"{who}:" for who in words.SIGNERS)
_FIRST = 5  # the first row below the frozen header
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_COUNTS: tuple[Column, ...] = tuple((name, 9, "count") for name in words.COUNTS[:-1])
_RATE: Column = (words.COUNTS[-1], 11, "rate")
_CLAUSES: tuple[Column, ...] = (
    ("合同", 26, "text"), ("条款", 8, "text"), ("内容", 34, "text"), ("考核项", 14, "text"), ("约定", 10, "rate"),
    *_COUNTS, _RATE, ("结论", 10, "verdict"),
)  # fmt: skip


def workbook(
    report: Report, rows: Sequence[Row], due: Sequence[Duty], name: Callable[[str | None], str], outward: bool = False
) -> bytes:  # fmt: skip
    """`name` is what an institution is called; `outward` is for a hospital, whose rows hold less."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        made = report.as_of.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": words.TITLE, "author": "医保服务台", "created": made})
        sheets = _Sheets(book, report)
        sheets.table("条款达成", _CLAUSES, [_clause(line) for line in report.clauses], signed=True)
        for by, title, lines in words.groups(report):
            summed = [*(_group(by, line) for line in lines), _sum(by, report.total)]
            sheets.table(title, (*groups(by), *_COUNTS, _RATE), summed, signed=True)
        sheets.table("明细", *details(rows, name, outward))
        sheets.table("义务", *duties(due))
        sheets.table("免责", *exemptions(report.exemptions))
        sheets.table("口径说明", (("项目", 16, "wrap"), ("说明", 110, "wrap")), words.rules(report))
    return out.getvalue()


def _clause(line: ClauseLine) -> tuple[Any, ...]:
    named = f"{line.contract} {line.contract_name}"
    return (named, line.number, line.title, line.what, line.share, *_counts(line.line), line.verdict)


def _group(by: str, line: Line) -> tuple[Any, ...]:
    shown = (line.key[by], line.name) if by == "institution" else (line.name,)
    return (*shown, *_counts(line))


def _sum(by: str, total: Line) -> tuple[Any, ...]:
    return (*(["合计", ""] if by == "institution" else ["合计"]), *_counts(total))


def _counts(line: Line) -> tuple[Any, ...]:
    return (*words.counts(line), floored(line.kept, line.late))


class _Sheets:
    def __init__(self, book: Any, report: Report) -> None:
        self._book, self._report = book, report
        cell = {"border": 1, "font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        self._title = book.add_format({"bold": True, "font_name": "黑体", "font_size": 16})
        self._note = book.add_format({"font_name": "宋体", "font_size": 10})
        shade = {"bold": True, "bg_color": "#E7EEF7", "align": "center", "text_wrap": True}
        self._head = book.add_format({**cell, **shade})
        self._formats = {
            "text": book.add_format(cell),
            "wrap": book.add_format({**cell, "text_wrap": True, "valign": "top"}),
            "count": book.add_format({**cell, "num_format": "#,##0"}),
            "rate": book.add_format({**cell, "num_format": "0.00%"}),
            "time": book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm:ss"}),
            "span": book.add_format({**cell, "num_format": "[h]:mm:ss"}),
            "verdict": book.add_format({**cell, "bold": True, "align": "center"}),
        }

    def table(self, name: str, columns: Sequence[Column], rows: Any, signed: bool = False) -> None:
        """A sheet with the report's head, frozen names of columns, and `rows`, an iterable of tuples."""
        sheet, last = self._book.add_worksheet(name), len(columns) - 1
        for at, (_, width, _) in enumerate(columns):
            sheet.set_column(at, at, width)
        sheet.write_string(0, 0, f"{words.TITLE}  {name}", self._title)
        for at, line in enumerate(words.head(self._report), 1):
            sheet.write_string(at, 0, line, self._note)
        for at, (title, _, _) in enumerate(columns):
            sheet.write_string(_FIRST - 1, at, title, self._head)
        bottom = _FIRST
        for row in rows:
            for at, ((_, _, kind), value) in enumerate(zip(columns, row, strict=True)):
                self._write(sheet, bottom, at, kind, value)
            bottom += 1
        if signed:
            sheet.write_string(bottom + 1, 0, _SIGNED, self._note)
        self._paper(sheet, bottom + signed, last)

    def _write(self, sheet: Any, row: int, at: int, kind: str, value: Any) -> None:
        look = self._formats[kind]
        if value is None or value == "":
            sheet.write_string(row, at, "—" if kind == "rate" else "", look)
        elif kind in ("count", "rate", "span"):
            sheet.write_number(row, at, value, look)
        elif kind == "time":
            sheet.write_datetime(row, at, value, look)
        else:
            sheet.write_string(row, at, str(value), look)

    def _paper(self, sheet: Any, bottom: int, last: int) -> None:
        sheet.freeze_panes(_FIRST, 0)
        sheet.repeat_rows(_FIRST - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, max(bottom, _FIRST), last)
        sheet.set_footer(f"&L&8校验码 {self._report.digest[:16]}&C第 &P 页, 共 &N 页")
