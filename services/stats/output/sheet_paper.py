"""How a sheet of the table is printed: lying, on paper and as many pages side by side as keep its letters readable."""

from collections.abc import Sequence
from math import ceil
from typing import Any

A4, A3 = 9, 8
_A4_HOLDS, _A3_HOLDS = 190, 290
"""Latin letters in a line that can still be read."""


def paper(sheet: Any, header: int, first: int, end: int, widths: Sequence[int], dims: int, hash_: str) -> None:
    """`header` and `first` are the rows of heading and first line, `end` the row after all; the first `dims` of the
    columns, which are `widths` letters wide, say which line it is, and stand on every page."""
    wide = sum(widths)
    pages = ceil(wide / _A3_HOLDS)
    if pages > 1 and dims:
        sheet.repeat_columns(0, dims - 1)
        pages = ceil((wide - sum(widths[:dims])) / max(_A3_HOLDS - sum(widths[:dims]), _A3_HOLDS // 3))
    sheet.repeat_rows(header, first - 1)
    sheet.set_landscape()
    sheet.set_paper(A4 if wide <= _A4_HOLDS else A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
    sheet.fit_to_pages(pages, 0)
    sheet.center_horizontally()
    sheet.print_area(0, 0, end - 1, len(widths) - 1)
    sheet.set_footer(f"&L&9口径指纹 {hash_[:16]}&C&9第 &P 页，共 &N 页")
