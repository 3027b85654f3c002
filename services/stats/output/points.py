"""The points of a chart: which lines of a report may become some, and under which label. Nothing is added up."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappush, heappushpop
from typing import NamedTuple

from services.stats.definitions.definition import Chart
from services.stats.output import words
from services.stats.output.lines import Line, Names, dimensions, untyped
from services.stats.report import Report, Shown

EMPTY = "（空）"
_KEPT = 2_000
Number = float | None


class Point(NamedTuple):
    label: str
    other: str
    values: tuple[Number, ...]


def candidates(report: Report, rest: Iterable[Line]) -> list[Line]:
    """All subtotals of all but one dimension, and the largest lines by each measure that a chart orders by."""
    dims, first = dimensions(report), {chart.y[0] for chart in report.definition.charts}
    heaps: dict[int, list[tuple[float, int, Line]]] = {n: [] for n, c in enumerate(report.columns) if c.code in first}
    found: dict[int, Line] = {}
    for order, line in enumerate(rest):
        if line.rolled == 0:
            for n, heap in heaps.items():
                _keep(heap, (_size(line, n), -order, line))
        elif line.rolled == dims - 1:
            found[order] = line
    found |= {-order: line for heap in heaps.values() for _, order, line in heap}
    return [found[order] for order in sorted(found)]


def _keep(heap: list[tuple[float, int, Line]], item: tuple[float, int, Line]) -> None:
    (heappush if len(heap) < _KEPT else heappushpop)(heap, item)


def _size(line: Line, n: int) -> float:
    value = _number(line, n)
    return float("-inf") if value is None else value


def points_of(chart: Chart, report: Report, found: Sequence[Line], names: Names) -> Iterator[Point]:
    place = {c.code: n for n, c in enumerate(report.columns)}
    x, ys = place[chart.x], [place[code] for code in chart.y]
    others = [n for n, c in enumerate(report.columns) if c.dimension and n != x]
    alone = [line for line in found if line.rolled and line.rolled == len(others) and line.values[x] is not None]
    for line in alone or [line for line in found if not line.rolled]:
        texts = [_label(report.columns[n], line, n, names) for n in (x, *(() if alone else others))]
        yield Point(texts[0], " / ".join(texts[1:]), tuple(_number(line, n) for n in ys))


def _label(column: Shown, line: Line, n: int, names: Names) -> str:
    """A code's name alone: a picture has no room for codes."""
    value = line.values[n]
    named = names.get(column.code, {}).get(value) if isinstance(value, str) else None
    return named or words.dimension(column, value, {}) or EMPTY


def _number(line: Line, n: int) -> Number:
    value = untyped(line.values[n])
    return None if value is None or not hasattr(value, "__float__") else float(value)
