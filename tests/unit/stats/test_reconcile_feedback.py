"""What a hospital fills in is read as it was meant, or comes back with where and why."""

import csv
from pathlib import Path

import openpyxl
import pytest

from services.stats.reconcile.feedback import ID, NOTE, VERDICT, Filled, Unfit, answers
from yibao.sheets import UnreadableSheet, sheets

HEAD = ["序号", VERDICT, NOTE, ID]
ROWS = [["1", "属实", "漏登记", "a" * 32], ["2", " 已更正 ", "", "b" * 32], ["3", "", "", "c" * 32]]
WANTED = [Filled("a" * 32, "accepted", "漏登记"), Filled("b" * 32, "corrected")]


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    assert answers([("说明", [["别的表"]]), ("1 中心有", [["标题"], HEAD, *ROWS])]) == (WANTED, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_comes_back_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEAD, *ROWS])
    assert answers(sheets(tmp_path / "a.csv")) == (WANTED, 1)


def test_a_workbook_comes_back_with_all_its_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [HEAD, *ROWS]:
        book.active.append(row)
    book.create_sheet("处理办法").append(["类别", "原因"])
    book.save(tmp_path / "a.xlsx")
    assert answers(sheets(tmp_path / "a.xlsx")) == (WANTED, 1)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([HEAD, ["1", "大概是", "", "a" * 32]], "第 2 行: 医院反馈应为 属实、不属实、已更正"),
        ([HEAD, ["1", "属实", "x" * 501, "a" * 32]], "第 2 行: 反馈说明超过 500 字"),
        ([HEAD, ROWS[0], ["1", "不属实", "", "a" * 32]], "第 3 行: 同一条差异填了两种反馈"),
        ([["姓名", "金额"]], "没有找到表头"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(rows: list[list[str]], told: str) -> None:
    with pytest.raises(Unfit, match=told):
        answers([("表", rows)])


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(UnreadableSheet, match="另存为"):
        list(sheets(tmp_path / "a.xlsx"))
