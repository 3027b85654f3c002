"""A counted report as a screen shows it: what the run's process writes and the service hands out page by page."""

from pathlib import Path
from typing import Any, Final

import msgspec

FILE: Final = "screen.json"
"""In the folder of the run. Its cells are spelled as on paper, small ones hidden: who reads it needs no Arrow."""


class Row(msgspec.Struct, frozen=True):
    """`shade` is line, subtotal or total."""

    shade: str
    cells: tuple[str, ...]


class Head(msgspec.Struct, frozen=True):
    """The heading of one column, or of several that stand under it by their `parts`."""

    name: str
    parts: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """A chart: ECharts' `option`, and the same figures as `labels` with `series` by name."""

    title: str
    beside: str
    height: int
    option: dict[str, Any]
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]


class Screen(msgspec.Struct, frozen=True):
    """`right` marks the columns of figures; `cut` says that `rows` are the first of more; see `output.printed`."""

    title: str
    banners: tuple[tuple[str, str], ...]
    above: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]
    right: tuple[bool, ...]
    rows: tuple[Row, ...]
    cut: str
    below: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...] = ()


def read(folder: Path) -> Screen | None:
    """None where the run has none, or none any more."""
    path = folder / FILE
    return msgspec.json.decode(path.read_bytes(), type=Screen) if path.exists() else None
