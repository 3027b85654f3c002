"""The contents of a book: pages of known length, filled with page numbers when these are known. In the child only."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, PageBreak

from chassis.paper import FONT, GREY, INK, WIDTH

_LINE, _HEAD = 16.0, 36.0
_SIZES: Final = (10.5, 9.0)
_INDENT: Final = (0.0, 14.0)
_NUMBER: Final = 40.0


class Row(NamedTuple):
    """`key` is that of the place that it tells of; `level` 0 is a chapter."""

    key: str
    text: str
    level: int


class Contents:
    """`height` is that of a page, in points."""

    def __init__(self, rows: Sequence[Row], height: float) -> None:
        per_page = int((height - _HEAD) // _LINE)
        self.height = height
        self.sheets = [rows[at : at + per_page] for at in range(0, len(rows), per_page)]

    def pages(self) -> Iterator[Flowable]:
        for number in range(len(self.sheets)):
            if number:
                yield PageBreak()
            yield _Sheet(self, number)

    def fill(self, canvas: Any, places: Mapping[str, int]) -> None:
        """Draw what the pages show."""
        for number, rows in enumerate(self.sheets):
            canvas.beginForm(_name(number), 0, 0, WIDTH, self.height)
            canvas.setFillColor(HexColor(INK))
            canvas.setFont(FONT, 15)
            canvas.drawString(0, self.height - 18, "目录" if number == 0 else "目录 (续)")
            for at, row in enumerate(rows):
                _draw(canvas, row, places.get(row.key, 0), self._baseline(at))
            canvas.endForm()

    def _baseline(self, at: int) -> float:
        return self.height - _HEAD - _LINE * (at + 1) + 4


class _Sheet(Flowable):  # type: ignore[misc]
    """One page of the contents, with a link on each line."""

    def __init__(self, contents: Contents, number: int) -> None:
        super().__init__()
        self._contents, self._number = contents, number
        self.width, self.height = WIDTH, contents.height - 1

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        canvas.doForm(_name(self._number))
        for at, row in enumerate(self._contents.sheets[self._number]):
            below = self._contents._baseline(at) - 4
            canvas.linkRect("", row.key, (0, below, WIDTH, below + _LINE), relative=1)


class Filled(Flowable):  # type: ignore[misc]
    """Stands at the end, where all pages are known; takes no room."""

    def __init__(self, contents: Contents, places: Mapping[str, int]) -> None:
        super().__init__()
        self._contents, self._places = contents, places
        self.width = self.height = 0

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self._contents.fill(self.canv, self._places)


def _draw(canvas: Any, row: Row, page: int, y: float) -> None:
    size, indent = _SIZES[row.level], _INDENT[row.level]
    text = _fitting(row.text, size, WIDTH - indent - _NUMBER)
    canvas.setFont(FONT, size)
    canvas.setFillColor(HexColor(INK))
    canvas.drawString(indent, y, text)
    canvas.drawRightString(WIDTH, y, str(page))
    canvas.setStrokeColor(HexColor(GREY))
    canvas.setLineWidth(0.3)
    canvas.setDash(0.5, 3)
    canvas.line(indent + stringWidth(text, FONT, size) + 4, y + 2, WIDTH - 26, y + 2)
    canvas.setDash()


def _fitting(text: str, size: float, width: float) -> str:
    """One line of it."""
    text = " ".join(text.split())
    if stringWidth(text, FONT, size) <= width:
        return text
    while text and stringWidth(text + "…", FONT, size) > width:
        text = text[:-1]
    return text + "…"


def _name(number: int) -> str:
    return f"contents-{number}"
