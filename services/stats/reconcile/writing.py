"""The reconciliation as a workbook that both sides sign: totals, differences by class, what to do about each.

The same comparison gives the same bytes. Only a worker process imports this module.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import xlsxwriter

from services.stats.reconcile.classes import NAMES, VARIANTS, Class, Classes
from services.stats.reconcile.comparing import Compared
from services.stats.reconcile.feedback import ID, NOTE, VERDICT, VERDICTS
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.sql import AMOUNTS, literal
from services.stats.reconcile.totals import Sums, Total
from services.stats.sources.table import dictionaries

MOST: Final = 50_000
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times have no zone
_SIGNED: Final = "医疗机构经办人:              医疗机构负责人:              中心经办人:              日期:"
_ASKED: Final = f" 医院请在各类明细黄色的 {VERDICT}、{NOTE} 两列填写后交回 (不改动其他列)。"
_UNSPLIT: Final = "(不分)"
_TOTALS: Final = {
    "险种": 26, "清算类别": 20, "结算经办机构": 14, "医院费用总额": 18, "中心费用总额": 18, "医院基金支付": 18,
    "中心基金支付": 18, "医院个账支付": 16, "中心个账支付": 16, "医院笔数": 11, "中心笔数": 11, "结果": 8,
}  # fmt: skip
_LISTED: Final = {
    "序号": 6, "医院结算ID": 24, "中心结算ID": 24, "就诊ID": 24, "报文ID": 30, "医院结算时间": 19, "中心结算时间": 19,
    "医院费用总额": 13, "中心费用总额": 13, "费用差额": 12, "基金差额": 12, "个账差额": 12, VERDICT: 10, NOTE: 30,
    "原因": 60, "处理办法": 60, "平台结果": 9, ID: 36,
}  # fmt: skip
_FILLED: Final = tuple(list(_LISTED).index(name) for name in (VERDICT, NOTE))
_HEIGHT: Final = 30  # points: two lines of the reason
_CHOOSE: Final = f"请选择 {'、'.join(VERDICTS.values())}"
_COLUMNS: Final = """
    h_setl_id, c_setl_id, coalesce(c_mdtrt_id, h_mdtrt_id), coalesce(c_msgid, h_msgid),
    strftime(h_setl_time, '%Y-%m-%d %H:%M:%S'), strftime(c_setl_time, '%Y-%m-%d %H:%M:%S'), h_medfee_sumamt,
    c_medfee_sumamt, delta_medfee_sumamt, delta_fund_pay_sumamt, delta_acct_pay, '', '', why, next, result, id"""


def write(path: Path, asked: Asked, compared: Compared) -> None:
    """One workbook; of each class the first `MOST` differences, the Parquet file has them all."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "医保结算对账单", "author": "医保服务台", "created": _MADE})
        formats = _formats(book)
        _totals(book.add_worksheet("总账"), formats, asked, compared)
        _summary(book.add_worksheet("差异汇总"), formats, compared)
        for tally in compared.tallies:
            _differences(book.add_worksheet(f"{tally.of} {tally.name}"), formats, compared.differences, tally.of)
        _words(book.add_worksheet("处理办法"), formats)


def _formats(book: Any) -> dict[str, Any]:
    cell = {"border": 1, "font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    return {
        "title": book.add_format({"bold": True, "font_name": "黑体", "font_size": 16}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10}),
        "warning": book.add_format({"font_name": "宋体", "font_size": 10, "font_color": "#C00000"}),
        "fill": book.add_format({**cell, "text_wrap": True, "bg_color": "#FFF8E1", "locked": False}),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#E7EEF7", "align": "center", "text_wrap": True}),
        "text": book.add_format({**cell, "text_wrap": True}),
        "bad": book.add_format({**cell, "font_color": "#C00000", "bold": True}),
        "amount": book.add_format({**cell, "num_format": "#,##0.00;[Red]-#,##0.00"}),
        "count": book.add_format({**cell, "num_format": "#,##0"}),
    }


def _totals(sheet: Any, formats: dict[str, Any], asked: Asked, compared: Compared) -> None:
    last = asked.until.fromordinal(asked.until.toordinal() - 1)
    sheet.write_string(0, 0, "医保结算对账单", formats["title"])
    sheet.write_string(1, 0, f"定点医药机构: {asked.institution or '全部'}", formats["note"])
    sheet.write_string(2, 0, f"结算时间: {asked.since:%Y-%m-%d} 至 {last:%Y-%m-%d}  单位: 元", formats["note"])
    for number, note in enumerate(compared.notes):
        sheet.write_string(4 + number, 0, f"注意: {note}", formats["warning"])
    told = "总额含退费" if asked.refunds else "总额不含退费"
    sheet.write_string(3, 0, f"{told}; 差异文件指纹 (SHA-256): {compared.sha256}", formats["note"])
    first = 5 + len(compared.notes)
    _head(sheet, formats, first - 1, _TOTALS)
    row = first
    for total in compared.totals:
        facts = [*_named(total), *_side_by_side(total.hospital, total.centre)]
        _line(sheet, formats, row, [*facts, "平" if total.result == "0" else "不平"])
        row += 1
    sheet.write_string(row + 1, 0, _SIGNED, formats["note"])
    _paper(sheet, first)


