"""A worksheet that takes a whole line at once: a million lines are otherwise bound by a call for each of their cells.

Only for a workbook that is written line by line. The cells are those that xlsxwriter would have written.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from services.stats.output.lines import Value, untyped

_DAY_0: Final = date(1899, 12, 30).toordinal()
_FIRST: Final = date(1900, 3, 1)
"""Excel believes that 1900 was a leap year."""
_MOST_KEPT: Final = 10_000


class Rows(Worksheet):  # type: ignore[misc]
    """As xlsxwriter's, with `whole_row`; and a text that looks like marked-up text is text all the same."""

    def _write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> int:
        found: int = super()._write_string(row, col, tame(string), cell_format)
        return found

    def whole_row(self, row: int, cells: str) -> None:
        """`cells` is XML, see `Cells`. Rows before it are done with."""
        self._write_single_row(row)
        self.fh.write(f'<row r="{row + 1}">{cells}</row>')
        self.dim_rowmax: int = max(self.dim_rowmax or 0, row)

    def escaped(self, text: str) -> str:
        """A text as the inside of a cell."""
        space = ' xml:space="preserve"' if text != text.strip() else ""
        inside = self._escape_data(self._escape_control_characters(tame(text)[:32_767]))
        return f"<is><t{space}>{inside}</t></is>"


class Cells:
    """Turns the values of a line into the XML of its cells. `told` spells the texts of a column, `formats` its look."""

    def __init__(self, sheet: Rows, formats: Sequence[Any], told: Sequence[Callable[[str], str]]) -> None:
        self._parts = [
            (f'<c r="{xl_col_to_name(n)}', f'" s="{style._get_xf_index()}"', self._texts(sheet, tell))
            for n, (style, tell) in enumerate(zip(formats, told, strict=True))
        ]

    def row(self, row: int, values: Sequence[Value]) -> str:
        number = row + 1
        return "".join([
            f"{head}{number}{style}{_number(value) if not isinstance(value, str) else texts(value)}"
            for (head, style, texts), value in zip(self._parts, values, strict=True)
        ])  # fmt: skip

    @staticmethod
    def _texts(sheet: Rows, tell: Callable[[str], str]) -> Callable[[str], str]:
        """Codes and names come again and again: each is spelled once."""
        kept: dict[str, str] = {}

        def spelled(value: str) -> str:
            found = kept.get(value)
            if found is None:
                found = f' t="inlineStr">{sheet.escaped(tell(value))}</c>'
                if len(kept) < _MOST_KEPT:
                    kept[value] = found
            return found

        return spelled


def fits(value: Value) -> bool:
    """Whether `Cells` can write it: days before March 1900 and moments are left to xlsxwriter."""
    return not isinstance(value, date) or (not isinstance(value, datetime) and value >= _FIRST)


def tame(text: str) -> str:
    """What begins and ends like the marked-up text of a workbook would be copied into it as XML."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _number(value: Any) -> str:
    if type(value) is Decimal:
        return f"><v>{value:f}</v></c>"
    value = untyped(value)
    if value is None:
        return "/>"
    return f"><v>{value.toordinal() - _DAY_0 if isinstance(value, date) else f'{value:.16G}'}</v></c>"
