"""The sheet 图表: the definition's charts as Excel itself draws them, over figures that stand beside them."""

from collections.abc import Sequence
from typing import Any, Final

from services.stats.output import words
from services.stats.output.palette import PALETTE
from services.stats.output.plots import Plot
from services.stats.output.sheet_rows import Rows
from services.stats.output.styles import SONG, Styles

NAME: Final = "图表"
_COLUMN: Final = 12
"""The first column of the figures: the pictures stand to the left of them."""
_HIGH: Final = 24
_XLSX: Final = {"bar": "column", "line": "line", "pie": "pie"}


def draw(book: Any, styles: Styles, plots: Sequence[Plot]) -> None:
    """Write the sheet; figures first, because a large workbook is written from top to bottom."""
    sheet = book.add_worksheet(NAME, Rows)
    row = 0
    breaks = []
    for n, plot in enumerate(plots):
        if n and n % 2 == 0:
            breaks.append(row)
        _figures(sheet, styles, plot, row)
        sheet.insert_chart(row, 0, _chart(book, plot, row), {"object_position": 1})
        row += max(_HIGH, len(plot.labels) + 3)
    sheet.set_column(_COLUMN, _COLUMN, 30)
    sheet.set_column(_COLUMN + 1, _COLUMN + 8, 16)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_h_pagebreaks(breaks)
    sheet.hide_gridlines(2)


def _figures(sheet: Any, styles: Styles, plot: Plot, row: int) -> None:
    sheet.write_string(row, _COLUMN, _title(plot), styles["head"])
    for n, series in enumerate(plot.series, 1):
        sheet.write_string(row, _COLUMN + n, series.name, styles["head"])
    for m, label in enumerate(plot.labels, 1):
        sheet.write_string(row + m, _COLUMN, label, styles.cell("text"))
        for n, series in enumerate(plot.series, 1):
            value = series.values[m - 1]
            if value is None:
                sheet.write_blank(row + m, _COLUMN + n, None, styles.cell("number"))
            else:
                sheet.write_number(row + m, _COLUMN + n, value, styles.cell("plotted"))


def _chart(book: Any, plot: Plot, row: int) -> Any:
    kind = "bar" if plot.kind == "bar" and max(map(words.width, plot.labels), default=0) > 12 else _XLSX[plot.kind]
    chart = book.add_chart({"type": kind})
    last = row + len(plot.labels)
    for n, _ in enumerate(plot.series, 1):
        colour = _sliced(plot) if plot.kind == "pie" else _coloured(plot.kind, PALETTE[(n - 1) % len(PALETTE)])
        chart.add_series({
            "name": [NAME, row, _COLUMN + n], "categories": [NAME, row + 1, _COLUMN, last, _COLUMN],
            "values": [NAME, row + 1, _COLUMN + n, last, _COLUMN + n], "gap": 60, **colour,
        })  # fmt: skip
    chart.set_title({"name": _title(plot), "name_font": {"name": SONG, "size": 14}, "overlay": False})
    chart.set_legend({"none": True} if plot.kind == "pie" or len(plot.series) == 1 else {"position": "bottom"})
    if kind == "bar":
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E5E5E5"}}})
    chart.set_size({"width": 740, "height": max(440, 22 * len(plot.labels) if kind == "bar" else 0)})
    chart.show_blanks_as("gap")
    return chart


def _title(plot: Plot) -> str:
    return f"{plot.title}（{plot.beside}）" if plot.beside else plot.title


def _coloured(kind: str, colour: str) -> dict[str, Any]:
    if kind == "line":
        return {"line": {"color": colour, "width": 2.25}, "marker": {"type": "circle", "size": 5}}
    return {"fill": {"color": colour}}


def _sliced(plot: Plot) -> dict[str, Any]:
    points = [{"fill": {"color": PALETTE[n % len(PALETTE)]}} for n, _ in enumerate(plot.labels)]
    return {"points": points, "data_labels": {"percentage": True, "category": True, "position": "outside_end"}}
