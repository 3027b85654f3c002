"""A report for the screen: the same words and figures as on paper, as JSON. Runs in the process of a run."""

from pathlib import Path

import msgspec

from services.stats import screen
from services.stats.output.charts import height, option
from services.stats.output.plots import Plot, chosen
from services.stats.output.printed import printed
from services.stats.report import Report


def write(report: Report, out: Path) -> None:
    """Into `out`; its first lines and the total, and what its charts draw."""
    view = printed(report)
    shown = screen.Screen(
        title=view.title, banners=view.banners, above=view.above, cut=view.cut, below=view.below, right=view.right,
        heads=tuple(screen.Head(group.name, group.parts) for group in view.groups),
        rows=tuple(screen.Row(row.shade, row.cells) for row in view.rows),
        pictures=tuple(map(_picture, chosen(report))),
    )  # fmt: skip
    (out / screen.FILE).write_bytes(msgspec.json.encode(shown))


def _picture(plot: Plot) -> screen.Picture:
    series = tuple((s.name, s.values) for s in plot.series)
    return screen.Picture(plot.title, plot.beside, height(plot), option(plot), plot.labels, series)