def _named(total: Total) -> tuple[str, str, str]:
    """The group by its names; a column that the totals are not split by says so."""
    known = dictionaries()
    insutype, clr_type = (
        f"{code} {known[name].get(code, '')}".strip()
        for name, code in (("insutype", total.insutype), ("clr_type", total.clr_type))
    )
    return insutype or _UNSPLIT, clr_type or _UNSPLIT, total.setl_optins or _UNSPLIT


def _side_by_side(hospital: Sums, centre: Sums) -> list[Any]:
    names = (*AMOUNTS, "count")
    return [getattr(side, name) for name in names for side in (hospital, centre)]


def _summary(sheet: Any, formats: dict[str, Any], compared: Compared) -> None:
    _head(sheet, formats, 0, {"差异": 20, "笔数": 10, "费用差额": 18, "基金差额": 18, "个账差额": 18})
    for row, t in enumerate(compared.tallies, 1):
        _line(sheet, formats, row, [f"{t.of} {t.name}", t.count, t.medfee_sumamt, t.fund_pay_sumamt, t.acct_pay])
    row = len(compared.tallies) + 1
    _line(sheet, formats, row, ["合计", compared.count, *(_sum(compared, a) for a in AMOUNTS)])
    sheet.write_string(row + 2, 0, "差额为医院减中心。" + _ASKED, formats["note"])
    sheet.write_string(row + 4, 0, _SIGNED, formats["note"])
    _paper(sheet, 1)


def _sum(compared: Compared, amount: str) -> Decimal:
    return sum((getattr(t, amount) for t in compared.tallies), Decimal("0.00"))


def _differences(sheet: Any, formats: dict[str, Any], path: Path, of: Class) -> None:
    _head(sheet, formats, 0, _LISTED)
    with duckdb.connect() as con:
        listed = f"FROM read_parquet({literal(path)}, file_row_number = true) WHERE class = {of}"
        rows = con.execute(f"SELECT {_COLUMNS} {listed} ORDER BY file_row_number LIMIT {MOST}").fetchall()
        [(count,)] = con.execute(f"SELECT count(*) {listed}").fetchall()
    for number, cells in enumerate(rows, 1):
        _line(sheet, formats, number, [number, *cells])
        sheet.set_row(number, _HEIGHT)
        for column in _FILLED:
            sheet.write_blank(number, column, None, formats["fill"])
    if rows:
        listed_ = {"validate": "list", "source": list(VERDICTS.values()), "error_message": _CHOOSE}
        sheet.data_validation(1, _FILLED[0], len(rows), _FILLED[0], listed_)
    if count > MOST:
        told = f"此类共 {count:,} 笔, 这里只列前 {MOST:,} 笔; 全部在同一任务的压缩包 (TXT) 中。"
        sheet.write_string(MOST + 2, 0, told, formats["note"])
    _paper(sheet, 1)
    # On paper only what is checked and filled in; the rest is for the screen.
    sheet.print_area(0, 0, len(rows), _FILLED[-1])


def _words(sheet: Any, formats: dict[str, Any]) -> None:
    _head(sheet, formats, 0, {"类别": 20, "原因": 60, "处理办法": 60, "平台结果": 12, "六位结果码": 18})
    for row, v in enumerate(sorted(VARIANTS, key=lambda v: Classes.index(v.of)), 1):
        _line(sheet, formats, row, [f"{v.of} {NAMES[v.of]}", v.why, v.next, v.result, v.result6])
    _paper(sheet, 1)


def _head(sheet: Any, formats: dict[str, Any], row: int, columns: dict[str, int]) -> None:
    for column, (name, width) in enumerate(columns.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(row, column, name, formats["head"])


def _line(sheet: Any, formats: dict[str, Any], row: int, cells: Sequence[Any]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, Decimal):
            sheet.write_number(row, column, cell, formats["amount"])
        elif isinstance(cell, int):
            sheet.write_number(row, column, cell, formats["count"])
        else:
            sheet.write_string(row, column, cell or "", formats["bad" if cell == "不平" else "text"])


def _paper(sheet: Any, first: int) -> None:
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(first - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页, 共 &N 页")
