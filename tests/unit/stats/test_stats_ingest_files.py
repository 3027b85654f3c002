"""Workbooks, Parquet and archives are read as a CSV would be; what cannot be read is refused in one sentence."""

import io
import shutil
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from services.stats.problem import Problem
from services.stats.sources.ingest import sheets
from services.stats.sources.ingest.sniff import check_head
from tests.support.stats_ingest import GOOD, HEADER, TABLE, Read, good, lines

NAMES = [c.name for c in TABLE.columns]
AT = datetime.fromisoformat("2026-01-02 10:00:00")
ROW: list[Any] = ["S1", "62010001", "张三", "13912345678", 310, 620102.0, AT, "兰州市第一人民医院", 100, 0]


def workbook(**named: list[list[Any]]) -> bytes:
    """An XLSX with these sheets."""
    book = openpyxl.Workbook()
    for title, rows in named.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(out := io.BytesIO())
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def plain(folder: Path, *rows: str) -> str:
    folder.mkdir(exist_ok=True)
    return Read(folder, lines(*(rows or (GOOD,))).encode()).outcome.sha256


@pytest.mark.parametrize("memory_mb", [1024, 0])
def test_a_workbook_gives_what_the_csv_gives_by_either_reader(tmp_path: Path, memory_mb: int) -> None:
    # With no memory at all the reader is chosen that does not take a whole sheet.
    read = Read(tmp_path, workbook(一月=[["结算明细"], NAMES, ROW]), memory_mb=memory_mb)
    assert read.outcome.sha256 == plain(tmp_path / "plain")
    assert read.outcome.files[0].header_line == 2
    assert read.outcome.files[0].name == "in.csv / 一月"


def test_all_sheets_with_the_columns_are_read_and_others_are_named(tmp_path: Path) -> None:
    second = ["S2", *ROW[1:]]
    read = Read(
        tmp_path, workbook(一月=[NAMES, ROW], 说明=[["口径", "见附件"]], 二月=[NAMES, [], second, ["合计"]], 空=[])
    )
    assert (read.outcome.rows_accepted, read.outcome.rows_rejected) == (2, 1)
    assert read.rejected[0][:3] == ["4", "in.csv / 二月", "合计行"]
    assert any("“说明”未读入" in note for note in read.outcome.notes)


def test_formulas_are_read_by_their_result_and_refused_without_one(tmp_path: Path) -> None:
    path = tmp_path / "formulas.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("一月")
        sheet.write_row(0, 0, NAMES)
        for line, result in ((1, "60"), (2, "")):
            sheet.write_row(line, 0, [f"S{line}", *ROW[1:6], "2026-01-02 10:00:00", ROW[7]])
            sheet.write_formula(line, 8, "=50+10", None, result)
            sheet.write(line, 9, 0)
    read = Read(tmp_path, path, "formulas.xlsx")
    assert read.column("medfee") == [Decimal("60.00")]
    unset = workbook(一月=[NAMES, [*ROW[:8], "=50+10", 0], ["S2", *ROW[1:]]])
    read = Read(tmp_path, unset)
    assert read.outcome.reasons == {"医疗费总额 (medfee) 是没有计算结果的公式, 请粘贴为数值": 1}
    assert read.rejected[0][0] == "2"


def test_numbers_that_excel_has_damaged_are_refused(tmp_path: Path) -> None:
    row = ["S1", 620102199001011234, *ROW[2:]]
    read = Read(tmp_path, workbook(一月=[NAMES, row]))
    assert "科学计数法" in read.rejected[0][2]


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(NAMES)
    book.active.append(ROW)
    book.active.row_dimensions[2].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    read = Read(tmp_path, tmp_path / "hidden.xlsx")
    assert read.outcome.rows_accepted == 1
    assert "隐藏行" in read.outcome.notes[0]


def test_parquet_of_other_types_is_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "结算ID": ["S1", "S2"], "psn_no": [62010001, 62010002], "tel": ["13912345678", None],
            "insutype": [310.0, 390.0],
            "admdvs": pa.array(["620102", "620102"]).dictionary_encode(),
            "setl_time": pa.array([AT, None], pa.timestamp("ns")),
            "hospital": ["兰州市第一人民医院", ""], "medfee": [100.0, 0.1 + 0.2], "refd": [False, True],
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    read = Read(tmp_path, tmp_path / "a.parquet", "a.parquet")
    assert read.outcome.sha256 == plain(tmp_path / "plain")
    assert read.rejected[0][:3] == ["2", "a.parquet", "结算时间 (setl_time) 为空"]


def test_times_with_a_zone_are_local_times(tmp_path: Path) -> None:
    utc = pa.array([datetime.fromisoformat("2026-01-02T02:00:00+00:00")], pa.timestamp("ms", "UTC"))
    cells = dict(zip(HEADER.split(","), ([v] for v in GOOD.split(",")), strict=True))
    pq.write_table(pa.table(cells | {"setl_time": utc}), tmp_path / "a.parquet")
    assert Read(tmp_path, tmp_path / "a.parquet").outcome.sha256 == plain(tmp_path / "plain")


