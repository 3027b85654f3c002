"""The checks of a definition: what each found, in Chinese with figures. A figure is never a cell of a source row."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from services.stats.definitions.definition import Check, Definition
from services.stats.engine.kinds import ROLLED
from services.stats.report import Checked

Found = tuple[bool, str]


class Material(msgspec.Struct, frozen=True):
    """What checks ask of: the lines, those of the period before where there are any, and what its SQL found."""

    definition: Definition
    table: pa.Table
    before: pa.Table | None
    numbers: Mapping[str, Decimal | None]

    @property
    def details(self) -> pa.Table:
        return self.table.filter(pc.equal(self.table[ROLLED], 0))

    def name(self, code: str) -> str:
        return next((o.name for o in self.definition.outputs if o.code == code), code)


def checked(material: Material) -> tuple[Checked, ...]:
    """Every check of the definition, in its order."""
    found = ((check, _KINDS[check.kind](check, material)) for check in material.definition.checks)
    return tuple(Checked(check.name, ok, check.severity, told) for check, (ok, told) in found)


def _not_null(check: Check, material: Material) -> Found:
    empty = {code: material.details[code].null_count for code in check.columns}
    told = [f"{material.name(code)} {n} 行为空" for code, n in empty.items() if n]
    return not told, "; ".join(told) or "没有空值"


def _unique(check: Check, material: Material) -> Found:
    details = material.details
    repeated = (
        details.num_rows - details.select(list(check.columns)).group_by(list(check.columns)).aggregate([]).num_rows
    )
    return repeated == 0, f"{repeated} 行重复" if repeated else "没有重复"


def _range(check: Check, material: Material) -> Found:
    told = []
    for code in check.columns:
        column = material.details[code].cast(pa.float64())
        outside = pa.scalar(0)
        if check.least is not None:
            outside = pc.add(outside, pc.sum(pc.less(column, check.least), min_count=0))
        if check.most is not None:
            outside = pc.add(outside, pc.sum(pc.greater(column, check.most), min_count=0))
        if outside.as_py():
            told.append(f"{material.name(code)} {outside.as_py()} 行{_outside(check)}")
    return not told, "; ".join(told) or "都在范围内"


def _row_count(check: Check, material: Material) -> Found:
    rows = material.details.num_rows
    least, most = check.least or 0, check.most if check.most is not None else rows
    return least <= rows <= most, f"{rows:,} 行" + ("" if least <= rows <= most else f", {_outside(check)}")


def _sums_agree(check: Check, material: Material) -> Found:
    left, right = material.numbers[check.left] or Decimal(0), material.numbers[check.right] or Decimal(0)
    apart = abs(left - right)
    if apart <= Decimal(str(check.tolerance)):
        return True, f"两边一致: {_figure(left)}"
    return False, f"两边不一致: {_figure(left)} 与 {_figure(right)}, 相差 {_figure(apart)}"


def _zero_rows(check: Check, material: Material) -> Found:
    rows = material.numbers[check.left] or Decimal(0)
    return rows == 0, f"{rows:,f} 行有问题" if rows else "没有问题行"


def _last_period(check: Check, material: Material) -> Found:
    if material.before is None:
        return True, "没有可比的上期, 未核对"
    told = []
    for code in check.columns:
        now, base = _whole(material.table, code), _whole(material.before, code)
        if now is None or not base:
            continue
        change = (now - base) / abs(base)
        if abs(change) > Decimal(str(check.tolerance)):
            told.append(f"{material.name(code)}比上期变动 {change:+.1%} ({_figure(base)} → {_figure(now)})")
    return not told, "; ".join(told) or f"变动都不超过 {check.tolerance:.0%}"


def _whole(table: pa.Table, code: str) -> Decimal | None:
    """The total's, else the sum of the lines."""
    rolled = pc.max(table[ROLLED]).as_py()
    lines = table.filter(pc.equal(table[ROLLED], rolled or 0))
    value = pc.sum(lines[code]).as_py()
    return None if value is None else Decimal(value)


def _outside(check: Check) -> str:
    bounds = [
        f"小于 {check.least:g}" if check.least is not None else "",
        f"大于 {check.most:g}" if check.most is not None else "",
    ]
    return "或".join(filter(None, bounds))


def _figure(value: Decimal) -> str:
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


_KINDS: Mapping[str, Callable[[Check, Material], Found]] = {
    "not_null": _not_null, "unique": _unique, "range": _range, "row_count": _row_count, "sums_agree": _sums_agree,
    "zero_rows": _zero_rows, "last_period": _last_period,
}  # fmt: skip
