"""Arithmetic that means the same on every engine: what is divided is a double, and the only way out is one rounding.

Engines differ in how they divide decimals, how they round a double and how a cast shortens. Here every division is of
doubles and empty for a divisor of 0, and every ROUND or CAST of a double becomes the same few IEEE operations. Pure.
"""

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from services.stats.engine.dialects import EXACT, scale

_DOUBLE = exp.DataType.Type.DOUBLE
_WHOLE = exp.DataType.INTEGER_TYPES
_DECIMAL = exp.DataType.Type.DECIMAL
# A half may come out a few ulps short, and not on every engine; a relative 1e-14 lifts it over and nothing else.
_LIFTED = 14


def typed(tree: exp.Query, columns: Mapping[str, Mapping[str, str]]) -> exp.Query:
    """`tree` (qualified) with divisions, roundings and differences of dates that are the same everywhere, and types."""
    for mean in list(tree.find_all(exp.Avg)):
        mean.replace(exp.Div(this=exp.Sum(this=mean.this.copy()), expression=exp.Count(this=mean.this.copy())))
    for division in [d for d in tree.find_all(exp.Div) if EXACT not in d.meta]:
        division.meta[EXACT] = True
        division.set("this", exp.cast(division.this.copy(), "DOUBLE"))
        division.set("expression", exp.cast(_never_zero(division.expression), "DOUBLE"))
    for difference in list(tree.find_all(exp.DateDiff)):
        difference.replace(_difference(difference))
    for _ in range(2):  # what the first round has rounded is a double no more, where it is used further out
        annotate_types(tree, schema={t: dict(c) for t, c in columns.items()}, dialect="duckdb")
        _round(tree)
    return tree


def _round(tree: exp.Expr) -> None:
    """Every ROUND of a double, and every CAST of one to a decimal or whole number, by the same operations."""
    for node in reversed(list(tree.find_all(exp.Round, exp.Cast))):  # inner ones first
        if not node.this.is_type(_DOUBLE) or EXACT in node.meta:
            continue
        if isinstance(node, exp.Round):
            node.replace(_rounded(node.this, int(node.args["decimals"].name if node.args.get("decimals") else 0)))
            continue
        assert isinstance(node, exp.Cast)
        if node.to.this == _DECIMAL:
            node.set("this", _rounded(node.this, scale(node.to)))
        elif node.to.this in _WHOLE:
            node.set("this", _rounded(node.this, 0))


def exact_cast(value: exp.Expr, type_: str) -> exp.Expr:
    """A cast of something whose type is known, as `typed` would have written it."""
    around = exp.paren(exp.cast(value, type_))  # a node without a parent cannot be replaced
    _round(around)
    written: exp.Expr = around.this
    return written


def inexact_sums(tree: exp.Query) -> bool:
    """Whether doubles are summed: the sum would depend on the order of rows."""
    return any(total.this.is_type(_DOUBLE) for total in tree.find_all(exp.Sum))


def _rounded(value: exp.Expr, digits: int) -> exp.Expr:
    """Half away from zero, as a decimal with `digits`."""
    factor = _double(f"{10**digits}.{'1':0>{_LIFTED - digits}}")
    half = _double("0.5")

    def floor(sign: int) -> exp.Expr:
        scaled = exp.Mul(this=exp.paren(value.copy()), expression=factor.copy())
        parts = {"this": scaled, "expression": half.copy()} if sign > 0 else {"this": half.copy(), "expression": scaled}
        return exp.Floor(this=(exp.Add if sign > 0 else exp.Sub)(**parts))

    whole = exp.Case(
        ifs=[exp.If(this=exp.LT(this=exp.paren(value.copy()), expression=_double("0")), true=exp.Neg(this=floor(-1)))],
        default=floor(1),
    )
    integer = exp.cast(whole, "BIGINT")
    integer.meta[EXACT] = True
    units = exp.cast(integer, "DECIMAL(24,0)")
    if not digits:
        return units
    unit = exp.cast(exp.Literal.string(f"{10**-digits:.{digits}f}"), f"DECIMAL({digits + 1},{digits})")
    return exp.paren(exp.Mul(this=units, expression=unit))


def _double(text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), "DOUBLE")


def _never_zero(divisor: exp.Expr) -> exp.Expr:
    return divisor.copy() if isinstance(divisor.unnest(), exp.Nullif) else exp.Nullif(
        this=divisor.copy(), expression=exp.Literal.number(0)
    )  # fmt: skip


def _difference(node: exp.DateDiff) -> exp.Expr:
    """Days between dates; months and years by the calendar's boundaries, as DuckDB counts them."""
    unit = str(node.args.get("unit") or "day").strip("'").lower()
    until, since = node.this, node.expression
    if unit.startswith("day"):
        return exp.DateDiff(this=exp.cast(until, "DATE"), expression=exp.cast(since, "DATE"), unit=exp.var("DAY"))
    years = _between("YEAR", until, since)
    if unit.startswith("year"):
        return years
    months = exp.Add(
        this=exp.Mul(this=years, expression=exp.Literal.number(12)), expression=_between("MONTH", until, since)
    )
    return exp.paren(months)


def _between(part: str, until: exp.Expr, since: exp.Expr) -> exp.Expr:
    def of(day: exp.Expr) -> exp.Expr:
        return exp.cast(exp.Extract(this=exp.var(part), expression=exp.cast(day.copy(), "DATE")), "BIGINT")

    return exp.paren(exp.Sub(this=of(until), expression=of(since)))
