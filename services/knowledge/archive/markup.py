"""Markdown on paper: headings, lists and tables as they are meant, everything else as plain text. In the child only."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from chassis.paper import GRID, SMALL, TEXT, WIDTH, style, words

SUBHEAD: Final = style("subhead", 10.5, spaceBefore=5, spaceAfter=2)
_HEADING: Final = re.compile(r"#{1,6}[ \t]+(.*)$")
_RULE: Final = re.compile(r"\|?[\s:|-]+\|?")
_CELLS: Final = re.compile(r"(?<!\\)\|")
MOST_COLUMNS, LONGEST_LINE = 8, 2_000


def flowables(text: str) -> Iterator[Flowable]:
    for is_table, lines in groupby(text.splitlines(), lambda line: line.lstrip().startswith("|")):
        if is_table:
            yield from _table(list(lines))
        else:
            yield from (part for line in lines if line.strip() for part in _line(line))


def _line(line: str) -> Iterator[Paragraph]:
    """A very long one in pieces: a paragraph is laid out as a whole."""
    if heading := _HEADING.match(line):
        yield words(heading[1][:LONGEST_LINE].rstrip(" \t#"), SUBHEAD)
        return
    for at in range(0, len(line), LONGEST_LINE):
        yield words(line[at : at + LONGEST_LINE], TEXT)


def _table(lines: list[str]) -> Iterator[Flowable]:
    rows = [_CELLS.split(line.strip().strip("|")) for line in lines if not _RULE.fullmatch(line.strip())]
    columns = max(map(len, rows), default=0)
    if not 1 < columns <= MOST_COLUMNS or any(len(cell) > LONGEST_LINE for row in rows for cell in row):
        yield from (part for line in lines for part in _line(line))
        return
    cells = [[words(cell.replace("\\|", "|").strip(), SMALL) for cell in (*row, *[""] * (columns - len(row)))]
             for row in rows]  # fmt: skip
    yield Table(cells, colWidths=[WIDTH / columns] * columns, style=TableStyle(GRID), splitInRow=1)
