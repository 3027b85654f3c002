"""Personal data in a document. Pure.

In a table, what says that a number is somebody's, or a word a name, stands in another cell: at the head of the column,
or beside it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Final

from chassis.personal.masking import mask_reply

_CELLS: Final = re.compile(r"(?<!\\)\|")
_BESIDE: Final = "\u2003"  # white space to whoever masks, and in no cell


def masked(text: str) -> str:
    """`text` without personal data; offices and hotlines stay. Rows in which there is none stay as they are."""
    return "\n".join(_lines(mask_reply(text.replace(_BESIDE, " ")).split("\n")))


def _lines(lines: Iterable[str]) -> Iterator[str]:
    head: Sequence[str] = ()
    for line in lines:
        cells = _cells(line) if "|" in line else ()
        head = head if head and cells else cells
        clean = _row(head, cells)
        yield line if clean == cells else f"| {' | '.join(clean)} |"


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in _CELLS.split(line.strip().removeprefix("|").removesuffix("|")))


def _row(head: Sequence[str], cells: Sequence[str]) -> Sequence[str]:
    """The cells as their neighbours announce them, then their columns."""
    beside = mask_reply(_BESIDE.join(cells)).split(_BESIDE)
    names = (*head, *repeat("", len(cells)))
    return tuple(_under(name, cell) for name, cell in zip(names, beside, strict=False))


def _under(name: str, cell: str) -> str:
    if not name or name == cell:  # the head itself
        return cell
    told = name + _BESIDE
    found = mask_reply(told + cell)
    return found[len(told) :] if found.startswith(told) else cell
