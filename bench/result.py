"""A measured figure, its bar, and the table and file they end in."""

import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

RESULTS = Path(__file__).with_name("results.json")


class Result(NamedTuple):
    """`bar` is what `value` must reach: `>=` for rates and shares, `<=` for times and sizes; None is for reading."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = True
    beside: str = ""

    @property
    def holds(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def row(self) -> dict[str, Any]:
        return {"name": self.name, "value": self.value, "unit": self.unit, "bar": self.bar, "holds": self.holds}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed; NaN when there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def machine() -> str:
    """What the figures were measured on."""
    model = next((line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "CPU")
    kib = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{os.cpu_count()} × {model}, {kib / 1024 / 1024:.0f} GiB, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def show(results: Sequence[Result]) -> None:
    table = Table("figure", "value", "unit", "bar", "holds", "the bare parts in this run", title=machine())
    for r in results:
        bar = "" if r.bar is None else f"{'≥' if r.at_least else '≤'} {r.bar:g}"
        holds = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[r.holds]
        table.add_row(
            escape(r.name), f"{r.value:,.4g}" if r.value < 100 else f"{r.value:,.0f}", r.unit, bar, holds, r.beside
        )
    Console(width=150).print(table)


def write(results: Sequence[Result], path: Path = RESULTS) -> None:
    _write([r.row() for r in results], path)


def merge(results: Sequence[Result], path: Path = RESULTS) -> None:
    """These in the place of the same figures of an earlier run, the others as they were."""
    rows = {row["name"]: row for row in json.loads(path.read_text())} | {r.name: r.row() for r in results}
    _write(list(rows.values()), path)


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
