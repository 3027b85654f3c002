"""A report as it is printed, on a page or on paper: every cell as text, the first lines only."""

from typing import Any, Final

import msgspec

from services.stats.output import words
from services.stats.output.facts import Section, sections
from services.stats.output.lines import Line, dimensions, first, hidden, is_measure, names_of
from services.stats.report import Report

MOST: Final = 2_000


class Row(msgspec.Struct, frozen=True):
    """`shade` is line, subtotal or total."""

    shade: str
    cells: tuple[str, ...]


class Printed(msgspec.Struct, frozen=True):
    """All that a template needs.

    `right` marks the columns of figures; `widths` of the cells and `heads` of the names are in Latin letters.
    """

    title: str
    banners: tuple[tuple[str, str], ...]
    above: tuple[tuple[str, str], ...]
    groups: tuple[words.Group, ...]
    right: tuple[bool, ...]
    widths: tuple[int, ...]
    heads: tuple[int, ...]
    rows: tuple[Row, ...]
    cut: str
    below: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signatures: tuple[str, ...] = words.SIGNATURES
    dims: int = 0
    hash: str = ""
    missing: str = ""

    @property
    def deep(self) -> bool:
        """Whether the heading has two lines."""
        return any(group.parts for group in self.groups)


def printed(report: Report, missing: str = "", most: int = MOST) -> Printed:
    """`missing` says why charts are not there."""
    small, names, dims = hidden(report), names_of(report), dimensions(report)
    found = first(report, most)
    rows = tuple(Row(_shade(line, dims), words.cells(report, line, names, small(line))) for line in found)
    groups = words.groups(report)
    heads = tuple(words.width(name) for group in groups for name in (group.parts or (group.name,)))
    cut = f"共 {report.rows:,} 行，此处为前 {most:,} 行；完整表格见 Excel 文件。" if report.rows > most else ""
    return Printed(
        title=report.definition.title, banners=tuple(_banners(report)), above=words.above(report), groups=groups,
        right=tuple(is_measure(c) for c in report.columns), widths=_widths(heads, rows), heads=heads, rows=rows,
        cut=cut, below=words.below(report), sections=sections(report), dims=dims, hash=report.definition.hash[:16],
        missing=missing,
    )  # fmt: skip


def plain(view: Printed) -> dict[str, Any]:
    """As JSON, for a template in another language."""
    found: dict[str, Any] = msgspec.to_builtins(view)
    groups = [group._asdict() for group in view.groups]
    return {**found, "groups": groups, "sections": [s._asdict() for s in view.sections], "deep": view.deep}


def _banners(report: Report) -> list[tuple[str, str]]:
    found = [("draft", words.DRAFT)] if report.draft else []
    return [*found, ("failed", words.FAILED)] if report.verdict == "failed" else found


def _shade(line: Line, dims: int) -> str:
    return "line" if not line.rolled else "total" if line.rolled >= dims else "subtotal"


def _widths(heads: tuple[int, ...], rows: tuple[Row, ...]) -> tuple[int, ...]:
    """As wide as the widest cell, and as half of the name, which may take two lines."""
    found = [max(4, (head + 1) // 2) for head in heads]
    for row in rows:
        found = [max(width, words.width(cell)) for width, cell in zip(found, row.cells, strict=True)]
    return tuple(found)
