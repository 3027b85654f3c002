"""PDF and page hold the words and figures of the report and need nothing from outside; CSV and alert agree with it."""

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyarrow.parquet import read_table
from pypdf import PdfReader

from chassis.packages import modules
from services.stats.definitions.definition import Output
from services.stats.output import charts as drawing
from services.stats.output import fonts, page, paper
from services.stats.output.charts import Charts, charts
from services.stats.output.lines import lines
from services.stats.output.node import node
from services.stats.output.printed import MOST
from services.stats.output.summary import summary
from services.stats.output.writing import write_all
from services.stats.report import Checked, Report
from tests.support.reports import DEFINITION, OUTPUTS, ROWS, line, report

FAILED = (Checked("合计等于明细之和", False, "fail", "相差 1.00 元"),)
HOSTILE = "<script>alert('恶')</script>\"&<img src=x onerror=1>"
needs_node = pytest.mark.skipif(node() is None or modules() is None, reason="needs node and node_modules")


def read(path: Path) -> str:
    return re.sub(r"\s", "", "".join(p.extract_text() for p in PdfReader(path).pages))


def written(made: Report, folder: Path, form: str) -> Path:
    [file] = write_all(made, folder, (form,))
    assert file.size and file.problem == ""
    return folder / file.name


@needs_node
def test_the_pdf_holds_the_words_and_the_figures(tmp_path: Path) -> None:
    text = read(written(report(tmp_path, checks=FAILED, draft=True), tmp_path, "pdf"))
    wanted = (
        "医保基金支付汇总表", "统计期：2026年10月", "88,245,631.25", "-1,234.50", "合计", "小计", "62.00%",
        "职工基本医疗保险", "制表：", "试算，口径未生效", "质量检查未通过",
        "口径与数据质量", "有效标志为1", "第1页，共", DEFINITION.hash[:16],
    )  # fmt: skip
    assert [part for part in wanted if part not in text] == []


def test_every_font_of_the_pdf_is_embedded(tmp_path: Path) -> None:
    paper.write(report(tmp_path), tmp_path / "a.pdf", Charts())
    found: list[Any] = []
    for sheet in PdfReader(tmp_path / "a.pdf").pages:
        resources: Any = sheet["/Resources"]
        for font in resources["/Font"].values():
            [below] = font.get_object()["/DescendantFonts"]
            found.append(below.get_object()["/FontDescriptor"].get_object())
    assert found
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in found)


def test_the_heading_stands_on_every_page_of_a_long_table(tmp_path: Path) -> None:
    rows = [line("310", f"{n:06}", n, "1.00") for n in range(120)]
    paper.write(report(tmp_path, rows), tmp_path / "a.pdf", Charts())
    pages = [p.extract_text() for p in PdfReader(tmp_path / "a.pdf").pages]
    with_lines = [text for text in pages if re.search(r"\b0000\d\d\b|\b0001\d\d\b", text)]
    assert len(with_lines) > 1
    assert all("本期 环比 同比" in text for text in with_lines)


def test_text_is_never_read_as_markup_of_the_pdf(tmp_path: Path) -> None:
    paper.write(report(tmp_path, [line("310", '#read("x") *a* $b$', 10, "1.00")]), tmp_path / "a.pdf", Charts())
    assert '#read("x")*a*$b$' in read(tmp_path / "a.pdf")


def test_a_table_of_many_columns_still_fits_the_paper(tmp_path: Path) -> None:
    outputs = (
        Output("a", "项目", "text", dimension=True), *(Output(f"m{n}", f"第{n}项金额", "amount") for n in range(24)),
    )  # fmt: skip
    made = report(tmp_path, [("x", *[Decimal("123456789.12")] * 24, 0)], outputs)
    paper.write(made, tmp_path / "a.pdf", Charts())
    sheet = PdfReader(tmp_path / "a.pdf").pages[0]
    assert sheet.extract_text().count("123,456,789.12") == 24
    assert float(sheet.mediabox.width) > 1_100, "on A3"


def test_without_a_chinese_font_the_pdf_is_refused_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "fonts", lambda: None)
    pdf, sheet = write_all(report(tmp_path), tmp_path, ("pdf", "xlsx"))
    assert pdf.size == 0 and "没有中文字体" in pdf.problem and not (tmp_path / pdf.name).exists()
    assert sheet.size > 0 and sheet.problem == ""


def test_without_the_packages_the_fonts_of_the_system_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "modules", lambda: None)
    found = fonts.fonts()
    if found is None:
        pytest.skip("this machine has no Chinese font of its own")
    assert found.folders == ()


