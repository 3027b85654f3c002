"""The sheet 口径与数据质量: what stands behind the figures."""

from typing import Any

from services.stats.output import words
from services.stats.output.facts import sections
from services.stats.output.styles import Styles
from services.stats.report import Report

_NAME, _TEXT = 30, 96


def behind(sheet: Any, styles: Styles, report: Report) -> None:
    """Write it; only here does the workbook name whole fingerprints."""
    sheet.set_column(0, 0, _NAME)
    sheet.set_column(1, 1, _TEXT)
    sheet.merge_range(0, 0, 0, 1, "口径与数据质量", styles["title"])
    sheet.set_row(0, 30)
    row = 1
    for section in sections(report):
        sheet.write_string(row, 0, section.title, styles["section"])
        sheet.write_blank(row, 1, None, styles["section"])
        for name, text in section.facts:
            row += 1
            lines_ = 1 + max(words.width(text) // (_TEXT - 4), words.width(name) // (_NAME - 2))
            sheet.set_row(row, 16 * lines_)
            sheet.write_string(row, 0, name, styles["name"])
            bad = section.title == "质量检查" and text.startswith("未通过")
            sheet.write_string(row, 1, text, styles["bad" if bad else "name"])
        row += 1
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&9第 &P 页，共 &N 页")
