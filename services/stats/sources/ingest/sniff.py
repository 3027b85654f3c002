"""What kind of file an upload is, by its first block; and the refusal of what is no data.

The service asks on every upload; keep it light.
"""

from typing import Literal

from services.stats.problem import Problem

Kind = Literal["text", "zip", "xls", "parquet"]
"""A `zip` is an archive or an XLSX: only its directory, at its end, tells."""
HEAD = 8192
"""How much of a file is enough."""
_KINDS: dict[bytes, Kind] = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xls", b"PAR1": "parquet",
}  # fmt: skip
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_OTHERS = {
    b"%PDF": "这是 PDF 文件: 请导出 CSV 或 Excel 后再上传",
    b"Rar!": "这是 RAR 压缩包: 请改用 ZIP 压缩后再上传",
    b"7z\xbc\xaf": "这是 7z 压缩包: 请改用 ZIP 压缩后再上传",
    b"\x1f\x8b": "这是 gzip 压缩包: 请改用 ZIP 压缩后再上传",
    b"{\\rtf": "这是 RTF 文档: 请导出 CSV 或 Excel 后再上传",
}
_NOT_TEXT = "不是数据文件 (无法识别的二进制内容): 请上传 CSV、Excel、Parquet 或它们的 ZIP"


def check_head(head: bytes, name: str = "") -> Kind:
    """The kind of a file that begins so, by its contents and never by its name. Raises Problem."""
    if not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise Problem("文件是空的: 请检查导出是否成功")
    for magic, kind in _KINDS.items():
        if head.startswith(magic):
            return kind
    for magic, problem in _OTHERS.items():
        if head.startswith(magic):
            raise Problem(problem)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise Problem("这是网页或 XML (有的系统把它命名为 xls): 请用 Excel 打开后另存为 xlsx 再上传")
    if not _text(head[:HEAD]):
        raise Problem(_NOT_TEXT)
    return "text"


def encoded_wide(head: bytes) -> str:
    """`utf-16-le` or `utf-16-be` of a text that begins so, "" of any other."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 8 < len(head) or max(even, odd) < 4 * min(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _text(head: bytes) -> bool:
    """A zero here and there is a damaged cell, and its row's own trouble."""
    return head.count(0) * 50 < len(head) or bool(encoded_wide(head))
