"""Codes: of a dictionary, mended where it knows exactly one that can be meant; or free, by a pattern."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from services.stats.sources.ingest.cell import DOT_ZERO, SCIENTIFIC, WIDE, Cell, Refusal, narrow, printable
from services.stats.sources.table import Column

ZEROS, NAMED = "补前导零", "名称换成代码"
_OPEN = re.compile(r"[0-9A-Za-z_.\-]{1,20}", re.ASCII)
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)", re.ASCII)
_DOT_ZERO = re.compile(r"(\d+)\.0+", re.ASCII)
_HAN = re.compile("[\u4e00-\u9fff]")
_YES_NO = {
    "是": "1", "否": "0", "Y": "1", "N": "0", "y": "1", "n": "0", "TRUE": "1", "FALSE": "0", "True": "1", "False": "0",
    "true": "1", "false": "0",
}  # fmt: skip


def listed(column: Column, codes: Mapping[str, str]) -> Callable[[str], Cell]:
    """The converter of a column with a dictionary."""
    names = _unambiguous((name, code) for code, name in codes.items())
    if set(codes) == {"0", "1"}:
        names |= _YES_NO
    bare = _unambiguous((code.lstrip("0"), code) for code in codes)

    def typed(cell: str) -> Cell:
        if cell in codes:
            return Cell(cell)
        for candidate, repairs in _readings(cell):
            if candidate in codes:
                return Cell(candidate, repairs)
            if (code := names.get(candidate)) is not None:
                return Cell(code, (*repairs, NAMED))
            # Only digits lose their zeros, and "0" itself says nothing about which code was meant.
            code = bare.get(candidate.lstrip("0")) if candidate.strip("0").isdigit() else None
            if code is not None and len(code) > len(candidate):
                return Cell(code, (*repairs, ZEROS))
        if column.open:
            return _unlisted(cell)
        raise Refusal("不在字典中")

    return typed


def _readings(cell: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    half = narrow(cell)
    wide = (WIDE,) if half != cell else ()
    yield cell, ()
    if wide:
        yield half, wide
    if (found := _DOT_ZERO.fullmatch(half)) is not None:
        yield found[1], (*wide, DOT_ZERO)


def _unlisted(cell: str) -> Cell:
    *_, (code, repairs) = _readings(cell)
    if not _OPEN.fullmatch(code) or _PERSONAL.search(code) or SCIENTIFIC.fullmatch(code):
        raise Refusal("不在字典中")
    return Cell(code, repairs, unknown=True)


def free(column: Column) -> Callable[[str], Cell]:
    """The converter of codes without a dictionary."""
    pattern = re.compile(column.pattern) if column.pattern else None

    def typed(cell: str) -> Cell:
        # Without a pattern `47.0` may well be a code (operations have such): only a pattern can tell.
        readings = list(_readings(cell)) if pattern else [(narrow(cell), (WIDE,) if narrow(cell) != cell else ())]
        code, repairs = next(((c, r) for c, r in readings if pattern is None or pattern.fullmatch(c)), readings[0])
        code, blanks = printable(code, column.most)
        if SCIENTIFIC.fullmatch(code) and "+" in code:
            raise Refusal("被 Excel 改成了科学计数法, 请把列设为文本后重新导出")
        if pattern is not None and not pattern.fullmatch(code):
            raise Refusal("格式不符")
        if pattern is None and _HAN.search(code):
            raise Refusal("不是代码")
        return Cell(code, repairs or blanks)

    return typed


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    pairs = list(pairs)
    seen = Counter(key for key, _ in pairs)
    return {key: value for key, value in pairs if seen[key] == 1}
