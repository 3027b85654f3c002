"""The XLSX as an official signs it: what was counted, by which rule, over which time, and what was left out.

The same rows by the same definition give the same bytes, so the sheet bears no run id and no time of making.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from services.stats.definition import Definition, Output
from services.stats.engine import Answer
from services.stats.ingest import Ingested

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times have no zone
_WIDTH = {"code": 34, "text": 16, "count": 12, "amount": 20}
_FIRST = 5  # the first row below the frozen header


def write(path: Path, definition: Definition, upload_id: str, ingested: Ingested, answer: Answer) -> None:
    """Write the workbook: the report, and what stands behind it."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        made = answer.until or _EPOCH
        book.set_properties({"title": definition.title, "author": "医保服务台", "created": made})
        formats = _formats(book)
        _report(book.add_worksheet("汇总"), formats, definition, answer)
        _behind(book.add_worksheet("口径与数据质量"), formats, definition, upload_id, ingested, answer)


def _formats(book: Any) -> dict[str, Any]:
    cell = {"border": 1, "font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    amount, count = {"num_format": "#,##0.00;[Red]-#,##0.00"}, {"num_format": "#,##0"}
    bold = {"bold": True, "bg_color": "#E7EEF7"}
    return {
        "title": book.add_format({"bold": True, "font_name": "黑体", "font_size": 16, "align": "center"}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10}),
        "wrap": book.add_format({"font_name": "宋体", "font_size": 11, "text_wrap": True, "valign": "top"}),
        "head": book.add_format({**cell, **bold, "align": "center", "text_wrap": True}),
        "text": book.add_format(cell),
        "amount": book.add_format({**cell, **amount}),
        "count": book.add_format({**cell, **count}),
        "total_text": book.add_format({**cell, **bold}),
        "total_amount": book.add_format({**cell, **bold, **amount}),
        "total_count": book.add_format({**cell, **bold, **count}),
    }


def _report(sheet: Any, formats: dict[str, Any], definition: Definition, answer: Answer) -> None:
    last = len(definition.outputs) - 1
    sheet.merge_range(0, 0, 0, last, definition.title, formats["title"])
    sheet.write_string(1, 0, f"统计期 (结算时间): {period(answer)}", formats["note"])
    sheet.write_string(1, last, f"单位: {definition.unit}", formats["note"])
    sheet.write_string(2, 0, f"口径: {definition.id}  指纹 {definition.hash}", formats["note"])
    for column, output in enumerate(definition.outputs):
        sheet.set_column(column, column, _WIDTH[output.kind])
        sheet.write_string(_FIRST - 1, column, output.name, formats["head"])
    names = {c.code: c.values for c in definition.columns}
    for row, line in enumerate(answer.rows, _FIRST):
        for column, output in enumerate(definition.outputs):
            _cell(sheet, row, column, output, line[output.code], names, formats, "")
    bottom = _FIRST + len(answer.rows)
    for column, output in enumerate(definition.outputs):
        value = answer.total[output.code] if output.kind in ("count", "amount") else "合计" * (column == 0)
        _cell(sheet, bottom, column, output, value, {}, formats, "total_")
    sheet.write_string(
        bottom + 2, 0, "制表:              复核:              负责人:              日期:", formats["note"]
    )
    _paper(sheet, bottom + 2, last)


def _paper(sheet: Any, bottom: int, last: int) -> None:
    sheet.freeze_panes(_FIRST, 0)
    sheet.repeat_rows(_FIRST - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, bottom, last)
    sheet.set_footer("&C第 &P 页, 共 &N 页")


def _cell(
    sheet: Any, row: int, column: int, output: Output, value: Any, names: dict[str, dict[str, str]],
    formats: dict[str, Any], prefix: str,
) -> None:  # fmt: skip
    if output.kind in ("count", "amount"):
        sheet.write_number(row, column, value, formats[prefix + output.kind])
        return
    name = names.get(output.code, {}).get(value, "")
    sheet.write_string(row, column, f"{value} {name}".strip(), formats[prefix + "text"])


def _behind(
    sheet: Any, formats: dict[str, Any], definition: Definition, upload_id: str, ingested: Ingested, answer: Answer
) -> None:
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 1, 90)
    scope = [("统计口径", line) for line in definition.scope]
    checks = [(name, f"{n} 行") for name, n in answer.checks.items()]
    reasons = [(f"退回原因: {reason}", f"{n} 行") for reason, n in ingested.reasons.items()]
    facts = [
        ("报表", f"{definition.title} ({definition.id})"),
        ("口径指纹 (SHA-256)", definition.hash),
        ("数据文件指纹 (SHA-256)", upload_id),
        ("统计期 (结算时间)", period(answer)),
        ("上传行数", f"{ingested.rows_in} 行"),
        ("计入行数", f"{ingested.rows_accepted} 行"),
        ("退回行数", f"{ingested.rows_rejected} 行"),
    ]
    for row, (name, value) in enumerate([*facts, *scope, *checks, *reasons]):
        sheet.write_string(row, 0, name, formats["wrap"])
        sheet.write_string(row, 1, value, formats["wrap"])


def period(answer: Answer) -> str:
    if answer.since is None or answer.until is None:
        return "无计入的数据"
    return f"{answer.since:%Y-%m-%d} 至 {answer.until:%Y-%m-%d}"
