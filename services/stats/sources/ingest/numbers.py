"""Amounts, ratios and counts from the ways in which people and spreadsheets write them."""

import re
from collections.abc import Callable
from decimal import Decimal

from services.stats.sources.ingest.cell import DOT_ZERO, Cell, Refusal, narrowed

THOUSANDS = "千分位"
_PLAIN = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_BRACKETED = re.compile(r"\(\s*[\d,]+(?:\.\d+)?\s*\)", re.ASCII)
_WITH_UNIT = re.compile(
    r"[¥￥$]?\s*[+-]?[\d,]+(?:\.\d+)?\s*(?:[百千万亿]*元整?|人民币|RMB|CNY|[人次天日张个份笔家项]+|[%‰])?", re.ASCII
)
_LOST = 10**15
"""From here on a spreadsheet has rounded a number; identity numbers end in 000 then."""
_PLACES = {2: "多于两位小数", 4: "多于四位小数"}


def _split(cell: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Sign, whole and fractional digits, repairs. Raises Refusal."""
    cell, repairs = narrowed(cell)
    if _GROUPED.fullmatch(cell):
        cell, repairs = cell.replace(",", ""), (*repairs, THOUSANDS)
    found = _PLAIN.fullmatch(cell)
    if found is None:
        raise Refusal(_why_not(cell))
    return found[1].replace("+", ""), found[2].lstrip("0") or "0", found[3] or "", repairs


def _why_not(cell: str) -> str:
    if _BRACKETED.fullmatch(cell):
        return "负数写在括号里, 请改为前面加减号"
    if _WITH_UNIT.fullmatch(cell) and cell.strip("0123456789,.+-"):
        return "带有单位或货币符号, 请只留数字"
    return "不是数字"


def decimal(whole: int, places: int) -> Callable[[str], Cell]:
    """The converter of numbers with at most so many digits before and after the point."""

    def typed(cell: str) -> Cell:
        sign, digits, fraction, repairs = _split(cell)
        if fraction[places:].strip("0"):
            raise Refusal(_PLACES[places])
        if len(digits) > whole:
            raise Refusal("数值过大")
        return Cell(Decimal(f"{sign}{digits}.{fraction[:places]:0<{places}}"), repairs)

    return typed


def count(cell: str) -> Cell:
    """A whole number. Raises Refusal."""
    sign, digits, fraction, repairs = _split(cell)
    if fraction.strip("0"):
        raise Refusal("不是整数")
    if len(digits) > 18:
        raise Refusal("数值过大")
    return Cell(int(sign + digits), (*repairs, DOT_ZERO) if fraction else repairs)


def written(value: float) -> str:
    """A binary number as text: fifteen digits are what a spreadsheet holds; longer ones show it by their exponent."""
    if not abs(value) < _LOST:
        return f"{value:.14E}"
    if value == int(value):
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"
