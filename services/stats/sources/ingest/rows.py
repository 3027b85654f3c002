"""A batch of text cells to rows that can be counted, and to those that come back with every reason why not."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.stats.sources.ingest.batch import TOTAL, Batch, totals
from services.stats.sources.ingest.cell import Cell
from services.stats.sources.ingest.quick import ARROW, Converted, Quick
from services.stats.sources.ingest.texts import shown
from services.stats.sources.table import Table


class Refused(NamedTuple):
    """A row that comes back; `cells` are shown under the table's columns, () where nobody knows which is which."""

    line: int
    source: str
    reasons: tuple[str, ...]
    cells: tuple[str, ...]


class Rows:
    """The conversion of all batches by one schema; it counts what was mended in accepted rows, and unlisted codes."""

    def __init__(self, table: Table, dictionaries: Mapping[str, Mapping[str, str]], key: bytes) -> None:
        self._table = table
        self._quick = {c.code: Quick(c, dictionaries[c.dictionary] if c.dictionary else None, key) for c in table.kept}
        self.schema = pa.schema([(c.code, ARROW["text" if c.personal else c.type]) for c in table.kept])
        self.repaired: dict[str, Counter[str]] = {c.code: Counter() for c in table.kept}
        self.unknown: dict[str, Counter[str]] = {c.code: Counter() for c in table.kept}

    def take(self, batch: Batch) -> tuple[Any, Any, list[Refused]]:
        """The accepted rows (an Arrow table), their lines (numpy), and the refused ones in the order of the file."""
        found = {code: self._quick[code].convert(cells) for code, cells in batch.cells.items() if code in self._quick}
        n = len(batch.lines)
        bad, total = np.zeros(n, bool), totals(batch.first, n)
        for converted in found.values():
            bad[converted.refused()] = True
        refunds = self._wrong_refunds(found, n)
        bad |= refunds | total
        self._count(found, ~bad)
        columns = [found[c].values if c in found else pa.nulls(n, self.schema.field(c).type) for c in self.schema.names]
        accepted = pa.table(columns, schema=self.schema)
        refused = [Refused(line, batch.source, (reason,), ()) for line, reason in batch.broken]
        if not bad.any():
            return accepted, batch.lines, refused
        refused += self._refused(batch, found, np.flatnonzero(bad), refunds, total)
        keep = np.flatnonzero(~bad)
        return accepted.take(pa.array(keep)), batch.lines[keep], sorted(refused, key=lambda r: r.line)

    def _wrong_refunds(self, found: dict[str, Converted], n: int) -> Any:
        rule = self._table.refund
        if rule is None or rule.amount not in found:
            return np.zeros(n, bool)
        negative = pc.fill_null(pc.less(found[rule.amount].values, pa.scalar(0)), False)
        if rule.flag in found:
            marked = pc.fill_null(pc.equal(found[rule.flag].values, "1"), False)
            negative = pc.and_(negative, pc.invert(marked))
        return negative.to_numpy(zero_copy_only=False)

    def _count(self, found: dict[str, Converted], accepted: Any) -> None:
        for code, (_, rows, which, verdicts) in found.items():
            if not verdicts:
                continue
            times = np.bincount(which[accepted[rows]], minlength=len(verdicts))
            for verdict, n in zip(verdicts, times.tolist(), strict=True):
                if isinstance(verdict, Cell) and n:
                    self.repaired[code].update(dict.fromkeys(verdict.repairs, n))
                    if verdict.unknown:
                        self.unknown[code][verdict.value] += n

    def _refused(self, batch: Batch, found: dict[str, Converted], rows: Any, refunds: Any, total: Any) -> list[Refused]:
        reasons = _reasons(found)
        taken = pa.array(rows)
        raw = {code: batch.cells[code].take(taken).to_pylist() for code in found}
        values = {code: converted.values.take(taken).to_pylist() for code, converted in found.items()}
        told = []
        for i, row in enumerate(rows.tolist()):
            wrong = reasons.get(row, {})
            # One wrong cell is a mistake; several, or a wrong person, may be a row that is shifted.
            shifted = len(wrong) > 1 or any(self._table.by_code[code].personal for code in wrong)
            cells = tuple(
                shown(c, raw[c.code][i], values[c.code][i], c.code in wrong, shifted) if c.code in raw else ""
                for c in self._table.kept
            )
            why = (TOTAL,) if total[row] else (*wrong.values(), *([self._refund_reason()] if refunds[row] else []))
            told.append(Refused(int(batch.lines[row]), batch.source, why, cells))
        return told

    def _refund_reason(self) -> str:
        assert self._table.refund is not None
        amount, flag = (self._table.by_code[c] for c in (self._table.refund.amount, self._table.refund.flag))
        return f"{amount.label} 为负但{flag.name}不是 1"


def _reasons(found: dict[str, Converted]) -> dict[int, dict[str, str]]:
    """Why each row is refused, by column."""
    reasons: dict[int, dict[str, str]] = {}
    for code, converted in found.items():
        for row, which in zip(converted.rows.tolist(), converted.which.tolist(), strict=True):
            if isinstance(verdict := converted.verdicts[which], str):
                reasons.setdefault(row, {})[code] = verdict
    return reasons
