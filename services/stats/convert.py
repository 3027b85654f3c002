"""One cell of a CSV to the value that a report counts, or the Chinese reason why not.

The reasons never quote the cell: what stands in the wrong column may be a name or an identity number.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from services.stats.definition import Column

Convert = Callable[[str], str]

_AMOUNT = re.compile(r"[+-]?(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d+)?", re.ASCII)
_DATE = re.compile(
    r"(\d{4})([-/]?)(\d{1,2})\2(\d{1,2})(?:[ T]?(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.\d{1,6})?)?)?", re.ASCII
)
_TEXT_MOST = 100
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
# Settlement ids are long numbers too: in their column only what is built like an identity number is hidden.
_IDENTITY = re.compile(r"(?<!\d)(?:\d{6}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx]|1[3-9]\d{9})(?!\d)")
_FORMULA = ("=", "+", "-", "@")


class Unconvertible(ValueError):
    """Why a cell cannot be counted, in Chinese."""


def converter(column: Column) -> Convert:
    """The function for this column's cells; it raises Unconvertible."""
    types: dict[str, Convert] = {
        "amount": _amount, "datetime": _datetime, "code": _code(column), "text": _text(column),
    }  # fmt: skip
    typed = types[column.type]

    def convert(cell: str) -> str:
        cell = cell.strip()
        if not cell:
            if column.required:
                raise Unconvertible(f"{column.label} 为空")
            return ""
        try:
            return typed(cell)
        except Unconvertible as error:
            raise Unconvertible(f"{column.label} {error}") from None

    return convert


def _amount(cell: str) -> str:
    if not _AMOUNT.fullmatch(cell):
        raise Unconvertible("不是数字")
    whole, _, fraction = cell.replace(",", "").partition(".")
    if fraction[2:].strip("0"):
        raise Unconvertible("多于两位小数")
    return f"{whole}.{fraction[:2]:0<2}"


@lru_cache(maxsize=4096)
def _datetime(cell: str) -> str:
    match = _DATE.fullmatch(cell)
    if match is None or (not match[2] and len(re.sub(r"\D|\..*", "", cell)) not in (8, 12, 14)):
        raise Unconvertible("不是日期时间")
    year, month, day, hour, minute, second = (int(match[n] or 0) for n in (1, 3, 4, 5, 6, 7))
    try:
        value = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the CSV's times are local
    except ValueError:
        raise Unconvertible("不是有效的日期时间") from None
    if not 1990 <= year < 2100:
        raise Unconvertible("年份超出范围")
    return value.isoformat(" ")


def _code(column: Column) -> Convert:
    def convert(cell: str) -> str:
        if cell not in column.values:
            raise Unconvertible("不在字典中")
        return cell

    return convert


def _text(column: Column) -> Convert:
    pattern = re.compile(column.pattern) if column.pattern else None

    def convert(cell: str) -> str:
        if len(cell) > _TEXT_MOST:
            raise Unconvertible(f"超过 {_TEXT_MOST} 个字符")
        if not cell.isprintable():
            raise Unconvertible("含有不可见字符")
        if pattern is not None and not pattern.fullmatch(cell):
            raise Unconvertible("格式不符")
        return cell

    return convert


def shown(column: Column, cell: str) -> str:
    """A cell of a rejected row as staff may see it: enough to find and mend it, nothing personal."""
    cell = cell.strip()[:_TEXT_MOST]
    if column.personal == "mask":
        return cell[:2] + "***" + cell[-2:] if len(cell) > 6 else "***" * bool(cell)
    if not cell.isascii() or not cell.isprintable():
        return "(已隐去)"  # Chinese text in a column of codes and numbers is most likely a name
    cell = (_PERSONAL if column.type != "text" else _IDENTITY).sub("***", cell)
    # A spreadsheet would run it as a formula.
    return "'" + cell if cell.startswith(_FORMULA) and not _AMOUNT.fullmatch(cell) else cell
