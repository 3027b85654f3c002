"""Nothing is lost on the way in: every line is accepted or comes back with a reason, and no name comes back at all."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.convert import Unconvertible, converter
from services.stats.definition import Column, load
from services.stats.encoding import Problem, check_head
from services.stats.ingest import Ingested, ingest

DEFINITION = load("settlement_summary")
HEADER = (
    "setl_id,psn_no,psn_name,certno,insutype,clr_type,setl_optins,setl_time,"
    "medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,refd_setl_flag"
)
GOOD = "S1,62010001,张三,620102199001011234,310,11,620101,2025-01-02 10:00:00,100.00,60.00,10.00,30.00,0"


class Read:
    """What became of a file's bytes."""

    def __init__(self, folder: Path, content: bytes) -> None:
        source, good, bad = folder / "in.csv", folder / "good.csv", folder / "bad.csv"
        source.write_bytes(content)
        self.outcome: Ingested = ingest(DEFINITION, source, good, bad, lambda share: None)
        self.accepted = good.read_text("utf-8").splitlines()[1:]
        with bad.open(encoding="utf-8-sig", newline="") as text:
            self.rejected = list(csv.reader(text))[1:]
        self.everything = good.read_text("utf-8") + bad.read_text("utf-8")


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_encodings_that_offices_export_are_read(tmp_path: Path, encoding: str, end: str) -> None:
    read = Read(tmp_path, lines(GOOD).replace("\n", end).encode(encoding))
    assert (read.outcome.rows_in, read.outcome.rows_accepted) == (1, 1)


def test_the_header_may_be_in_chinese_and_in_any_order(tmp_path: Path) -> None:
    names = {c.code: c.name for c in DEFINITION.columns}
    columns = HEADER.split(",")
    order = list(reversed(range(len(columns))))
    row = GOOD.split(",")
    text = "\n".join([",".join(names[columns[i]] for i in order), ",".join(row[i] for i in order)])
    assert Read(tmp_path, text.encode("gb18030")).accepted == [
        "S1,310,11,620101,2025-01-02 10:00:00,100.00,60.00,10.00,30.00,0"
    ]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (GOOD.replace(",310,", ",999,"), "险种类型 (insutype) 不在字典中"),
        (GOOD.replace(",310,", ",,"), "险种类型 (insutype) 为空"),
        (GOOD.replace("100.00", "1e2"), "医疗费总额 (medfee_sumamt) 不是数字"),
        (GOOD.replace("100.00", "100.001"), "医疗费总额 (medfee_sumamt) 多于两位小数"),
        (GOOD.replace("2025-01-02", "2025-02-30"), "结算时间 (setl_time) 不是有效的日期时间"),
        (GOOD.replace("100.00", "-100.00"), "医疗费总额 (medfee_sumamt) 为负但退费标志不是 1"),
        (GOOD + ",多", "列数与表头不符"),
        (GOOD.replace("S1", '"S1'), "引号不配对 (字段内不能换行)"),
    ],
)
def test_a_row_that_cannot_be_counted_comes_back_with_the_reason(tmp_path: Path, wrong: str, reason: str) -> None:
    read = Read(tmp_path, lines(GOOD, wrong, GOOD).encode())
    assert (read.outcome.rows_in, read.outcome.rows_accepted, read.outcome.rows_rejected) == (3, 2, 1)
    assert read.outcome.reasons == {reason: 1}
    assert read.rejected[0][:2] == ["3", reason]


def test_personal_data_goes_nowhere(tmp_path: Path) -> None:
    shifted = "13912345678,S1,李四四,310,620102199001011234,13912345678,620101,2025-01-02,张三,1,1,1,0"
    read = Read(tmp_path, lines(GOOD, GOOD.replace(",310,", ",999,"), shifted, GOOD + ",x").encode())
    for personal in ("张三", "李四四", "620102199001011234", "62010001", "13912345678"):
        assert personal not in read.everything
    assert read.rejected[0][2:4] == ["S1", "62***01"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.just(GOOD), st.text(max_size=40), st.from_regex(r'[0-9,"\t;. -]{0,40}')), min_size=1))
def test_no_line_is_lost_whatever_it_holds(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    content = lines(GOOD, *rows).encode("utf-8", "surrogatepass")
    read = Read(tmp_path_factory.mktemp("csv"), content)
    outcome = read.outcome
    assert outcome.rows_in == outcome.rows_accepted + outcome.rows_rejected
    assert outcome.rows_in == len(read.accepted) + len(read.rejected)
    assert outcome.rows_rejected == sum(outcome.reasons.values())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_row_is_lost_whatever_the_bytes(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    read = Read(tmp_path_factory.mktemp("csv"), lines(GOOD).encode() + noise + b"\n" + GOOD.encode())
    filled = [x for x in noise.replace(b"\r", b"\n").split(b"\n") if x.strip(b" \t")]
    assert read.outcome.rows_in == len(read.accepted) + len(read.rejected)
    assert 2 <= read.outcome.rows_in <= len(filled) + 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER.replace("clr_type,", "") + "\n1,2", "缺少列: 清算类别"),
        (HEADER + ",insutype\n1,2", "出现两次"),
        (HEADER + "\n", "没有数据行"),
    ],
)
def test_a_file_without_the_columns_is_refused_with_what_to_do(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Read(tmp_path, content.encode())


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "空的"), (b"\xef\xbb\xbf\r\n", "没有逗号"), (b"PK\x03\x04..", "Excel"), (b"a\x00,b", "二进制"),
        (b"hello\n", "没有逗号"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_refused(head: bytes, message: str) -> None:
    with pytest.raises(Problem, match=message):
        check_head(head)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025/1/2 3:04", "2025-01-02 03:04:00"), ("20250102", "2025-01-02 00:00:00"),
        ("20250102030405", "2025-01-02 03:04:05"), ("2025-01-02T03:04:05.000", "2025-01-02 03:04:05"),
        ("2025112", None), ("202501020", None), ("2025-01/02", None), ("45000", None),
    ],
)  # fmt: skip
def test_dates_are_read_as_spreadsheets_write_them(cell: str, value: str | None) -> None:
    convert = converter(Column("t", "时间", "datetime", True))
    if value is None:
        with pytest.raises(Unconvertible):
            convert(cell)
    else:
        assert convert(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,234.5", "1234.50"), ("-0.10", "-0.10"), (".5", None), ("12,34", None), ("１", None), ("5.000", "5.00")],
)
def test_amounts_are_exact(cell: str, value: str | None) -> None:
    convert = converter(Column("a", "金额", "amount", True))
    if value is None:
        with pytest.raises(Unconvertible):
            convert(cell)
    else:
        assert convert(cell) == value
