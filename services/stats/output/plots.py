"""What a chart draws: which lines of the report become its points, and in which unit they are told."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.stats.definitions.definition import Chart
from services.stats.output.lines import Line, Names, names_of
from services.stats.output.lines import lines as read
from services.stats.output.points import Number, Point, candidates, points_of
from services.stats.report import Report, Shown

_SERIES = 8
_SCALES = ((1e8, "亿"), (1e4, "万"))
_TIME = re.compile(r"\d{4}(-\d\d){0,2}")


class Series(NamedTuple):
    name: str
    values: tuple[Number, ...]


class Plot(NamedTuple):
    """`values` of every series stand beside `labels`, in `unit`; a percent is told in hundredths.

    `note` says what was left out.
    """

    kind: str
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""

    @property
    def beside(self) -> str:
        """The unit and the note, as they stand under the title."""
        return "；".join(filter(None, (f"单位：{self.unit}" if self.unit else "", self.note)))


def chosen(report: Report) -> tuple[Plot, ...]:
    """The definition's charts over the report's lines; one that has nothing to draw is left out."""
    charts = report.definition.charts
    if not charts or not report.rows:
        return ()
    found, names = candidates(report, read(report)), names_of(report)
    plots = (plot(chart, report, found, names) for chart in charts)
    return tuple(p for p in plots if p.labels and any(v is not None for s in p.series for v in s.values))


def plot(chart: Chart, report: Report, found: Sequence[Line], names: Names) -> Plot:
    """Pure. Lines by `x` alone are subtotals by it where the report has some; nothing is added up here."""
    columns = {c.code: c for c in report.columns}
    measures = [columns[code] for code in chart.y]
    points = all_points = list(points_of(chart, report, found, names))
    if any(p.other for p in points) and len(measures) == 1 and chart.kind != "pie":
        labels, series = _pivoted(points, chart, columns[chart.x])
    else:
        points = _top(points, chart, columns[chart.x])
        labels = tuple(" / ".join(filter(None, (p.label, p.other))) for p in points)
        series = tuple(Series(m.name, tuple(p.values[n] for p in points)) for n, m in enumerate(measures))
    divisor, unit = scale(measures[0], report.definition.unit, [v for s in series for v in s.values if v is not None])
    told = tuple(Series(s.name, tuple(None if v is None else round(v / divisor, 4) for v in s.values)) for s in series)
    return Plot(chart.kind, chart.title, unit, labels, told, _left_out(all_points, labels, series))


def _left_out(points: Sequence[Point], labels: tuple[str, ...], series: tuple[Series, ...]) -> str:
    pivoted = {s.name for s in series} & {p.other for p in points}
    cut = len(labels) < (len({p.label for p in points}) if pivoted else len(points))
    fewer = bool(pivoted) and len(series) < len({p.other for p in points if p.values[0] is not None})
    told = ((f"只画最大的 {len(labels)} 项", cut), (f"只画最大的 {len(series)} 组", fewer))
    return "，".join(text for text, true in told if true)


def scale(measure: Shown, unit: str, values: Sequence[float]) -> tuple[float, str]:
    """By what figures are divided to be read at a glance, and the unit that they are then in."""
    if measure.kind == "percent":
        return 0.01, "%"
    if measure.kind not in ("amount", "count"):
        return 1, ""
    of = "" if measure.kind == "count" else next((u for u in ("亿元", "万元") if unit.startswith(u)), "元")
    if of in ("亿元", "万元"):
        return 1, of
    most = max((abs(v) for v in values), default=0)
    found = next(((by, f"{name}{of}") for by, name in _SCALES if most >= by), (1, of))
    return (float(found[0]), found[1])


def _top(points: list[Point], chart: Chart, x: Shown) -> list[Point]:
    """The largest by the first measure, largest first; time keeps its order and is never cut."""
    if x.kind in ("month", "date"):
        return sorted(points, key=lambda p: p.label) if chart.kind == "line" else points
    ordered = sorted(points, key=lambda p: -(p.values[0] if p.values[0] is not None else float("-inf")))
    return ordered[: chart.top or None] if chart.kind != "line" or chart.top else points


def _pivoted(points: list[Point], chart: Chart, x: Shown) -> tuple[tuple[str, ...], tuple[Series, ...]]:
    """One series for each value of the other dimensions, the largest ones."""
    cells = {(p.label, p.other): p.values[0] for p in points}
    largest: dict[str, Point] = {}
    for p in points:
        if p.label not in largest or (p.values[0] or 0) > (largest[p.label].values[0] or 0):
            largest[p.label] = p
    labels = tuple(p.label for p in _top(list(largest.values()), chart, x))
    rank: dict[str, float] = {}
    for p in points:
        rank[p.other] = max(rank.get(p.other, float("-inf")), p.values[0] or 0)
    shown = sorted(rank, key=lambda other: (-rank[other], other))[:_SERIES]
    if all(_TIME.fullmatch(other) for other in shown):
        shown.sort()  # months among the series keep their order
    series = (Series(other, tuple(cells.get((label, other)) for label in labels)) for other in shown)
    return labels, tuple(s for s in series if any(v is not None for v in s.values))