def test_without_node_page_and_pdf_come_without_charts_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "node", lambda: None)
    html, pdf = write_all(report(tmp_path), tmp_path, ("html", "pdf"))
    assert "未绘制图表" in html.problem and html.size and pdf.size
    assert html.problem in (tmp_path / html.name).read_text("utf-8")
    assert "未绘制图表" in read(tmp_path / pdf.name)


def test_a_node_that_fails_costs_the_charts_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "node", lambda: "/bin/false")
    monkeypatch.setattr(drawing, "modules", lambda: tmp_path)
    (tmp_path / "echarts").mkdir()
    assert charts(report(tmp_path)).missing.startswith("图表未能绘制")


@needs_node
def test_the_page_needs_nothing_from_anywhere_and_nothing_in_it_runs(tmp_path: Path) -> None:
    text = written(report(tmp_path), tmp_path, "html").read_text("utf-8")
    assert text.count("<svg") == len(DEFINITION.charts)
    assert not re.search(r"https?://|//[a-z]|<script|<link|<img|<iframe|@import|url\((?!#)|\son\w+=", text)


@needs_node
def test_hostile_names_are_escaped_in_the_page_and_in_its_pictures(tmp_path: Path) -> None:
    definition = msgspec.structs.replace(DEFINITION, title=HOSTILE, filters=(HOSTILE,))
    made = report(tmp_path, [line(HOSTILE, HOSTILE, 10, "99.00")], definition=definition)
    text = written(made, tmp_path, "html").read_text("utf-8")
    assert text.count("<script") == 0 and text.count("<img") == 0
    assert "&lt;script&gt;alert" in text


def test_a_long_page_ends_with_where_the_rest_is_and_with_the_total(tmp_path: Path) -> None:
    rows = [line("310", f"{n:06}", n, "1.00") for n in range(MOST + 5)] + [line(None, None, 9, "424242.00", 2)]
    page.write(report(tmp_path, rows), tmp_path / "a.html", Charts())
    text = (tmp_path / "a.html").read_text("utf-8")
    assert f"{MOST - 1:06}" in text and f"{MOST + 1:06}" not in text
    assert f"共 {MOST + 6:,} 行" in text and "Excel" in text and "424,242.00" in text


def test_the_csv_opens_with_the_right_letters_and_holds_every_line_in_full(tmp_path: Path) -> None:
    path = written(report(tmp_path), tmp_path, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    found = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert len(found) == len(ROWS) and found[0]["险种类型 (insutype)"] == "310"
    assert found[0]["险种类型名称"] == "职工基本医疗保险" and found[0]["医疗费用总额 (medfee_sumamt)"] == "88245631.25"
    assert found[2]["医疗费用总额 (medfee_sumamt)"] == "-1234.50" and found[-1]["汇总层级 (rolled)"] == "2"


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_text_of_the_csv_is_no_formula(tmp_path: Path, hostile: str) -> None:
    path = written(report(tmp_path, [line("310", hostile, 1, "1.00")]), tmp_path, "csv")
    assert f"'{hostile}" in path.read_text("utf-8-sig")


def test_the_parquet_is_the_counted_one(tmp_path: Path) -> None:
    made = report(tmp_path)
    assert read_table(written(made, tmp_path, "parquet")).equals(read_table(made.data))


def test_the_summary_shows_the_largest_lines_and_the_total(tmp_path: Path) -> None:
    rows = [line("310", f"{n:06}", n, f"{n}.00") for n in range(3_000)] + [line(None, None, 9, "7.00", 2)]
    found = summary(report(tmp_path, rows), "https://desk.example/x")
    assert len(found.rows) == 20 and found.rows[0][1] == "002999" and found.rows[0][4] == "2,999.00"
    assert found.total[0] == "合计" and found.total[4] == "7.00"
    assert (found.draw, found.rows_out, found.columns[0]) == (4, 3_000, OUTPUTS[0].name)


def test_the_summary_keeps_the_order_of_the_sheet_among_equals(tmp_path: Path) -> None:
    rows = [line("310", f"{n:06}", 1, "1.00") for n in range(2_500)]
    assert [row[1] for row in summary(report(tmp_path, rows)).rows] == [f"{n:06}" for n in range(20)]


def test_lines_are_read_in_the_order_of_the_columns_and_not_of_the_file(tmp_path: Path) -> None:
    made = report(tmp_path)
    turned = msgspec.structs.replace(made, columns=made.columns[::-1])
    assert next(lines(turned)).values == next(lines(made)).values[::-1]
