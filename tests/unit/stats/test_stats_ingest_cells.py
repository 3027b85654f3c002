"""One cell becomes what it says or comes back with a reason; the quick way and the careful way say the same."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.stats.sources.ingest.careful import careful
from services.stats.sources.ingest.cell import Cell
from services.stats.sources.ingest.quick import Quick
from services.stats.sources.ingest.texts import ends
from services.stats.sources.table import Column

KEY = b"k" * 32
at = datetime.fromisoformat
CODES = {"310": "职工基本医疗保险", "390": "城乡居民基本医疗保险", "01": "本地", "0": "否"}
YES_NO = {"1": "是", "0": "否"}
COLUMNS = {
    "text": Column("c", "列", "text"), "id": Column("c", "列", "text", True, pattern="[0-9A-Za-z_.-]{1,64}"),
    "short": Column("c", "列", "text", most=4), "listed": Column("c", "列", "code", True, dictionary="codes"),
    "open": Column("c", "列", "code", dictionary="codes", open=True),
    "yes_no": Column("c", "列", "code", dictionary="y"),
    "free": Column("c", "列", "code"), "patterned": Column("c", "列", "code", pattern="[0-9A-Z]{1,12}"),
    "amount": Column("c", "列", "amount", True), "ratio": Column("c", "列", "ratio"),
    "count": Column("c", "列", "count"),
    "date": Column("c", "列", "date"), "datetime": Column("c", "列", "datetime", True),
    "month": Column("c", "列", "month"), "person": Column("c", "列", "text", True, personal="pseudonym"),
    "name": Column("c", "列", "text", personal="mask"),
}  # fmt: skip


def dictionary(column: Column) -> dict[str, str] | None:
    return {"codes": CODES, "y": YES_NO}.get(column.dictionary)


def look(kind: str, cell: str) -> Cell | str:
    column = COLUMNS[kind]
    return careful(column, dictionary(column), KEY)(cell)


@pytest.mark.parametrize(
    ("kind", "cell", "value", "repairs"),
    [
        ("amount", "12.5", Decimal("12.50"), ()), ("amount", "１２．５", Decimal("12.50"), ("全角字符",)),
        ("amount", " 1,234.5 ", Decimal("1234.50"), ("首尾空格", "千分位")), ("amount", "-0.10", Decimal("-0.10"), ()),
        ("amount", "5.000", Decimal("5.00"), ()), ("amount", "+7", Decimal("7.00"), ()),
        ("count", "5.0", 5, ("去掉末尾 .0",)), ("ratio", "0.85", Decimal("0.8500"), ()),
        ("date", "2026-01-31", date(2026, 1, 31), ()), ("date", "20260131", date(2026, 1, 31), ("日期写法",)),
        ("date", "2026/1/31", date(2026, 1, 31), ("日期写法",)),
        ("date", "46000", date(2025, 12, 9), ("Excel 日期数字",)),
        ("date", "2026年1月31日", date(2026, 1, 31), ("日期写法",)), ("date", "2024-02-29", date(2024, 2, 29), ()),
        ("date", "9999-12-31", date(9999, 12, 31), ()),
        ("date", "2026-01-31 08:00:00", date(2026, 1, 31), ("去掉时刻",)),
        ("datetime", "2026-01-31 08:09:10", at("2026-01-31 08:09:10"), ()),
        ("datetime", "20260131080910", at("2026-01-31 08:09:10"), ("日期写法",)),
        ("datetime", "2026/1/31 8:09", at("2026-01-31 08:09:00"), ("日期写法",)),
        ("datetime", "46053.5", at("2026-01-31 12:00:00"), ("Excel 日期数字",)),
        ("datetime", "2026-01-31T08:09:10.5", at("2026-01-31 08:09:10.500000"), ("日期写法",)),
        ("month", "2026-10", "2026-10", ()), ("month", "202610", "2026-10", ("日期写法",)),
        ("month", "2026年1月", "2026-01", ("日期写法",)), ("month", "2026-10-01", "2026-10", ("日期写法",)),
        ("listed", "310.0", "310", ("去掉末尾 .0",)), ("listed", "1", "01", ("补前导零",)),
        ("listed", "职工基本医疗保险", "310", ("名称换成代码",)), ("listed", "'310", "310", ("前导撇号",)),
        ("listed", "３１０", "310", ("全角字符",)), ("yes_no", "是", "1", ("名称换成代码",)),
        ("yes_no", "FALSE", "0", ("名称换成代码",)), ("open", "null", None, ("空值写法",)),
        ("open", "\\N", None, ("空值写法",)),
        ("patterned", "123.0", "123", ("去掉末尾 .0",)), ("free", "47.0", "47.0", ()),
        ("text", "　兰州　大学\u3000", "兰州 大学", ("首尾空格", "全角字符")), ("text", "-", "-", ()),
        ("name", "张三", "***", ()), ("name", "欧阳修先生大人", "欧阳***大人", ()),
    ],
)  # fmt: skip
def test_what_people_and_spreadsheets_write_is_read(kind: str, cell: str, value: Any, repairs: tuple[str, ...]) -> None:
    assert look(kind, cell) == Cell(value, repairs)


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        ("amount", "", "为空"), ("amount", "1e2", "不是数字"), ("amount", "1.001", "多于两位小数"),
        ("amount", "12,34", "不是数字"),
        ("amount", "5²", "不是数字"), ("amount", "1" * 17, "数值过大"), ("count", "1.5", "不是整数"),
        ("amount", "#N/A", "Excel 错误值"),
        ("date", "2026-02-30", "不是有效的日期"), ("date", "2026-01/31", "不是日期"),
        ("date", "1026-01-01", "年份超出范围"),
        ("date", "9000", "不是日期"), ("datetime", "2026-01-31 25:00:00", "不是有效的日期"),
        ("month", "2026-13", "不是有效"),
        ("month", "2026-10-02", "不是年月"), ("listed", "999", "不在字典中"), ("yes_no", "有", "不在字典中"),
        ("open", "张三", "不在字典中"), ("open", "13912345678", "不在字典中"),
        ("open", "620102199001011234", "不在字典中"),
        ("text", "=1+1", "公式"), ("text", "@SUM(A1)", "公式"), ("text", "＝cmd", "公式"), ("text", "-阴性", "公式"),
        ("id", "6.20102E+17", "科学计数法"), ("person", "6.20102199001011E+17", "科学计数法"),
        ("text", "a\x07b", "不可见"),
        ("short", "12345", "超过 4 个字符"), ("text", "(已隐去)", "隐去"), ("text", "a\ufffdb", "编码损坏"),
        ("id", "甲", "格式不符"),
        ("free", "张三", "不是代码"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_comes_back_without_being_quoted(kind: str, cell: str, reason: str) -> None:
    verdict = look(kind, cell)
    assert isinstance(verdict, str)
    assert reason in verdict
    assert verdict.startswith("列 (c) ")
    assert len(cell) < 2 or cell not in verdict


def test_an_open_dictionary_accepts_and_tells_what_it_does_not_list() -> None:
    assert look("open", "99A") == Cell("99A", (), True)


def test_the_same_person_is_the_same_token_however_written() -> None:
    tokens = {look("person", cell) for cell in ("62010219900101123X", "62010219900101123x", "620102 19900101 123X")}
    assert len({t.value for t in tokens if isinstance(t, Cell)}) == 1
    assert getattr(look("person", "62010001.0"), "value", "") == getattr(look("person", "62010001"), "value", None)
    wide = look("person", " ６２０１０２１９９００１０１１２３ｘ")
    assert isinstance(wide, Cell)
    assert {wide.value} == {t.value for t in tokens if isinstance(t, Cell)}
    other = careful(COLUMNS["person"], None, b"other")("62010219900101123X")
    assert isinstance(other, Cell)
    assert other.value != wide.value
    assert look("person", wide.value) == Cell(wide.value)


@given(st.text(max_size=40))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert ends(ends(text)) == ends(text)


WRITTEN = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"['　 ]?[+-]?[0-9０-９]{0,18}[.,]?[0-9]{0,6}", fullmatch=True),
    st.from_regex(r"(19|20|99)[0-9]{2}[-/.年]?[01]?[0-9][-/.月]?[0-3]?[0-9]([ T]?[0-2][0-9]:?[0-5][0-9](:[0-9]{2})?)?"),
    st.dates().map(str), st.datetimes().map(lambda d: d.isoformat(" ")), st.decimals(places=2).map(str),
    st.sampled_from(["310", "310.0", "1", "01", "是", "否", "null", "NULL", "", " ", "职工基本医疗保险", "***", "＇a"]),
    st.from_regex(r"[0-9A-Za-z_.\-]{0,70}", fullmatch=True), st.text("省兰州市医院（本部）. -*/:1aE+'=", max_size=20),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(COLUMNS)), st.lists(WRITTEN, min_size=1, max_size=12))
@example("date", ["2023-02-29", "2024-02-29", "2023-02-28"])
@example("text", ["NULL", "1.5E10", "a ", " a"])
def test_the_quick_and_the_careful_way_agree(kind: str, cells: list[str]) -> None:
    column = COLUMNS[kind]
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    quick = Quick(column, dictionary(column), KEY)
    one_by_one = [look(kind, cell) for cell in cells]
    converted = quick.convert(pa.array(cells, pa.string()))
    refused = {i: v for i, v in enumerate(one_by_one) if isinstance(v, str)}
    assert dict.fromkeys(converted.refused().tolist()) == dict.fromkeys(refused)
    assert converted.values.to_pylist() == [None if isinstance(v, str) else v.value for v in one_by_one]
    looked_at = set(converted.rows.tolist())
    assert all(v == Cell(v.value) for i, v in enumerate(one_by_one) if isinstance(v, Cell) and i not in looked_at)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(COLUMNS)), WRITTEN)
@example("name", "+8613912345678")
@example("id", "＇ＮＵＬＬ")
@example("datetime", "200001010:0:0.1")
def test_what_was_accepted_is_accepted_again_and_needs_no_repair(kind: str, cell: str) -> None:
    verdict = look(kind, cell)
    if isinstance(verdict, Cell) and verdict.value is not None:
        again = look(kind, str(verdict.value))
        assert isinstance(again, Cell)
        assert (again.value, again.repairs) == (verdict.value, ())
