"""Charts as SVG, drawn by ECharts in a short-lived node: what is drawn is decided here, in a pure function."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from chassis.packages import modules
from services.stats.output import words
from services.stats.output.node import node
from services.stats.output.palette import PALETTE
from services.stats.output.plots import Plot, Series, chosen
from services.stats.output.svg import Unsafe, checked
from services.stats.report import Report

FONT: Final = "Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
WIDTH: Final = 900
SCRIPT: Final = Path(__file__).with_name("chart.mjs")
_TIMEOUT_S: Final = 60
_HEAP_MB: Final = 256
_LABELLED: Final = 40
_ROW: Final = 30
Option = dict[str, Any]


class Charts(NamedTuple):
    """Safe SVG texts, and why there are none where some were asked for."""

    svgs: tuple[str, ...] = ()
    missing: str = ""


def charts(report: Report) -> Charts:
    """The definition's charts. Never fails: a report without pictures is still a report."""
    plots = chosen(report)
    if not plots:
        return Charts()
    program, packages = node(), modules()
    if program is None or packages is None or not (packages / "echarts").is_dir():
        return Charts((), "本机没有 node 或 ECharts，未绘制图表：请运维安装 Node.js 后执行 make node_modules/.ready")
    try:
        return Charts(render(plots, program, packages))
    except (OSError, ValueError, subprocess.SubprocessError, Unsafe):
        return Charts((), "图表未能绘制：请运维检查 Node.js 是否可用；表格与数字不受影响")


def render(plots: Sequence[Plot], program: str, packages: Path) -> tuple[str, ...]:
    """Raises OSError, ValueError, SubprocessError, or Unsafe for a picture that holds more than a picture."""
    asked = [{"width": WIDTH, "height": height(plot), "option": option(plot)} for plot in plots]
    done = subprocess.run(
        [program, f"--max-old-space-size={_HEAP_MB}", str(SCRIPT), str(packages)], check=True, timeout=_TIMEOUT_S,
        input=json.dumps(asked, ensure_ascii=False).encode(), capture_output=True, env={"TZ": "UTC"},
    )  # fmt: skip
    return tuple(checked(svg) for svg in json.loads(done.stdout))


def height(plot: Plot) -> int:
    """Pixels: lying bars need room for each."""
    if not lying(plot):
        return 420
    return 120 + len(plot.labels) * max(_ROW, 16 * len(plot.series))


def lying(plot: Plot) -> bool:
    """Whether bars lie: many of them, or with long names, which then stand beside them in full."""
    return plot.kind == "bar" and (len(plot.labels) > 12 or max(map(words.width, plot.labels), default=0) > 12)


def option(plot: Plot) -> Option:
    """ECharts' option for a plot. Pure."""
    many = len(plot.series) > 1
    common: Option = {
        "animation": False, "color": list(PALETTE), "backgroundColor": "#fff", "textStyle": {"fontFamily": FONT},
        "title": {"text": plot.title, "subtext": plot.beside, "left": "center", "textStyle": {"fontSize": 17}},
        "legend": {"show": many and plot.kind != "pie", "bottom": 0},
        "grid": {"left": 16, "right": 56, "top": 72, "bottom": 36 if many else 12, "containLabel": True},
    }  # fmt: skip
    if plot.kind == "pie":
        return {**common, "series": [_pie(plot)]}
    names = {
        "type": "category", "data": list(plot.labels), "axisTick": {"show": False},
        "axisLabel": {"interval": "auto" if plot.kind == "line" else 0, "width": 260, "overflow": "truncate"},
    }  # fmt: skip
    figures = {"type": "value", "splitLine": {"lineStyle": {"color": "#e5e5e5"}}}
    across, up = (figures, {**names, "inverse": True}) if lying(plot) else (names, figures)
    crossing = plot.kind == "line" and many  # figures of lines that cross would lie on each other
    labelled = not crossing and len(plot.labels) * len(plot.series) <= _LABELLED
    return {**common, "xAxis": across, "yAxis": up, "series": [_series(plot, s, labelled) for s in plot.series]}


def _series(plot: Plot, series: Series, labelled: bool) -> Option:
    place = "right" if lying(plot) else "top"
    return {
        "type": plot.kind, "name": series.name, "barMaxWidth": 36, "symbolSize": 6,
        "label": {"show": labelled, "position": place, "fontSize": 11}, "emphasis": {"disabled": True},
        "data": [_item(plot.unit, value) for value in series.values],
    }  # fmt: skip


def _item(unit: str, value: float | None) -> Option:
    """A value that is missing or was hidden leaves a gap, which is not the same as nought."""
    if value is None:
        return {"value": "-"}
    return {"value": value, "label": {"formatter": told(value, unit)}}


def _pie(plot: Plot) -> Option:
    values = plot.series[0].values
    slices: list[Mapping[str, Any]] = [
        {"name": name, "value": value} for name, value in zip(plot.labels, values, strict=True) if value and value > 0
    ]
    return {
        "type": "pie", "radius": ["32%", "62%"], "center": ["50%", "56%"], "data": slices,
        "label": {"formatter": "{b}\n{d}%", "fontSize": 12}, "emphasis": {"disabled": True},
        "itemStyle": {"borderColor": "#fff", "borderWidth": 1},
    }  # fmt: skip


def told(value: float, unit: str) -> str:
    """A figure beside its bar: whole where it is whole, else with two decimals."""
    whole = float(value).is_integer() and unit in ("", "人", "元")
    return f"{value:,.0f}" if whole else f"{value:,.2f}"
