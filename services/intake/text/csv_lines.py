"""The lines of a CSV, one that cannot be read among them. Pure."""

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

UNREADABLE: Final = "这一行读不出来 (引号不成对, 或单元格过长): 请核对后重新导入"


class CsvLine(NamedTuple):
    """`number` is its last line in the file; `cells` is None where the line cannot be read."""

    number: int
    cells: list[str] | None


def lines_of(text: str) -> Iterator[CsvLine]:
    """Every line of the table, its heading first; a bad one does not hold up the others."""
    reader = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield CsvLine(reader.line_num, None)
        else:
            yield CsvLine(reader.line_num, cells)
