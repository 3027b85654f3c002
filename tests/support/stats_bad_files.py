"""Files as they really come, one for each way in which they are wrong, and what has to become of each."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).parent.parent / "data" / "stats"
NAMES = (
    "setl_id", "psn_no", "psn_name", "insutype", "clr_type", "setl_optins", "setl_time", "medfee_sumamt",
    "fund_pay_sumamt", "acct_pay", "cash_payamt", "refd_setl_flag",
)  # fmt: skip
HEADER = ",".join(NAMES)
GOOD = (
    "S1",
    "62010001",
    "张三",
    "310",
    "11",
    "620101",
    "2026-01-02 08:00:00",
    "100.00",
    "60.00",
    "10.00",
    "30.00",
    "0",
)


class Bad(NamedTuple):
    """`says` is in the one sentence of a refusal; of a file that is read it is in the reasons or the notes.

    `rows` are those accepted and those refused; None for a file that is refused as a whole.
    """

    name: str
    make: Callable[[], bytes]
    says: str = ""
    rows: tuple[int, int] | None = None


def row(n: int = 1, **cells: str) -> str:
    return ",".join({**dict(zip(NAMES, GOOD, strict=True)), "setl_id": f"S{n}", **cells}.values())


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def book(*rows: Any, merged: str = "") -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "结算"
    for cells in rows:
        sheet.append(list(cells))
    if merged:
        sheet.merge_cells(merged)
    made.save(out := io.BytesIO())
    return out.getvalue()


def hidden() -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(book(NAMES, GOOD, ("S2", *GOOD[1:]))))
    made.worksheets[0].row_dimensions[3].hidden = True
    made.save(out := io.BytesIO())
    return out.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def bomb(expanded: int, declared: int, name: bytes = b"a.csv") -> bytes:
    """A ZIP of one file of so many zeros, which says that it has others."""
    block = 64 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(csv(row())) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    body += zeros * (expanded // block) + packer.flush()
    wide = struct.pack("<HHQQ", 1, 16, declared, len(body))
    facts = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(wide))
    local = b"PK\3\4" + facts + name + wide + body
    facts = facts.replace(struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF), struct.pack("<II", len(body), 0xFFFFFFFF))
    wide = struct.pack("<HHQ", 1, 8, declared)
    facts = facts[:-2] + struct.pack("<H", len(wide))
    central = b"PK\1\2" + struct.pack("<H", 45) + facts + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name + wide
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def parquet(**changed: Any) -> bytes:
    """Of two rows."""
    cells = {name: [value, value] for name, value in zip(NAMES, GOOD, strict=True)} | {"setl_id": ["S1", "S2"]}
    pq.write_table(pa.table({**cells, **changed}), out := io.BytesIO())
    return out.getvalue()


def groups(n: int) -> bytes:
    """Parquet of `n` row groups of one row."""
    cells = {name: [value] * n for name, value in zip(NAMES, GOOD, strict=True)}
    cells["setl_id"] = [f"S{i}" for i in range(n)]
    pq.write_table(pa.table(cells), out := io.BytesIO(), row_group_size=1)
    return out.getvalue()


def _wide() -> bytes:
    more = [f"x{n}" for n in range(288)]
    return csv(row() + ",1" * 288, header=",".join([HEADER, *more]))


def _mixed() -> bytes:
    return csv(*(row(n) for n in range(1, 41))) + row(41, psn_no="6201甲").encode("gbk")


def _formulas() -> bytes:
    return csv(*(row(n, psn_no=f"{sign}cmd|' /C calc'!A0") for n, sign in enumerate("=+-@")), row(9))


REFUSED = (
    Bad("空.csv", lambda: b"", "文件是空的"),
    Bad("照片.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(4000), "二进制"),
    Bad("结算.rar", lambda: b"Rar!\x1a\7\1\0", "RAR"),
    Bad("网页.xls", lambda: b"<html><table></table></html>", "网页"),
)  # fmt: skip
"""Seen when they are uploaded."""

FAILING = (
    Bad("分隔.csv", lambda: csv(row()).replace(b",", b"^"), "分隔符"),
    Bad("只有表头.csv", csv, "没有数据行"),
    Bad("重复列.csv", lambda: csv(row() + ",1", header=HEADER + ",setl_id"), "出现两次"),
    Bad("缺列.csv", lambda: csv(row(), header=HEADER.replace("insutype", "x")), "缺少列: 险种类型 (insutype)"),
    Bad("炸弹.zip", lambda: bomb(10 << 30, 10 << 30), "解压后超过 8192 MB"),
    Bad("炸弹二.zip", lambda: bomb(10 << 30, 7 << 30), "压缩比异常"),
    Bad("谎报大小.zip", lambda: bomb(10 << 30, 1000), "损坏"),
    Bad("嵌套.zip", lambda: zipped(("a.csv", bomb(10 << 30, 10 << 30))), "还有压缩包"),
    Bad("路径.zip", lambda: zipped(("../../etc/a.csv", csv(row()))), "路径不安全"),
    Bad("加密.zip", (DATA / "locked.zip").read_bytes, "压缩包有密码"),
    Bad("加密.xlsx", (DATA / "locked.xlsx").read_bytes, "打开密码"),
    Bad("损坏.xlsx", lambda: book(NAMES, GOOD)[:-80], "损坏"),
    Bad("嵌套.parquet", lambda: parquet(insutype=[["310"], ["390"]]), "嵌套类型"),
    Bad("损坏.parquet", lambda: parquet()[:200] + b"\xff" * 400 + parquet()[600:], "已损坏"),
    Bad("缺尾.parquet", lambda: parquet()[:-50], "已损坏"),
)  # fmt: skip
"""Seen when they are read."""

READ = (
    Bad("列数.csv", lambda: csv(row(1), row(2) + ",多", "S3,1", row(4)), "列数与表头不符", (2, 2)),
    Bad("引号.csv", lambda: csv(row(1), '"' + row(2), row(3), row(4, psn_name='张"三')), "引号不配对", (3, 1)),
    Bad("公式.csv", _formulas, "是公式", (1, 4)),
    Bad("旧版.xls", (DATA / "settled.xls").read_bytes, "", (1, 0)),
    Bad("合并.xlsx", lambda: book(["兰州市结算"], NAMES, GOOD, merged="A1:L1"), "标题已跳过", (1, 0)),
    Bad("两行.xlsx", lambda: book(["基本"] + [""] * 11, NAMES, GOOD, merged="A1:L1"), "标题已跳过", (1, 0)),
    Bad("代码与名称.csv", lambda: csv(
        "结算ID,人员编号,人员姓名,险种类型,清算类别,结算经办机构,结算时间,医疗费总额,基金支付总额,个人账户支出,个人现金支出,退费结算标志",
        row()), "表头有两行", (1, 0)),
    Bad("合计.csv", lambda: csv(row(1), row(2), "合计,,,,,,,200.00,,,,", "合计,200.00"), "合计行", (2, 2)),
    Bad("日期数字.csv", lambda: csv(row(1, setl_time="46024.3333333333")), "", (1, 0)),
    Bad("宽一.csv", lambda: csv(row()).decode().encode("utf-16"), "", (1, 0)),
    Bad("宽二.csv", lambda: csv(row()).decode().encode("utf-16-be"), "", (1, 0)),
    Bad("三百列.csv", _wide, "", (1, 0)),
    Bad("长.csv", lambda: csv(row(1), row(2, setl_id="x" * 2**20)), "超过 200 个字符", (1, 1)),
    Bad("零.csv", lambda: csv(row(1), row(2, psn_no="62\0001"), *(row(n) for n in range(3, 9))), "不可见字符", (7, 1)),
    Bad("老苹果.csv", lambda: csv(row(1), row(2)).replace(b"\n", b"\r"), "", (2, 0)),
    Bad("混合.csv", _mixed, "编码损坏", (40, 1)),
    Bad("隐藏.xlsx", hidden, "隐藏行", (2, 0)),
    Bad("错误值.xlsx", lambda: book(NAMES, (*GOOD[:7], "#N/A", *GOOD[8:]), GOOD), "Excel 错误值", (1, 1)),
    Bad("单位.csv", lambda: csv(row(1), row(2, medfee_sumamt='"1,234.50元"'), row(3, acct_pay="￥5")), "单位", (1, 2)),
    Bad("括号.csv", lambda: csv(row(1), row(2, medfee_sumamt="(12.50)")), "括号", (1, 1)),
    Bad("全角.csv", lambda: csv(row(1, medfee_sumamt="１２．５０", insutype="３１０", setl_id="Ｓ１")), "", (1, 0)),
    Bad("类型.parquet", lambda: parquet(medfee_sumamt=[100.0, 1e20], insutype=[310, 310]), "不是数字", (1, 1)),
    Bad("多组.parquet", lambda: groups(10_000), "", (10_000, 0)),
)  # fmt: skip
THROUGH = {
    "分隔.csv", "炸弹.zip", "谎报大小.zip", "加密.xlsx", "损坏.parquet", "公式.csv", "旧版.xls", "混合.csv",
    "错误值.xlsx", "括号.csv",
}  # fmt: skip
"""One of each kind of trouble: a run is a process of its own, which takes a second."""
