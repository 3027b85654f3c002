"""What an alert tells of a finished report: its first rows as the sheet shows them, and which column to draw."""

from typing import Any

from services.stats.definition import Definition, Output
from services.stats.engine import Answer
from services.stats.model import Table

MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 20, 20, 200


def summary(definition: Definition, answer: Answer, url: str = "") -> Table:
    """The largest rows by the column that is drawn, in the order of the sheet where nothing is counted."""
    outputs = definition.outputs[:MOST_COLUMNS]
    draw = _drawn(outputs)
    rows = answer.rows
    if draw is not None:
        code = outputs[draw].code
        rows = sorted(rows, key=lambda row: -row[code])
    names = {c.code: c.values for c in definition.columns}
    return Table(
        title=definition.title[:MOST_LETTERS],
        columns=tuple(o.name[:MOST_LETTERS] for o in outputs),
        rows=tuple(tuple(_cell(o, row[o.code], names) for o in outputs) for row in rows[:MOST_ROWS]),
        total=tuple(_total(n, o, answer.total) for n, o in enumerate(outputs)),
        rows_out=len(answer.rows),
        draw=draw,
        url=url,
    )


def _drawn(outputs: tuple[Output, ...]) -> int | None:
    """The first amount, else the first count."""
    found = (n for kind in ("amount", "count") for n, o in enumerate(outputs) if o.kind == kind)
    return next(found, None)


def _cell(output: Output, value: Any, names: dict[str, dict[str, str]]) -> str:
    if value is None:
        return ""
    if output.kind in ("count", "amount"):
        return f"{value:,.2f}" if output.kind == "amount" else f"{value:,}"
    return f"{value} {names.get(output.code, {}).get(value, '')}".strip()[:MOST_LETTERS]


def _total(column: int, output: Output, total: dict[str, Any]) -> str:
    if output.kind in ("count", "amount"):
        return _cell(output, total[output.code], {})
    return "合计" * (column == 0)
