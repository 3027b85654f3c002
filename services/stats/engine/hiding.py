"""Small cells of a counted table: which lines `suppressing` hides, and the table without their measures. Pure."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from services.stats.definitions.definition import Definition
from services.stats.engine.kinds import ROLLED, SUMMED
from services.stats.engine.suppressing import Line, hidden


def hide(table: pa.Table, definition: Definition, below: int) -> tuple[pa.Table, int]:
    """The table, and how many cells were emptied; nothing is where the definition counts no persons or `below` is 0."""
    counts = [o.code for o in definition.measures if o.suppress]
    if not counts or below < 2:
        return table, 0
    gone = hidden(lines(table, definition, counts, below), below)
    if not gone:
        return table, 0
    kept = pa.array([n not in gone for n in range(table.num_rows)])
    apart = {o.code for o in definition.dimensions} | {ROLLED, SUMMED}
    cells = 0
    for n, field in enumerate(table.schema):
        if field.name not in apart:
            column = table[field.name]
            emptied = pc.if_else(kept, column, pa.scalar(None, field.type))
            cells += emptied.null_count - column.null_count
            table = table.set_column(n, field, emptied)
    return table, cells


def lines(table: pa.Table, definition: Definition, counts: list[str], below: int) -> list[Line]:
    """Each line with its mask; where there are several counts of persons the smallest that is small decides."""
    keys = zip(*(table[o.code].to_pylist() for o in definition.dimensions), strict=True)
    persons = zip(*(table[code].to_pylist() for code in counts), strict=True)
    marks = zip(table[ROLLED].to_pylist(), table[SUMMED].to_pylist(), strict=True)
    found = zip(keys if definition.dimensions else [()] * table.num_rows, persons, marks, strict=True)
    return [Line(key, _mask(key, *mark), _fewest(many, below)) for key, many, mark in found]


def _fewest(many: tuple[int | None, ...], below: int) -> int | None:
    small = [n for n in many if n and n < below]
    return min(small) if small else many[0]


def _mask(key: tuple[Any, ...], rolled: int | None, summed: int | None) -> int:
    """Where the query does not tell which dimensions are summed over, the last empty ones are."""
    if summed is not None:
        return summed
    empty = [n for n, value in enumerate(key) if value is None]
    return sum(1 << n for n in empty[len(empty) - (rolled or 0) :]) if rolled else 0
