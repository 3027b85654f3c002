"""Which encoding a CSV is in, and the refusal of files that are no CSV at all."""

import codecs
from pathlib import Path

_BLOCK = 1 << 20
_MAGIC = {
    b"PK\x03\x04": "这是 Excel (xlsx) 或压缩文件: 请另存为 CSV 后再上传",
    b"\xd0\xcf\x11\xe0": "这是旧版 Excel (xls) 文件: 请另存为 CSV 后再上传",
    b"%PDF": "这是 PDF 文件: 请导出 CSV 后再上传",
}


class Problem(Exception):
    """Why a file cannot be counted at all; the Chinese message says what to do next."""


def check_head(head: bytes) -> None:
    """Raise Problem when a file that begins so is no CSV. `head` is its first block."""
    if not head.strip():
        raise Problem("文件是空的: 请检查导出是否成功")
    for magic, problem in _MAGIC.items():
        if head.startswith(magic):
            raise Problem(problem)
    if b"\0" in head:
        raise Problem("不是 CSV 文本 (可能是二进制文件或 UTF-16 编码): 请另存为“CSV UTF-8”后再上传")
    first = head.lstrip(b"\xef\xbb\xbf \r\n").splitlines()[0] if head.strip(b"\xef\xbb\xbf \r\n") else b""
    if not any(mark in first for mark in b",\t;|"):
        raise Problem("第一行没有逗号等分隔符, 不是 CSV: 请检查文件, 第一行应为列名")


def encoding_of(path: Path) -> str:
    """UTF-8 when it is, else GB18030; for a damaged file, the one of the two with fewer damaged places."""
    damage = {}
    for encoding in ("utf-8", "gb18030"):
        damage[encoding] = _damage(path, encoding)
        if damage[encoding] == 0:
            break
    return min(damage, key=lambda e: damage[e])


def _damage(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as source:
        blocks = iter(lambda: source.read(_BLOCK), b"")
        return sum(decoder.decode(block).count("\ufffd") for block in blocks) + len(decoder.decode(b"", True))
