"""One sheet of the table: what stands above it, its lines in their order, what stands below it."""

from datetime import date, datetime
from functools import partial
from typing import Any

from services.stats.output import words
from services.stats.output.lines import Line, Value, dimensions, heading, hidden, is_measure, names_of, untyped
from services.stats.output.sheet_paper import paper
from services.stats.output.sheet_rows import Cells, fits
from services.stats.output.styles import SHADES, Styles
from services.stats.report import Report, Shown

_NARROW, _WIDE = 10, 42
_WIDTHS = {"count": 12, "amount": 18, "percent": 11, "ratio": 11, "number": 14, "date": 12, "month": 11}
_LOOKED_AT = 500
_HIGH = 18


class Sheet:
    """Rows must be written from top to bottom: a large workbook keeps only one of them in memory."""

    def __init__(self, sheet: Any, styles: Styles, report: Report) -> None:
        self._sheet, self._styles, self._report = sheet, styles, report
        self._names, self._small = names_of(report), hidden(report)
        self._columns, self._dims = report.columns, dimensions(report)
        self._last = len(report.columns) - 1
        self._row = self._header = 0
        self._first_line = 0
        self._widths = [_natural(c) for c in report.columns]
        self._formats = {shade: [styles.cell(c.kind, shade) for c in report.columns] for shade in SHADES}
        self._cells = Cells(sheet, self._formats["line"], [partial(self._spelled, c) for c in report.columns])
        sheet.set_default_row(_HIGH)

    def top(self, number: int = 1) -> None:
        """Title, banners, what was counted, and the heading of the table."""
        title = self._report.definition.title + (f"（续 {number - 1}）" if number > 1 else "")
        self._across(title, "title", 30)
        if self._report.draft:
            self._across(words.DRAFT, "draft", 26)
        if self._report.verdict == "failed":
            self._across(words.FAILED, "failed", 26)
        for left, right in words.above(self._report):
            self._halves(left, right)
        self._heading()
        self._first_line = self._row

    def line(self, line: Line) -> None:
        if self._whole(line):
            self._sheet.whole_row(self._row, self._cells.row(self._row, line.values))
            self._row += 1
        else:
            self._line(line)

    def _whole(self, line: Line) -> bool:
        """Whether the line can be written in one go: nothing in it looks other than in the lines around it."""
        plain = self._sheet.constant_memory and not line.rolled and self._row >= self._first_line + _LOOKED_AT
        return plain and not self._small(line) and all(map(fits, line.values))

    def _line(self, line: Line) -> None:
        shade = "line" if not line.rolled else "total" if line.rolled >= self._dims else "subtotal"
        formats, small = self._formats[shade], self._small(line)
        head = heading(self._report, line)
        for n, value in enumerate(line.values):
            if n == head:
                self._text(n, words.subtotal(self._report, line), formats[n])
            elif value is None and small and is_measure(self._columns[n]):
                self._text(n, words.HIDDEN, self._styles.cell("hidden", shade))
            else:
                self._cell(n, value, shade, formats[n])
        self._row += 1

    def bottom(self, last: bool) -> None:
        """Notes and the line to sign on, on the last sheet; then the paper."""
        if last:
            for kind, note in words.below(self._report):
                self._across(
                    note,
                    "bad_note" if kind == "fail" else "note",
                    15 * (1 + words.width(note) // max(sum(self._widths), 20)),
                )
            self._row += 1
            self._signatures()
        for n, width in enumerate(self._widths):
            self._sheet.set_column(n, n, width)
        self._sheet.freeze_panes(self._first_line, self._dims)
        paper(
            self._sheet,
            self._header,
            self._first_line,
            self._row,
            self._widths,
            self._dims,
            self._report.definition.hash,
        )

    def _cell(self, n: int, value: Value, shade: str, style: Any) -> None:
        value = untyped(value)
        if value is None:
            self._sheet.write_blank(self._row, n, None, style)
        elif isinstance(value, date):
            timed = isinstance(value, datetime) and bool(value.time())
            self._sheet.write_datetime(self._row, n, value, self._styles.cell("datetime" if timed else "date", shade))
        elif isinstance(value, str):
            self._text(n, self._spelled(self._columns[n], value), style)
        else:
            self._sheet.write_number(self._row, n, value, style)

    def _spelled(self, column: Shown, value: str) -> str:
        return words.dimension(column, value, self._names.get(column.code, {}))

    def _text(self, n: int, text: str, style: Any) -> None:
        if self._row < self._first_line + _LOOKED_AT:
            self._widths[n] = max(self._widths[n], min(words.width(text) + 2, _WIDE))
        self._sheet.write_string(self._row, n, text[:32_767], style)

    def _heading(self) -> None:
        found = words.groups(self._report)
        depth = 2 if any(group.parts for group in found) else 1
        for level in range(depth):
            self._sheet.set_row(self._row + level, 32 if depth == 1 else 24)
            for group in found:
                self._heads(group, level)
        for group in found:
            if depth == 2 and not group.parts:
                # Both rows are written already, and merge_range would write again: only the merge itself is told.
                self._sheet.merge.append([self._row, group.first, self._row + 1, group.last])
        self._header, self._row = self._row, self._row + depth

    def _heads(self, group: words.Group, level: int) -> None:
        style, row = self._styles["head"], self._row + level
        if level and group.parts:
            for n, part in enumerate(group.parts, group.first):
                self._sheet.write_string(row, n, part, style)
        elif level:
            self._sheet.write_blank(row, group.first, None, style)
        else:
            self._merged(row, group.first, group.last, group.name, style)

    def _across(self, text: str, style: str, height: float) -> None:
        self._sheet.set_row(self._row, height)
        self._merged(self._row, 0, self._last, text, self._styles[style])
        self._row += 1

    def _halves(self, left: str, right: str) -> None:
        middle = self._last // 2 if right else self._last
        if not self._last and right:
            left, right = f"{left}　{right}", ""
        self._merged(self._row, 0, middle, left, self._styles["left"])
        if right:
            self._merged(self._row, middle + 1, self._last, right, self._styles["right"])
        self._row += 1

    def _signatures(self) -> None:
        self._sheet.set_row(self._row, 24)
        if self._last < len(words.SIGNATURES) - 1:
            self._merged(self._row, 0, self._last, "　　　　".join(words.SIGNATURES), self._styles["signature"])
        else:
            share = (self._last + 1) / len(words.SIGNATURES)
            for n, text in enumerate(words.SIGNATURES):
                self._sheet.write_string(self._row, int(n * share), text, self._styles["signature"])
        self._row += 1

    def _merged(self, row: int, first: int, last: int, text: str, style: Any) -> None:
        if first == last:
            self._sheet.write_string(row, first, text, style)
        else:
            self._sheet.merge_range(row, first, row, last, "", style)
            self._sheet.write_string(row, first, text, style)


def _natural(column: Shown) -> int:
    """Wide enough for usual figures, and for half of the column's name, which may take two lines."""
    return max(_WIDTHS.get(column.kind, _NARROW), min(words.width(column.name) // 2 + 4, _WIDE))
