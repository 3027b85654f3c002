"""What a cell became, or why not; and the tidying that every cell gets before its type is looked at.

Reasons never quote the cell: what stands in the wrong column may be a name or an identity number.
"""

import re
from typing import Any, NamedTuple

HIDDEN = "(已隐去)"
NO_RESULT = "\ue000"  # stands for a formula without a stored result; a private-use character, which no export writes
AN_ERROR = "#N/A"  # stands for the error values of a workbook, which its readers give as nothing
EMPTY = frozenset({"null", "NULL", "Null", "\\N"})
BLANKS = " \t\r\n\f\v\u00a0\u3000\u200b\ufeff"
_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xA0: 0x20}
_APOSTROPHES = ("'", "\uff07")
_BLANK_INSIDE = re.compile("[\u3000\u00a0\t]")
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?", re.ASCII)
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+", re.ASCII)
SURROUNDED, APOSTROPHE, NULL, WIDE, DOT_ZERO = "首尾空格", "前导撇号", "空值写法", "全角字符", "去掉末尾 .0"
BLANK_INSIDE = "中间空格"


class Refusal(ValueError):
    """Why a cell cannot be counted, in Chinese, without the cell."""


class Cell(NamedTuple):
    """`value` fits the column's Arrow type; `repairs` are kinds of what was mended, `unknown` an unlisted code."""

    value: Any
    repairs: tuple[str, ...] = ()
    unknown: bool = False


def tidy(raw: str) -> tuple[str, tuple[str, ...]]:
    """`raw` without what surrounds it, and which repairs that took; "" is an empty cell."""
    cell, repairs = raw.strip(BLANKS), []
    if cell != raw:
        repairs.append(SURROUNDED)
    if cell.startswith(_APOSTROPHES):
        # Spreadsheets write it before what they shall not compute; several come from files that went round twice.
        cell = cell.lstrip("".join(_APOSTROPHES) + BLANKS)
        repairs.append(APOSTROPHE)
    if narrow(cell) in EMPTY:
        cell = ""
        repairs.append(NULL)
    return cell, tuple(repairs)


def check(cell: str) -> None:
    """Raise Refusal for what is wrong in a column of any type."""
    cell = narrow(cell)
    if HIDDEN in cell:
        raise Refusal("是退回时隐去的内容, 请按原文件填写")
    if NO_RESULT in cell:
        raise Refusal("是没有计算结果的公式, 请粘贴为数值")
    if "\ufffd" in cell:
        raise Refusal("含有无法识别的字符 (编码损坏)")
    if _ERROR.fullmatch(cell):
        raise Refusal("是 Excel 错误值")
    if cell[:1] in {*"=+-@"} and len(cell) > 1 and not _NUMBER.fullmatch(cell):
        raise Refusal("是公式, 请粘贴为数值")


def narrow(cell: str) -> str:
    """Full-width letters, digits and punctuation as ASCII."""
    return cell if cell.isascii() else cell.translate(_WIDE).strip()


def narrowed(cell: str) -> tuple[str, tuple[str, ...]]:
    """As `narrow`, with the repair."""
    half = narrow(cell)
    return half, (WIDE,) if half != cell else ()


def printable(cell: str, most: int) -> tuple[str, tuple[str, ...]]:
    """Text of at most `most` characters with plain blanks inside. Raises Refusal."""
    plain = _BLANK_INSIDE.sub(" ", cell)
    if len(plain) > most:
        raise Refusal(f"超过 {most} 个字符")
    if not plain.isprintable():
        raise Refusal("含有不可见字符")
    return plain, (WIDE,) if plain != cell else ()
