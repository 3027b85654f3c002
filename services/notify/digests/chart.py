"""A bar chart of a report's column as PNG. Import this only to draw: Pillow takes 10 MB.

No font with Chinese characters can be assumed, so that the picture has only digits: the bars bear the numbers of the
rows in the table beside it.
"""

from io import BytesIO
from math import isfinite
from typing import Any

from contracts.stats import ReportTable

MEDIA_TYPE = "image/png"
WIDTH, BAR, GAP, EDGE, LABEL, VALUE = 640, 18, 8, 12, 28, 120
_INK, _GREY, _BLUE, _RED = "#1d2733", "#c9d1d9", "#2f6fb3", "#b3402f"


def values(table: ReportTable) -> list[float]:
    """What the bars show, a number for each row; empty where there is nothing to draw."""
    if table.draw is None or table.draw >= len(table.columns):
        return []
    return [_number(row[table.draw]) if table.draw < len(row) else 0.0 for row in table.rows]


def png(table: ReportTable) -> bytes | None:
    """The picture; None where there is nothing to draw. The same table gives the same bytes."""
    if not (numbers := values(table)):
        return None
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, EDGE * 2 + len(numbers) * (BAR + GAP) - GAP), "white")
    draw = ImageDraw.Draw(image)
    for row, number in enumerate(numbers):
        _bar(draw, row, number, numbers, table)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def span(number: float, numbers: list[float]) -> tuple[float, float]:
    """Where a bar begins and ends between the edges, 0 to 1; what is below zero goes to the left of it."""
    least, most = min(0.0, *numbers), max(0.0, *numbers)
    size = (most - least) or 1.0
    begins, ends = sorted((-least / size, (number - least) / size))
    return begins, ends


def _bar(draw: Any, row: int, number: float, numbers: list[float], table: ReportTable) -> None:
    top = EDGE + row * (BAR + GAP)
    left, room = EDGE + LABEL, WIDTH - 2 * EDGE - LABEL - VALUE
    begins, ends = span(number, numbers)
    draw.text((EDGE, top + 3), str(row + 1), fill=_INK)
    draw.line((left + span(0.0, numbers)[0] * room, top - 2, left + span(0.0, numbers)[0] * room, top + BAR + 2), _GREY)
    draw.rectangle((left + begins * room, top, left + ends * room, top + BAR), fill=_RED if number < 0 else _BLUE)
    assert table.draw is not None
    cell = table.rows[row][table.draw] if table.draw < len(table.rows[row]) else ""
    draw.text((left + room + 8, top + 3), cell if cell.isascii() else f"{number:,.2f}", fill=_INK)


def _number(cell: str) -> float:
    try:
        number = float(cell.replace(",", "").removesuffix("%"))
    except ValueError:
        return 0.0
    return number if isfinite(number) else 0.0
