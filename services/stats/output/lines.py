"""The lines of a counted report, read from its Parquet in batches, so that a million of them never lie in memory."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

from services.stats.report import Report, Shown
from services.stats.sources.table import dictionaries

Value = str | int | float | Decimal | date | datetime | None
Names = Mapping[str, Mapping[str, str]]
Say = Callable[[str, float], None]
"""Hears the name of a stage and the share of it that is done, 0 to 1."""

_BATCH = 8_192


class Line(NamedTuple):
    """`rolled` is how many dimensions were summed over: 0 a line, all of them the total, between them a subtotal."""

    rolled: int
    values: tuple[Value, ...]


def lines(report: Report) -> Iterator[Line]:
    """Every line in the order of the file, values in the order of `report.columns`."""
    from pyarrow.parquet import ParquetFile  # only in processes that write a report down

    codes = [c.code for c in report.columns]
    with ParquetFile(report.data) as file:
        for batch in file.iter_batches(_BATCH, columns=[*codes, "rolled"]):
            # By name: a file keeps its own order of columns, whatever was asked for.
            values = [batch.column(code).to_pylist() for code in codes]
            rolled = batch.column("rolled").to_pylist()
            yield from map(Line, rolled, zip(*values, strict=True))


def first(report: Report, most: int) -> list[Line]:
    """The first lines, and the total where it comes later: it is what a reader looks for."""
    found = list(islice(lines(report), most))
    dims = dimensions(report)
    if dims and report.rows > most and not any(line.rolled == dims for line in found):
        found += [line for line in lines(report) if line.rolled == dims]
    return found


def dimensions(report: Report) -> int:
    return sum(c.dimension for c in report.columns)


def names_of(report: Report) -> Names:
    """The code tables that the columns refer to, by the column's code."""
    tables = dictionaries()
    return {c.code: tables[c.dictionary] for c in report.columns if c.dictionary in tables}


def hidden(report: Report) -> Callable[[Line], bool]:
    """Whether a line's empty measures are small cells that were hidden: the count of persons is itself gone."""
    marked = {o.code for o in report.definition.outputs if o.suppress}
    places = [n for n, c in enumerate(report.columns) if c.code in marked]
    if not report.hidden_marks or not places:
        return lambda line: False
    return lambda line: any(line.values[n] is None for n in places)


def heading(report: Report, line: Line) -> int | None:
    """The dimension that bears the word 小计 or 合计: the first of those summed over; None for a plain line."""
    if not line.rolled:
        return None
    if line.rolled >= dimensions(report):
        return 0
    empty = (n for n, c in enumerate(report.columns) if c.dimension and line.values[n] is None)
    return next(empty, dimensions(report) - 1)


def is_measure(column: Shown) -> bool:
    return column.kind in ("count", "amount", "ratio", "percent", "number")


def untyped(value: Any) -> Any:
    """None for what no sheet can hold: not a number, infinite."""
    return None if isinstance(value, float) and not isfinite(value) else value
