"""Where the header is and which column of the file is which: below titles, in two rows, by codes or Chinese names."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from services.stats.problem import Problem
from services.stats.sources.ingest.cell import BLANKS, narrow
from services.stats.sources.table import Table

LOOKED_AT = 30
"""How many rows may stand above the data, at most."""
OWN = ("行号", "文件/工作表", "退回原因")
"""What a file of refused rows begins with; these columns are ignored when it comes back."""
_TOTALS_IN = 3
_NOISE = re.compile(r"[\s*]+")
Rows = Sequence[Sequence[str]]


class Header(NamedTuple):
    """`below` is the index of the first row of data; `places` is where each column of the table stands.

    `own` columns at the beginning are ours, of a file of refused rows that comes back.
    """

    below: int
    height: int
    width: int
    places: dict[str, int]
    own: int = 0

    @property
    def first(self) -> range:
        """The columns in which a line of totals says so."""
        return range(self.own, min(self.own + _TOTALS_IN, self.width))

    @property
    def titles(self) -> int:
        """How many rows stand above the header."""
        return self.below - self.height


def positional(table: Table, layout: str = "", width: int = 0) -> Header:
    """Of a file without a header: the fields in the order of the layout, or of the schema.

    `width` is how many fields a line has: a layout may allow for more than it names.
    """
    found = table.layouts.get(layout)
    codes = found.columns if found else tuple(c.code for c in table.columns)
    wide = min(max(len(codes), width), len(codes) + (found.extra if found else 0))
    return Header(0, 0, wide, {code: i for i, code in enumerate(codes)})


def recognised(table: Table, rows: Rows) -> int:
    """How many columns the best header among the rows has."""
    known = _known(table)
    return max((_score(known, names) for _, _, names in _candidates(rows)), default=0)


def find(table: Table, rows: Rows) -> Header:
    """The header among the first rows of a file. Raises Problem when there is none or columns are missing."""
    known = _known(table)
    best: tuple[int, int, int, list[str]] = (0, 0, 0, [])
    for below, height, names in _candidates(rows):
        score = _score(known, names)
        if score > best[0]:  # the first of equals: a single row before two joined ones
            best = (score, below, height, names)
    score, below, height, names = best
    if not score:
        raise Problem(f"没有找到表头: 前 {LOOKED_AT} 行中没有“{table.title}”的列名。请检查所选数据表与文件是否相符")
    places = _places(table, known, names)
    missing = [c.label for c in table.columns if c.required and c.personal != "drop" and c.code not in places]
    if missing:
        raise Problem(f"缺少列: {', '.join(missing)}。请检查导出的列, 表头应为列名")
    own = len(OWN) if names[: len(OWN)] == [_clean(name) for name in OWN] else 0
    if _again(known, places, rows[below : below + 1]):
        below, height = below + 1, height + 1
    return Header(below, height, len(names), places, own)


def _again(known: dict[str, str], places: dict[str, int], rows: Rows) -> bool:
    """Whether the row below the header is the same header once more: Chinese names below codes."""
    named = [_lookup(known, _clean(row[i])) == code for row in rows for code, i in places.items() if i < len(row)]
    return 2 * sum(named) > len(places)


def _candidates(rows: Rows) -> list[tuple[int, int, list[str]]]:
    single = [(i + 1, 1, [_clean(cell) for cell in row]) for i, row in enumerate(rows[:LOOKED_AT])]
    return single + [(i + 2, 2, _joined(rows[i], rows[i + 1])) for i in range(min(len(rows), LOOKED_AT) - 1)]


def _joined(top: Sequence[str], bottom: Sequence[str]) -> list[str]:
    """A header of two rows: merged cells of the upper one span several of the lower one."""
    names, over = [], ""
    for i in range(max(len(top), len(bottom))):
        upper = _clean(top[i]) if i < len(top) else ""
        lower = _clean(bottom[i]) if i < len(bottom) else ""
        over = upper or over
        names.append(lower or upper)
        if lower and over and not lower.isascii():
            names[-1] = f"{lower}\0{over}{lower}"
    return names


def _score(known: dict[str, str], names: Sequence[str]) -> int:
    return len({code for name in names if (code := _lookup(known, name))})


def _lookup(known: dict[str, str], name: str) -> str:
    """A lower name alone, or else with what stands over it."""
    return next((known[part] for part in name.split("\0") if part in known), "")


def _known(table: Table) -> dict[str, str]:
    pairs = [(_clean(k), c.code) for c in table.columns for k in (c.code, c.name, f"{c.name}({c.code})")]
    seen = Counter(key for key, _ in pairs)
    return {key: code for key, code in pairs if seen[key] == 1 or key == code}


def _clean(name: str) -> str:
    return _NOISE.sub("", narrow(name.strip(BLANKS + "'"))).lower()


def _places(table: Table, known: dict[str, str], names: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for i, name in enumerate(names):
        code = _lookup(known, name)
        if code in places:
            raise Problem(f"列 {table.by_code[code].label} 在表头中出现两次: 请只保留一列")
        if code:
            places[code] = i
    return places
