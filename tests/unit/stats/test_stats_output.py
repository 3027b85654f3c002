"""What is handed over says what was counted: the workbook read back is the data, and nothing in it can run."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.stats.definitions.definition import Kind, Output
from services.stats.output import sheet, workbook
from services.stats.output.lines import lines
from services.stats.output.writing import write_all
from services.stats.report import Checked, Report, Scope
from tests.support.reports import DEFINITION, OUTPUTS, PLACES, ROWS, SOME_DAY, line, report

FAILED = (Checked("合计等于明细之和", False, "fail", "相差 1.00 元"),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(made: Report, folder: Path, most: int = workbook.MOST_LINES) -> Any:
    workbook.write(made, folder / "output.xlsx", most=most)
    return load_workbook(folder / "output.xlsx")


def first_line(sheet: Worksheet) -> int:
    assert sheet.freeze_panes is not None
    return int("".join(filter(str.isdigit, sheet.freeze_panes)))


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def table(sheet: Worksheet, n: int) -> Iterator[tuple[Any, ...]]:
    first = first_line(sheet)
    yield from sheet.iter_rows(first, first + n - 1, values_only=True)


def test_every_figure_of_the_workbook_is_the_counted_one_and_a_number(folder: Path) -> None:
    made = report(folder)
    sheet = opened(made, folder)["报表"]
    for shown, counted in zip(table(sheet, made.rows), lines(made), strict=True):
        for cell, value, column in zip(shown, counted.values, made.columns, strict=True):
            if not column.dimension and value is not None:
                assert isinstance(cell, int | float)
                assert Decimal(str(cell)) == Decimal(str(value)), column.code


def test_numbers_of_a_kind_are_formatted_alike(folder: Path) -> None:
    sheet = opened(report(folder), folder)["报表"]
    formats = [cell.number_format for cell in sheet[first_line(sheet)]]
    assert formats[2].startswith("#,##0;") and formats[4].startswith("#,##0.00;[Red]") and "0.00%" in formats[8]


def test_codes_stand_with_their_names_and_dates_are_dates(folder: Path) -> None:
    outputs = (
        Output("insutype", "险种类型", "code", dimension=True, dictionary="insutype"),
        Output("day", "日期", "date", dimension=True), Output("n", "数", "count"),
    )  # fmt: skip
    made = report(folder, [("310", SOME_DAY, 1, 0), ("310", None, 1, 1), (None, None, 1, 2)], outputs)
    [plain, subtotal, total] = list(table(opened(made, folder)["报表"], 3))
    assert plain[0] == "310 职工基本医疗保险" and plain[1].date() == SOME_DAY
    assert subtotal[:2] == ("310 职工基本医疗保险", "小计") and total[0] == "合计"


def test_subtotals_and_the_total_are_bold_and_shaded(folder: Path) -> None:
    sheet = opened(report(folder), folder)["报表"]
    first = first_line(sheet)
    shades = {n: sheet.cell(first + n, 3) for n in (0, 3, 9)}
    assert [cell.font.b for cell in shades.values()] == [False, True, True]
    assert len({cell.fill.fgColor.rgb for cell in shades.values()}) == 3


def test_what_was_counted_stands_above_the_table_and_the_signatures_below(folder: Path) -> None:
    found = texts(opened(report(folder), folder)["报表"])
    assert found[0] == "医保基金支付汇总表"
    for part in ("统计期：2026年10月", "单位：元", "数据截至：2026-10-31", DEFINITION.hash[:16], "制表：", "日期："):
        assert any(part in text for text in found), part


def test_comparisons_stand_under_the_measure_that_they_compare(folder: Path) -> None:
    sheet = opened(report(folder), folder)["报表"]
    upper, lower = first_line(sheet) - 2, first_line(sheet) - 1
    assert [sheet.cell(lower, n).value for n in (5, 6, 7)] == ["本期", "环比", "同比"]
    assert sheet.cell(upper, 5).value == "医疗费用总额"
    merged = {str(r) for r in sheet.merged_cells.ranges}
    assert f"E{upper}:G{upper}" in merged and f"A{upper}:A{lower}" in merged


def test_paper_is_a4_lying_with_its_heading_on_every_page(folder: Path) -> None:
    sheet = opened(report(folder), folder)["报表"]
    assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "9"
    assert sheet.page_setup.fitToHeight == 0 and "&P" in str(sheet.oddFooter.center.text)
    first = first_line(sheet)
    assert sheet.print_title_rows == f"${first - 2}:${first - 1}"


def test_hidden_small_cells_are_stars_with_a_note_and_missing_ones_are_empty(folder: Path) -> None:
    gone = (*line("340", PLACES[0], None, None, mom=None)[:-1], 0)
    made = report(folder, [ROWS[0], gone], hidden_marks=6, below=5)
    sheet = opened(made, folder)["报表"]
    [seen, hidden] = list(table(sheet, 2))
    assert hidden[2:] == ("*",) * 7 and seen[6] is None
    assert any("人数少于 5" in text and "6 处" in text for text in texts(sheet))


def test_without_hidden_cells_nothing_is_a_star(folder: Path) -> None:
    made = report(folder, [(*line("340", PLACES[0], None, None, mom=None)[:-1], 0)])
    assert "*" not in texts(opened(made, folder)["报表"])


@pytest.mark.parametrize(
    ("changes", "told", "colour"),
    [({"draft": True}, "试算，口径未生效", "FFFFEB3B"), ({"checks": FAILED}, "质量检查未通过", "FFC00000")],
)
def test_a_draft_and_a_failed_report_bear_a_banner(folder: Path, changes: Any, told: str, colour: str) -> None:
    sheet = opened(report(folder, **changes), folder)["报表"]
    [banner] = [c for row in sheet.iter_rows() for c in row if isinstance(c.value, str) and c.value.startswith(told)]
    assert banner.fill.fgColor.rgb == colour
    assert not any(text.startswith(told) for text in texts(opened(report(folder), folder)["报表"]))


def test_what_stands_behind_the_figures_is_told_in_full(folder: Path) -> None:
    made = report(
        folder, checks=FAILED, scope=Scope(districts=("6201",)), parameters={"least": "5"}, hidden_marks=2, below=3
    )
    found = texts(opened(made, folder)["口径与数据质量"])
    wanted = (
        DEFINITION.hash, made.sha256, "a" * 64, "结算明细 2026-10.csv", "1,234,567 行", "区划 6201", "参数：least",
        "有效标志为 1", "未通过：相差 1.00 元", "2 处（人数少于 3）", "2026-10-01 至 2026-10-31",
        "同一人多次结算只计一次", "基金财务科",
    )  # fmt: skip
    assert [part for part in wanted if not any(part in text for text in found)] == []


@pytest.mark.parametrize("hostile", ["=1+1", '=HYPERLINK("x")', "+cmd", "@SUM(A1)", "-2", "https://a.example", "{=1}"])
def test_text_stays_text_whatever_it_looks_like(folder: Path, hostile: str) -> None:
    made = report(folder, [line(hostile, hostile, 10, "1.00")])
    sheet = opened(made, folder)["报表"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == hostile]
    assert len(cells) == 2
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_a_long_table_goes_on_on_further_sheets_and_none_of_its_lines_is_lost(folder: Path) -> None:
    rows = [line("310", f"{n:06}", n, f"{n}.25") for n in range(25)]
    book = opened(report(folder, rows), folder, most=10)
    pages = ["报表", "报表(2)", "报表(3)"]
    assert book.sheetnames[:3] == pages
    seen = [row[1] for name, n in zip(pages, (10, 10, 5), strict=True) for row in table(book[name], n)]
    assert seen == [f"{n:06}" for n in range(25)]
    assert ["制表：" in texts(book[name]) for name in pages] == [False, False, True]


def test_a_large_report_is_written_line_by_line_and_looks_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything() -> list[list[tuple[Any, ...]]]:
        book = opened(report(folder, hidden_marks=1, below=5), folder)
        return [[(c.value, c.number_format, c.font.b) for row in s.iter_rows() for c in row] for s in book]

    in_memory = everything()
    monkeypatch.setattr(workbook, "_LARGE", 1)
    assert everything() == in_memory
    monkeypatch.setattr(sheet, "_LOOKED_AT", 0)  # every line as a whole
    assert everything() == in_memory


@pytest.mark.parametrize("large", [False, True])
def test_text_that_looks_like_the_inside_of_a_workbook_is_not_copied_into_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    hostile = ["<r><t>x</t></r></is></c><c><is><r></r>", "a\x01b", " a ", "&amp;<b>\"'"]
    monkeypatch.setattr(workbook, "_LARGE", 0 if large else 100)
    monkeypatch.setattr(sheet, "_LOOKED_AT", 0)
    made = report(folder, [line("310", text, 10, "1.00") for text in hostile])
    found = [row[1] for row in table(opened(made, folder)["报表"], len(hostile))]
    assert [text.strip() for text in found] == [hostile[0], "a_x0001_b", "a", hostile[3]]


def test_the_same_report_gives_the_same_bytes(folder: Path) -> None:
    made = report(folder)
    (folder / "again").mkdir()
    one = write_all(made, folder, ("xlsx", "pdf", "html", "csv", "parquet"))
    assert [f.sha256 for f in one] == [f.sha256 for f in write_all(made, folder / "again", [f.form for f in one])]
    assert all((folder / f.name).stat().st_size == f.size > 0 for f in one)


def test_other_data_gives_other_bytes(folder: Path) -> None:
    (folder / "other").mkdir()
    one = write_all(report(folder), folder, ("xlsx",))
    other = write_all(report(folder, data_as_of=datetime(2026, 11, 1)), folder / "other", ("xlsx",))  # noqa: DTZ001
    assert one[0].sha256 != other[0].sha256


def test_a_report_without_lines_and_without_dimensions_can_be_written(folder: Path) -> None:
    for rows, outputs in (([], OUTPUTS), ([(3, 0)], (Output("n", "数", "count"),))):
        made = report(folder, rows, outputs)
        assert all(f.size for f in write_all(made, folder, ("xlsx", "pdf", "html", "csv")))


def test_native_charts_draw_the_definitions_charts(folder: Path) -> None:
    book = opened(report(folder), folder)
    assert len(book["图表"]._charts) == len(DEFINITION.charts)
    none = report(folder, definition=msgspec.structs.replace(DEFINITION, charts=()))
    assert "图表" not in opened(none, folder).sheetnames


def test_progress_is_said_for_each_form(folder: Path) -> None:
    said: list[tuple[str, float]] = []
    write_all(report(folder), folder, ("xlsx", "csv"), lambda stage, done: said.append((stage, done)))
    assert said == [("写 Excel", 0.0), ("写 Excel", 1.0), ("写 CSV", 0.0), ("写 CSV", 1.0)]


def test_a_form_that_there_is_none_of_is_refused_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(ValueError, match="docx"):
        write_all(report(folder), folder, ("xlsx", "docx"))
    assert not (folder / "output.xlsx").exists()


@pytest.mark.parametrize("kind", ["ratio", "number", "percent"])
def test_what_no_sheet_can_hold_is_left_empty(folder: Path, kind: Kind) -> None:
    outputs = (Output("a", "项", "text", dimension=True), Output("b", "值", kind))
    value = None if kind == "ratio" else float("nan")
    [row] = list(table(opened(report(folder, [("x", value, 0)], outputs), folder)["报表"], 1))
    assert row == ("x", None)
