"""Nothing is lost on the way in: every line is accepted or comes back with a reason, and no name comes back at all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.problem import Problem
from tests.support.stats_ingest import GOOD, HEADER, TABLE, Read, good, lines

NAMES = {c.code: c.name for c in TABLE.columns}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_encodings_that_offices_export_are_read(tmp_path: Path, encoding: str, end: str) -> None:
    read = Read(tmp_path, lines(good(1), "", good(2)).replace("\n", end).encode(encoding))
    assert (read.outcome.rows_in, read.outcome.rows_accepted) == (2, 2)
    assert read.column("hospital") == ["兰州市第一人民医院"] * 2


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_header_may_be_in_chinese_and_in_any_order(tmp_path: Path, delimiter: str) -> None:
    columns, row = HEADER.split(","), GOOD.split(",")
    order = list(reversed(range(len(columns))))
    text = "\n".join([delimiter.join(NAMES[columns[i]] for i in order), delimiter.join(row[i] for i in order)])
    plain = Read(tmp_path, lines(GOOD).encode())
    assert Read(tmp_path, text.encode("gb18030")).outcome.sha256 == plain.outcome.sha256


def test_titles_above_the_header_are_skipped_and_told(tmp_path: Path) -> None:
    read = Read(
        tmp_path, ("兰州市结算明细\n制表日期,2026-01-31\n" + lines(good(1), GOOD.replace("310", "999"))).encode()
    )
    assert read.outcome.rows_accepted == 1
    assert read.outcome.files[0].header_line == 3
    assert "2 行标题" in read.outcome.notes[0]
    assert read.rejected[0][0] == "5"


def test_a_header_in_two_rows_is_joined(tmp_path: Path) -> None:
    first = HEADER.replace("tel,insutype,admdvs", "参保信息,,")
    second = ",,,tel,insutype,admdvs,,,,"
    read = Read(tmp_path, "\n".join([first, second, good(1), good(2)]).encode())
    assert (read.outcome.rows_in, read.outcome.rows_accepted) == (2, 2)
    assert read.column("insutype") == ["310", "310"]


def test_the_national_txt_without_a_header_is_read_when_asked_for(tmp_path: Path) -> None:
    text = GOOD.replace(",", "\t").replace("620102\t", "null\t") + "\n"
    read = Read(tmp_path, text.encode(), headerless=True)
    assert read.outcome.rows_accepted == 1
    assert read.column("admdvs") == [None]
    assert read.repaired("admdvs") == {"空值写法": 1}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (GOOD.replace(",310,", ",999,"), "险种类型 (insutype) 不在字典中"),
        (GOOD.replace(",310,", ",,"), "险种类型 (insutype) 为空"),
        (GOOD.replace("100.00", "1e2"), "医疗费总额 (medfee) 不是数字"),
        (GOOD.replace("2026-01-02", "2026-02-30"), "结算时间 (setl_time) 不是有效的日期"),
        (GOOD.replace("100.00", "-100.00"), "医疗费总额 (medfee) 为负但退费标志不是 1"),
        (GOOD.replace("100.00", "=SUM(A1)"), "医疗费总额 (medfee) 是公式, 请粘贴为数值"),
        (GOOD + ",多", "列数与表头不符"),
        (GOOD.replace("S1", '"S1'), "引号不配对 (字段内不能换行)"),
        ("合计,,,,,,,,200.00,", "合计行"),
        ("合 计：,200.00", "合计行"),
        (good(7), "主键重复 (setl_id): 只保留先出现的一行"),
    ],
)
def test_a_row_that_cannot_be_counted_comes_back_with_the_reason(tmp_path: Path, wrong: str, reason: str) -> None:
    read = Read(tmp_path, lines(good(7), wrong, good(8)).encode())
    assert (read.outcome.rows_in, read.outcome.rows_accepted, read.outcome.rows_rejected) == (3, 2, 1)
    assert read.outcome.reasons == {reason: 1}
    assert read.rejected[0][:3] == ["3", "in.csv", reason]


def test_all_that_is_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    read = Read(tmp_path, lines(GOOD.replace(",310,", ",999,").replace("100.00", "x")).encode())
    assert read.rejected[0][2] == "险种类型 (insutype) 不在字典中; 医疗费总额 (medfee) 不是数字"
    assert sum(read.outcome.reasons.values()) == read.outcome.rows_rejected == 1


def test_a_header_alone_is_a_data_set_without_rows_where_that_is_meant(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="empty"):
        Read(tmp_path, lines().encode())
    read = Read(tmp_path, lines().encode(), empty=True)
    assert (read.outcome.rows_in, read.accepted) == (0, [])


@pytest.mark.parametrize("name", ["=1+1.csv", "＝1+1.csv", " @SUM(A1).csv", "-1.csv", "+1.csv"])
def test_no_cell_of_the_refused_rows_runs_as_a_formula_and_the_file_still_comes_back(tmp_path: Path, name: str) -> None:
    wrong = GOOD.replace("兰州市第一人民医院", "=HYPERLINK(1)").replace(",310,", ",@x,")
    read = Read(tmp_path, lines(wrong).encode(), name)
    [row] = read.rejected
    assert row[1] == f"'{name}" and not [cell for cell in row if cell.lstrip()[:1] in {*"=+-@＝"} and cell]
    again = Read(tmp_path, read.rejects, "rejects.csv")
    assert [cells[2] for cells in again.rejected] == [row[2]]


def test_a_refund_may_repeat_the_key_of_what_it_refunds(tmp_path: Path) -> None:
    refund = GOOD.replace("100.00,0", "-100.00,1")
    read = Read(tmp_path, lines(GOOD, refund, refund, GOOD).encode())
    assert (read.outcome.rows_accepted, read.outcome.duplicates) == (2, 2)
    assert [row[0] for row in read.rejected] == ["4", "5"]


def test_repairs_and_unlisted_codes_of_accepted_rows_are_counted(tmp_path: Path) -> None:
    mended = GOOD.replace(",310,620102,", ",职工基本医疗保险,629999,").replace("100.00", '"１,234.50"')
    refused = mended.replace("S1", "S2").replace("2026-01-02", "x")
    read = Read(tmp_path, lines(mended, refused).encode())
    assert read.repaired("insutype") == {"名称换成代码": 1}
    assert read.repaired("medfee") == {"全角字符": 1, "千分位": 1}
    profile = {p.code: p for p in read.outcome.profile}
    assert profile["admdvs"].unknown == {"629999": 1}
    assert (profile["medfee"].least, profile["medfee"].most, profile["medfee"].nulls) == ("1234.50", "1234.50", 0)
    assert (profile["psn_no"].least, profile["psn_no"].distinct) == ("", 1)
    assert (read.outcome.since, read.outcome.until) == ("2026-01-02", "2026-01-02")


def test_personal_data_goes_nowhere(tmp_path: Path) -> None:
    shifted = "13912345678,S1,李四四,310,620102199001011234,13912345678,620101,2025-01-02,张三,1"
    wrong = GOOD.replace(",310,", ",999,")
    read = Read(
        tmp_path, lines(GOOD, wrong, shifted, GOOD + ",x", wrong.replace("兰州市第一人民医院", "王五")).encode()
    )
    written = read.rejects.decode("utf-8-sig") + str(read.accepted) + repr(read.outcome)
    for personal in ("张三", "李四四", "620102199001011234", "62010001", "13912345678"):
        assert personal not in written
    assert read.rejected[0][3:6] == ["S1", read.column("psn_no")[0], "13***78"]


def test_a_mended_file_of_refused_rows_gives_what_the_right_file_would_have_given(tmp_path: Path) -> None:
    rows = [good(1), good(2).replace("13912345678", ""), good(3).replace("兰州市第一人民医院", "")]
    right = Read(tmp_path, lines(*rows).encode())
    wrong = Read(tmp_path, lines(*(row.replace(",310,", ",职工,") for row in rows)).encode())
    assert wrong.outcome.rows_rejected == 3
    assert [row.count("(已隐去)") for row in wrong.rejected] == [1, 1, 1]
    mended = Read(tmp_path, wrong.rejects.decode().replace("(已隐去)", "310").encode(), "rejects.csv")
    assert mended.outcome.rows_accepted == 3
    assert mended.outcome.sha256 == right.outcome.sha256


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.just(GOOD), st.text(max_size=40), st.from_regex(r'[0-9,"\t;. -]{0,40}')), min_size=1))
def test_no_line_is_lost_whatever_it_holds(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    read = Read(tmp_path_factory.mktemp("csv"), lines(GOOD, *rows).encode("utf-8", "surrogatepass"))
    outcome = read.outcome
    assert outcome.rows_in == outcome.rows_accepted + outcome.rows_rejected
    assert (outcome.rows_accepted, outcome.rows_rejected) == (len(read.accepted), len(read.rejected))
    assert outcome.rows_rejected == sum(outcome.reasons.values())


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_no_row_is_lost_whatever_the_bytes(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    head = lines(good(1)).encode().ljust(9000, b"\n")  # beyond what decides whether it is text at all
    read = Read(tmp_path_factory.mktemp("csv"), head + noise + b"\n" + good(2).encode())
    assert read.outcome.rows_in == len(read.accepted) + len(read.rejected)
    assert read.outcome.rows_in >= 2


CELL = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "null", "310", "310.0", "职工基本医疗保险", "是", "0", "1", "'a"]),
    st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,2})?", fullmatch=True), st.dates().map(str), st.datetimes().map(str),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(CELL, min_size=10, max_size=10), min_size=1, max_size=8))
def test_reading_the_accepted_rows_again_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    loose = [c if c.code != "setl_time" else type(c)("setl_time", "结算时间", "datetime") for c in TABLE.columns]
    table = type(TABLE)(
        "t", "表", "行", tuple(type(c)(c.code, c.name, c.type, False, c.personal, c.dictionary, c.open) for c in loose)
    )
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    once = Read(tmp_path_factory.mktemp("once"), lines(*quoted, GOOD).encode("utf-8", "replace"), table=table)
    twice = Read(tmp_path_factory.mktemp("twice"), once.as_csv(), table=table)
    empty = sum(not any(row) for row in once.accepted)  # a line without any cell is no row
    assert twice.outcome.rows_rejected == 0
    assert twice.outcome.rows_accepted == once.outcome.rows_accepted - empty
    assert not any(p.repaired for p in twice.outcome.profile)
    if not empty:
        assert twice.outcome.sha256 == once.outcome.sha256


def test_blocks_and_row_groups_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.stats.sources.ingest.writing.group_rows", lambda columns: 3_000)
    rows = [good(n) for n in range(10_000)]
    quoted = [f'"{row}"'.replace(",", '","') for row in rows]
    whole = Read(tmp_path, lines(*rows).encode())
    assert whole.outcome.rows_accepted == 10_000
    monkeypatch.setattr("services.stats.sources.ingest.encoding.BLOCK", 50_000)
    plain = Read(tmp_path, lines(*rows).encode())
    assert plain.outcome.sha256 == whole.outcome.sha256 == Read(tmp_path, lines(*quoted).encode()).outcome.sha256
    assert len(plain.shares) > 10
    assert plain.shares == sorted(plain.shares)
    again = Read(tmp_path, lines(*rows, good(9_000), good(3)).encode())
    assert again.outcome.sha256 == plain.outcome.sha256
    assert [row[0] for row in again.rejected] == ["10002", "10003"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER.replace("insutype,", "") + "\n1,2", "缺少列: 险种类型"),
        (HEADER + ",insutype\n1,2", "出现两次"),
        (HEADER + "\n", "没有数据行"),
        ("a,b,c\n1,2,3\n", "没有找到表头"),
        ("hello\nworld\n", "分隔符"),
        (HEADER.replace(",", "^") + "\n", "分隔符"),
        ("", "空的"),
        ("\ufeff\r\n", "空的"),
        ("<html><table></table>", "网页"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Read(tmp_path, content.encode())
    assert list((tmp_path / "out").iterdir()) == []