def test_an_archive_of_everything_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    content = zipped(
        a_dot_csv=lines(good(1)).encode("gb18030"), b_dot_xlsx=workbook(一月=[NAMES, ["S2", *ROW[1:]]]),
        c_dot_txt=lines(good(3), good(1)).encode(), 说明_dot_pdf=b"%PDF-1.4",
    )  # fmt: skip
    read = Read(tmp_path, content, "all.zip")
    assert read.column("setl_id") == ["S1", "S2", "S3"]
    assert [f.name for f in read.outcome.files] == ["a.csv", "b.xlsx / 一月", "c.txt"]
    assert read.rejected[0][:2] == ["3", "c.txt"]
    assert any("说明.pdf" in note for note in read.outcome.notes)


def test_names_from_chinese_windows_are_understood(tmp_path: Path) -> None:
    name = "结算.csv".encode("gbk")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x" * len(name), lines(GOOD))
    raw = out.getvalue().replace(b"x" * len(name), name)  # Python would say that it is UTF-8; Windows says nothing
    assert Read(tmp_path, raw).outcome.files[0].name == "结算.csv"


def test_an_old_workbook_is_refused_or_read_but_never_half(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="损坏"):
        Read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def _encrypted() -> bytes:
    raw = bytearray(zipped(a_dot_csv=lines(GOOD).encode()))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


BOOK = workbook(一月=[NAMES, ROW])
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(a_dot_zip=zipped(b=b"1")), "还有压缩包"), (zipped(a_dot_csv=zipped(b=b"1")), "还有压缩包"),
        (zipped(**{"..__a_dot_csv": b"1"}), "路径不安全"), (zipped(**{"__etc__a_dot_csv": b"1"}), "路径不安全"),
        (zipped(**{f"a{n}_dot_csv": b"1" for n in range(51)}), "超过 50 个文件"), (_encrypted(), "有密码"),
        (zipped(a_dot_csv=b"0" * 30_000_000), "压缩比异常"), (zipped(), "是空的"),
        (zipped(a_dot_pdf=b"%PDF"), "没有可以读取"),
        (zipped(a_dot_csv=lines().encode()), "没有数据行"), (zipped(a_dot_csv=b"a,b\n1,2\n"), "a.csv”: 没有找到表头"),
        (zipped(a_dot_csv=lines(GOOD).encode())[:-30], "损坏"), (BOOK[:-100], "损坏"), (LOCKED, "密码"),
        (workbook(一月=[]), "是空的"), (workbook(一月=[["甲", "乙"], [1, 2]]), "没有找到表头"),
        (workbook(一月=[NAMES]), "没有数据行"),
        (zipped(**{"word__document_dot_xml": b"<a/>"}), "Word"), (zipped(**{"xl__workbook_dot_bin": b"1"}), "xlsb"),
        (b"PAR1" + b"\0" * 100, "Parquet 文件已损坏"), (bytes(range(256)) * 8, "二进制|没有"), (b"%PDF-1.7", "PDF"),
        (b"Rar!\x1a", "RAR"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Read(tmp_path, content)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    raw = bytearray(zipped(a_dot_csv=lines(*(good(n) for n in range(500))).encode()))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.index(mark) + at
        raw[place : place + 4] = (100).to_bytes(4, "little")
    with pytest.raises(Problem, match=r"损坏|不符"):
        Read(tmp_path, bytes(raw))


def test_an_archive_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=2 << 30)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    rows = lines(*(good(n) for n in range(20_000)))
    with pytest.raises(Problem, match="磁盘放不下"):
        Read(tmp_path, zipped(a_dot_csv=rows.encode()))


def test_a_sheet_that_spans_billions_of_empty_cells_is_read_row_by_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(NAMES)
    book.active.append(ROW)
    book.active["XFD200000"] = " "
    book.save(tmp_path / "wide.xlsx")
    read = Read(tmp_path, tmp_path / "wide.xlsx")
    assert read.outcome.rows_accepted == 1


@pytest.mark.parametrize("cell", [date(2026, 1, 2), AT, True, 0.1 + 0.2, 1e15, None, 12, "甲"])
def test_cells_are_told_as_a_csv_would_tell_them(cell: Any) -> None:
    told = {
        "2026-01-02", "2026-01-02 10:00:00", "TRUE", "0.3", "1.00000000000000E+15", "", "12", "甲",
    }  # fmt: skip
    assert sheets._text(cell) in told


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"PK\x03\x04", "zip"), (b"PAR1", "parquet"), (b"a,b\n", "text"), ("a,b".encode("utf-16"), "text")],
)
def test_the_kind_is_seen_in_the_contents(head: bytes, kind: str) -> None:
    assert check_head(head, "anything.pdf") == kind
