"""What an alert tells of a finished report: its first rows as the sheet shows them, and which column to draw."""

from collections.abc import Iterable

from services.stats.output import words
from services.stats.output.lines import Line, dimensions, hidden, lines, names_of, untyped
from services.stats.report import Report, Shown
from services.stats.runs.model import Table

MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 20, 20, 200


def summary(report: Report, url: str = "") -> Table:
    """The largest lines by the column that is drawn, in the order of the sheet where nothing is counted."""
    return of_lines(report, lines(report), url)


def of_lines(report: Report, found: Iterable[Line], url: str = "") -> Table:
    """Pure. Reads all lines once, and keeps as few as it shows."""
    draw, dims = _drawn(report.columns[:MOST_COLUMNS]), dimensions(report)
    kept: list[Line] = []
    rows = 0
    total: Line | None = None
    for line in found:
        if line.rolled == 0:
            rows += 1
            kept.append(line)
            kept = _largest(kept, draw) if len(kept) > 50 * MOST_ROWS else kept
        elif line.rolled >= dims:
            total = line
    return Table(
        title=report.definition.title[:MOST_LETTERS],
        columns=tuple(c.name[:MOST_LETTERS] for c in report.columns[:MOST_COLUMNS]),
        rows=tuple(_cells(report, line) for line in _largest(kept, draw)),
        total=_cells(report, total) if total is not None else (),
        rows_out=rows,
        draw=draw,
        url=url,
    )


def _largest(found: list[Line], draw: int | None) -> list[Line]:
    """Stable, so that equal ones stay in the order of the sheet."""
    return found[:MOST_ROWS] if draw is None else sorted(found, key=lambda line: -_size(line, draw))[:MOST_ROWS]


def _size(line: Line, draw: int) -> float:
    value = untyped(line.values[draw])
    return float("-inf") if value is None or isinstance(value, str) else float(value)


def _drawn(columns: tuple[Shown, ...]) -> int | None:
    """The first amount, else the first count."""
    found = (n for kind in ("amount", "count") for n, c in enumerate(columns) if c.kind == kind)
    return next(found, None)


def _cells(report: Report, line: Line) -> tuple[str, ...]:
    cells = words.cells(report, line, names_of(report), hidden(report)(line))
    return tuple(cell[:MOST_LETTERS] for cell in cells[:MOST_COLUMNS])
