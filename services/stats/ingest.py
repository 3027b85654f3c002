"""A CSV as people export it to rows that can be counted; what cannot be converted goes to the rejects with a reason.

Every line that is not empty is a row, and every row is either accepted or rejected. Lines are read one by one on
purpose: a stray quotation mark would otherwise swallow the rest of the file into one field.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from services.stats.convert import Unconvertible, converter, shown
from services.stats.definition import Column, Definition
from services.stats.encoding import Problem, encoding_of

_EVERY = 5_000  # rows between two looks at how far we are


class Ingested(msgspec.Struct):
    """`reasons` counts the rejected rows by reason."""

    rows_in: int
    rows_accepted: int
    reasons: dict[str, int]

    @property
    def rows_rejected(self) -> int:
        return self.rows_in - self.rows_accepted


def ingest(
    definition: Definition, source: Path, accepted: Path, rejects: Path, progress: Callable[[float], None]
) -> Ingested:
    """Write the rows of `source` to `accepted` or `rejects`. Raises Problem when it has not the columns."""
    size = source.stat().st_size or 1
    encoding = encoding_of(source)
    with (
        source.open("rb") as raw,
        accepted.open("w", encoding="utf-8", newline="") as good,
        rejects.open("w", encoding="utf-8-sig", newline="") as bad,  # with a BOM, for Excel
    ):
        lines = _lines(io.TextIOWrapper(raw, encoding, errors="replace"))
        table = _Table(definition, lines, good, bad)
        for n, (number, line) in enumerate(lines):
            table.take(number, line)
            if n % _EVERY == 0:
                progress(raw.tell() / size)
    if not table.rows:
        raise Problem("文件只有表头, 没有数据行: 请检查导出条件")
    return Ingested(table.rows, table.rows - sum(table.reasons.values()), dict(table.reasons.most_common()))


def _lines(text: IO[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text, 1):
        if line.strip().strip("\ufeff"):
            yield number, line.rstrip("\n")


class _Table:
    """The file below its header."""

    def __init__(self, definition: Definition, lines: Iterator[tuple[int, str]], good: IO[str], bad: IO[str]) -> None:
        header = next(lines, (0, ""))[1].lstrip("\ufeff")
        self._delimiter = max(",\t;|", key=header.count)
        names = self._split(header)
        self._width = len(names)
        places = _places(definition, names)
        self._kept = [(places.get(c.code), c, converter(c)) for c in definition.kept]
        self._shown = [
            (i, c) for c in definition.columns if c.personal != "drop" and (i := places.get(c.code)) is not None
        ]
        self._refund = definition.refund
        self._label = next(c.label for c in definition.columns if c.code == definition.refund.amount)
        self._good, self._bad = csv.writer(good, lineterminator="\n"), csv.writer(bad, lineterminator="\r\n")
        self._good.writerow([c.code for c in definition.kept])
        self._bad.writerow(["行号", "退回原因", *(c.label for _, c in self._shown)])
        self.rows = 0
        self.reasons: Counter[str] = Counter()

    def take(self, number: int, line: str) -> None:
        self.rows += 1
        cells: list[str] = []
        try:
            cells = self._split(line)
            self._good.writerow(self._convert(line, cells))
        except Unconvertible as error:
            self.reasons[str(error)] += 1
            # Where the cells do not fit the columns nobody knows which of them are personal: none is shown.
            visible = [shown(c, cells[i]) for i, c in self._shown] if len(cells) == self._width else []
            self._bad.writerow([number, str(error), *visible])

    def _split(self, line: str) -> list[str]:
        if '"' not in line:
            return line.split(self._delimiter)
        try:
            return next(csv.reader([line], delimiter=self._delimiter, strict=True))
        except csv.Error:
            raise Unconvertible("引号不配对 (字段内不能换行)") from None

    def _convert(self, line: str, cells: list[str]) -> list[str]:
        if len(cells) != self._width:
            raise Unconvertible("列数与表头不符")
        if "\ufffd" in line:
            raise Unconvertible("含有无法识别的字符 (编码损坏)")
        values = {c.code: convert(cells[i]) if i is not None else "" for i, c, convert in self._kept}
        if values[self._refund.amount].startswith("-") and values[self._refund.flag] != "1":
            raise Unconvertible(f"{self._label} 为负但退费标志不是 1")
        return list(values.values())


def _places(definition: Definition, names: list[str]) -> dict[str, int]:
    """Where each column stands; a header may give its code or its Chinese name, in any order."""
    known = {key.lower(): c.code for c in definition.columns for key in (c.code, c.name)}
    places: dict[str, int] = {}
    for i, name in enumerate(names):
        code = known.get(name.strip().lower())
        if code in places:
            raise Problem(f"列 {_label(definition.columns, code)} 在表头中出现两次: 请只保留一列")
        if code is not None:
            places[code] = i
    if missing := [c.label for c in definition.columns if c.required and c.code not in places]:
        raise Problem(f"缺少列: {', '.join(missing)}。请检查导出的列, 第一行应为列名")
    return places


def _label(columns: tuple[Column, ...], code: Any) -> str:
    return next(c.label for c in columns if c.code == code)
