"""A whole column at once: what is written plainly is converted by Arrow, only the rest cell by cell, each form once.

The patterns hold less than the careful conversion accepts, never more, and give the same values without repairs; a test
compares both on made-up cells.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.stats.sources.ingest.careful import careful
from services.stats.sources.ingest.cell import EMPTY, Cell
from services.stats.sources.ingest.texts import token
from services.stats.sources.table import Column, Type

# Arrow's own pool sets a gigabyte of addresses aside, which the limit of a run's memory counts.
pa.set_memory_pool(pa.system_memory_pool())

ARROW: dict[Type, Any] = {
    "text": pa.string(), "code": pa.string(), "month": pa.string(), "count": pa.int64(), "date": pa.date32(),
    "amount": pa.decimal128(18, 2), "ratio": pa.decimal128(9, 4), "datetime": pa.timestamp("us"),
}  # fmt: skip
_DAY = (
    r"(?:19|20)\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_HAN = r"\x{4e00}-\x{9fa5}"
_END = rf"[0-9A-Za-z{_HAN}_.)%（）、。]"
_TEXT = rf"[0-9A-Za-z{_HAN}](?:[0-9A-Za-z{_HAN}_.()/:,;#*&%（），、。；： -]*{_END})?"
_CODE = r"[0-9A-Za-z](?:[0-9A-Za-z_./*-]*[0-9A-Za-z_.])?"
_PLAIN: dict[Type, str] = {
    "text": _TEXT, "code": _CODE, "amount": r"-?\d{1,16}(?:\.\d{1,2})?", "ratio": r"-?\d{1,5}(?:\.\d{1,4})?",
    "count": r"-?\d{1,18}", "date": _DAY, "datetime": _DAY + r" (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d",
    "month": r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])",
}  # fmt: skip
_MOST_KNOWN = 65_536
_EMPTY = pa.array(sorted(EMPTY))


class Converted(NamedTuple):
    """A column of a batch. `rows` were looked at carefully, `verdicts[which]` is what each of them got."""

    values: Any
    rows: Any
    which: Any
    verdicts: list[Cell | str]

    def refused(self) -> Any:
        """The rows whose cell was refused."""
        bad = np.fromiter((isinstance(v, str) for v in self.verdicts), bool, len(self.verdicts))
        return self.rows[bad[self.which]]


class Quick:
    """The conversion of one column, with a memory of what was looked at carefully."""

    def __init__(self, column: Column, dictionary: Mapping[str, str] | None, key: bytes) -> None:
        self.column, self._key = column, key
        self._careful = careful(column, dictionary, key)
        self._known: dict[str, Cell | str] = {}
        self._type = ARROW["text" if column.personal else column.type]
        self._plain = _plain(column, dictionary)

    def convert(self, cells: Any) -> Converted:
        """`cells` is an array of strings without nulls."""
        plain = self._plain(cells)
        if not self.column.required:
            blank = pc.equal(cells, "")
            values = self._values(pc.if_else(blank, None, pc.if_else(plain, cells, None)))
            plain = pc.or_(plain, blank)
        else:
            values = self._values(pc.if_else(plain, cells, None))
        rows = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
        if not len(rows):
            return Converted(values, rows, rows, [])
        return self._mend(values, cells, rows)

    def _mend(self, values: Any, cells: Any, rows: Any) -> Converted:
        forms = cells.take(pa.array(rows)).dictionary_encode()
        which = forms.indices.to_numpy()
        verdicts = [self._look(form) for form in forms.dictionary.to_pylist()]
        mended = pa.array([None if isinstance(v, str) else v.value for v in verdicts], self._type)
        mask = np.zeros(len(cells), bool)
        mask[rows] = True
        return Converted(pc.replace_with_mask(values, mask, mended.take(forms.indices)), rows, which, verdicts)

    def _look(self, form: str) -> Cell | str:
        if (verdict := self._known.get(form)) is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            verdict = self._known[form] = self._careful(form)
        return verdict

    def _values(self, cells: Any) -> Any:
        if self.column.personal != "pseudonym":
            return cells.cast(self._type)
        forms = cells.dictionary_encode()
        tokens = [token(self._key, form) for form in forms.dictionary.to_pylist()]
        return pa.array(tokens, pa.string()).take(forms.indices)


def _plain(column: Column, dictionary: Mapping[str, str] | None) -> Callable[[Any], Any]:
    """Which cells are written plainly."""
    if column.personal == "mask":
        return _none
    if column.personal == "pseudonym":
        return _none if column.pattern else _matching("[0-9A-Z]+", column.most)
    if dictionary is not None and column.type == "code":
        listed = pa.array(sorted(dictionary), pa.string())
        return lambda cells: pc.is_in(cells, listed)
    if column.type not in ("text", "code"):
        return _matching(_PLAIN[column.type], 0)
    return _patterned(column) if column.pattern else _matching(_PLAIN[column.type], column.most)


def _patterned(column: Column) -> Callable[[Any], Any]:
    try:
        pc.match_substring_regex(pa.array(["x"]), pattern := f"^(?:{column.pattern})$")
    except pa.ArrowInvalid:  # a pattern that RE2 does not know
        return _none
    plain = _matching(_CODE, column.most)
    return lambda cells: pc.and_(plain(cells), pc.match_substring_regex(cells, pattern))


def _matching(pattern: str, most: int) -> Callable[[Any], Any]:
    anchored = f"^(?:{pattern})$"

    def plain(cells: Any) -> Any:
        found = pc.match_substring_regex(cells, anchored)
        if not most:
            return found
        short = pc.less_equal(pc.utf8_length(cells), most)
        return pc.and_(pc.and_(found, short), pc.invert(pc.is_in(cells, _EMPTY)))

    return plain


def _none(cells: Any) -> Any:
    return pa.repeat(pa.scalar(False), len(cells))
