"""The careful conversion of one cell, by its column: every verdict on a cell is made here (`quick` only agrees)."""

from collections.abc import Callable, Mapping

from services.stats.sources.ingest import codes, dates, numbers, texts
from services.stats.sources.ingest.cell import Cell, Refusal, check, tidy
from services.stats.sources.table import Column

Careful = Callable[[str], Cell | str]


def careful(column: Column, dictionary: Mapping[str, str] | None, key: bytes) -> Careful:
    """A function that gives the cell, or the reason why it is refused with the column's name."""
    typed = _typed(column, dictionary, key)

    def convert(raw: str) -> Cell | str:
        cell, repairs = tidy(raw)
        try:
            if not cell:
                return f"{column.label} 为空" if column.required else Cell(None, repairs)
            check(cell)
            value, more, unknown = typed(cell)
        except Refusal as refusal:
            return f"{column.label} {refusal}"
        return Cell(value, (*repairs, *more), unknown)

    return convert


def _typed(column: Column, dictionary: Mapping[str, str] | None, key: bytes) -> Callable[[str], Cell]:
    if column.personal == "pseudonym":
        return texts.pseudonym(column, key)
    if column.personal == "mask":
        return texts.masked(column)
    if column.type == "code":
        return codes.free(column) if dictionary is None else codes.listed(column, dictionary)
    return {
        "amount": numbers.decimal(16, 2), "ratio": numbers.decimal(5, 4), "count": numbers.count, "date": dates.day,
        "datetime": dates.moment, "month": dates.month, "text": texts.text(column),
    }[column.type]  # fmt: skip
