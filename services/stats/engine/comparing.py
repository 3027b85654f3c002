"""Comparisons beside a measure: the period before (环比), the same period a year ago (同比), the year to date (累计).

The same query runs for each period; lines are matched by their dimensions and by which of them they sum over. Pure.
"""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import msgspec
import pyarrow as pa

from services.stats.definitions.definition import Comparison, Definition, Output
from services.stats.engine.kinds import ROLLED, SUMMED, schema
from services.stats.periods import Period
from services.stats.problem import Problem
from services.stats.report import Checked, Shown

NAMES: Final[Mapping[Comparison, str]] = {"mom": "环比", "yoy": "同比", "ytd": "累计"}
Key = tuple[Any, ...]
Cell = int | Decimal | None
_DIGITS: Final = Decimal("0.000001")


class Compared(msgspec.Struct, frozen=True):
    """`notes` say how many lines only the other period has."""

    table: pa.Table
    notes: tuple[Checked, ...] = ()


def wanted(definition: Definition) -> tuple[Comparison, ...]:
    """Which other periods are needed; none where the report is of no period."""
    asked = {c for o in definition.measures for c in o.compare}
    return tuple(c for c in NAMES if c in asked)


def other(period: Period, comparison: Comparison) -> Period:
    """The period that this one is compared with."""
    return {"mom": period.before, "yoy": period.year_ago, "ytd": period.year_to_date}[comparison]()


def shown(definition: Definition) -> tuple[Shown, ...]:
    """The columns of the report in their order: what is compared stands beside its measure."""
    return tuple(column for output in definition.outputs for column in _beside(output))


def compared(now: pa.Table, others: Mapping[Comparison, pa.Table], definition: Definition, below: int = 0) -> Compared:
    """`now` with the added columns; a line that another period does not have is empty there.

    So is one that was of fewer than `below` persons then: the change would give away what was hidden.
    """
    if not wanted(definition):
        return Compared(now)
    others = {c: others[c] for c in wanted(definition) if c in others}  # checks may have asked for more
    keys = list(_keys(now, definition))
    _unique(keys, definition)
    columns: dict[str, Any] = {name: now[name] for name in now.column_names}
    notes = []
    for comparison, table in others.items():
        places = {key: n for n, key in enumerate(_keys(table, definition))}
        small = set() if comparison == "ytd" else _small(table, definition, below)
        matched = [None if n in small else n for n in map(places.get, keys)]
        notes.append(_note(comparison, len(places.keys() - set(keys))))
        for output in definition.measures:
            if comparison in output.compare:
                name = f"{output.code}_{comparison}"
                columns[name] = _column(output, comparison, now[output.code].to_pylist(), table, matched)
    return Compared(_ordered(columns, definition), tuple(n for n in notes if n))


def _beside(output: Output) -> Iterator[Shown]:
    yield Shown(output.code, output.name, output.kind, output.dimension, output.dictionary)
    for comparison in NAMES:
        if comparison in output.compare:
            kind = output.kind if comparison == "ytd" else "percent"
            yield Shown(f"{output.code}_{comparison}", f"{output.name}{NAMES[comparison]}", kind)


def _keys(table: pa.Table, definition: Definition) -> Iterator[Key]:
    names = [*(o.code for o in definition.dimensions), ROLLED, SUMMED]
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _small(table: pa.Table, definition: Definition, below: int) -> set[int]:
    counts = [table[o.code].to_pylist() for o in definition.measures if o.suppress]
    return {n for persons in counts for n, many in enumerate(persons) if many and 0 < many < below}


def _unique(keys: list[Key], definition: Definition) -> None:
    if len(set(keys)) != len(keys):
        names = "、".join(o.name for o in definition.dimensions)
        raise Problem(f"口径“{definition.title}”中有几行的{names}完全相同, 不能做同比环比: 请在口径中补充分组列")


def _column(output: Output, comparison: Comparison, now: list[Cell], table: pa.Table, matched: list[int | None]) -> Any:
    before = table[output.code].to_pylist()
    based = [None if n is None else before[n] for n in matched]
    if comparison == "ytd":
        return pa.array(based, table.schema.field(output.code).type)
    return pa.array([_change(a, b) for a, b in zip(now, based, strict=True)], pa.decimal128(38, 6))


def _change(now: Cell, base: Cell) -> Decimal | None:
    """As a fraction of the size of the base, so that a rise is positive even from a negative base."""
    if now is None or not base:
        return None
    return ((Decimal(now) - Decimal(base)) / abs(Decimal(base))).quantize(_DIGITS, ROUND_HALF_UP)


def _note(comparison: Comparison, gone: int) -> Checked | None:
    if not gone or comparison == "ytd":
        return None
    name = NAMES[comparison]
    return Checked(f"{name}缺行", True, "warn", f"{name}对比期有而本期没有的 {gone} 行没有列出")


def _ordered(columns: Mapping[str, Any], definition: Definition) -> pa.Table:
    fields = schema(shown(definition)).append(pa.field(SUMMED, pa.int64()))
    missing = pa.nulls(len(columns[ROLLED]))
    return pa.table([columns.get(f.name, missing.cast(f.type)) for f in fields], schema=fields)
