"""The outputs of a definition's query in their order and types, and beside them which dimensions a line sums over.

`rolled` says how many; which ones matters where a dimension may be empty itself, and where lines are hidden. Pure.
"""

from collections.abc import Sequence

from sqlglot import exp

from services.stats.definitions.definition import Output
from services.stats.engine.exact import exact_cast
from services.stats.engine.kinds import ROLLED, SQL, SUMMED

_AROUND = "report"


def wrapped(tree: exp.Query, outputs: Sequence[Output]) -> exp.Query:
    """`tree` has passed `exact.typed`, and is changed."""
    inner = tree
    types = {s.alias_or_name: s.type for s in inner.selects}
    columns = [_cast(o.code, SQL[o.kind], types.get(o.code)) for o in outputs]
    known = isinstance(inner, exp.Select) and _add(inner, inner, tuple(o.code for o in outputs if o.dimension))
    mask = _cast(SUMMED, "BIGINT") if known else exp.alias_(exp.cast(exp.null(), "BIGINT"), SUMMED)
    return exp.select(*columns, _cast(ROLLED, "BIGINT"), mask).from_(inner.subquery(_AROUND))


def _cast(code: str, type_: str, given: exp.DataType | None = None) -> exp.Expr:
    column = exp.column(code, table=_AROUND)
    column.type = given or exp.DataType.build("UNKNOWN")
    return exp.alias_(exact_cast(column, type_), code)


def _add(select: exp.Select, root: exp.Select, dimensions: tuple[str, ...]) -> bool:
    """Give `select` a column of bits, one for each dimension; False where the query does not show them."""
    shown = {s.alias_or_name: s.unalias() for s in select.selects}
    parts = [shown[code] for code in dimensions if code in shown]
    if len(parts) < len(dimensions) or not parts or select.args.get("distinct"):
        return False
    if SUMMED in shown:
        return True
    group = select.args.get("group")
    bits = _bits(group, parts) if group else _passed_on(select, root, parts)
    if bits is None:
        return False
    select.select(exp.alias_(bits, SUMMED), copy=False)
    return True


def _bits(group: exp.Group, parts: list[exp.Expr]) -> exp.Expr | None:
    if not group.find(exp.GroupingSets, exp.Rollup, exp.Cube):
        return exp.Literal.number(0)
    grouped = {part.sql() for part in group.find_all(exp.Column, exp.Func)}
    if any(part.sql() not in grouped for part in parts):
        return None
    total: exp.Expr = exp.Literal.number(0)
    for n, part in enumerate(parts):
        bit = exp.Mul(this=exp.Grouping(expressions=[part.copy()]), expression=exp.Literal.number(1 << n))
        total = exp.Add(this=total, expression=bit)
    return total


def _passed_on(select: exp.Select, root: exp.Select, parts: list[exp.Expr]) -> exp.Expr | None:
    """Where all dimensions are plain columns of one WITH or subquery, what that one says."""
    sources = {part.table if isinstance(part, exp.Column) else "" for part in parts}
    source = _source(select, root, sources.pop()) if len(sources) == 1 else None
    if source is None or not _add(source, root, tuple(part.name for part in parts)):
        return None
    return exp.column(SUMMED, table=parts[0].table)  # type: ignore[attr-defined]


def _source(select: exp.Select, root: exp.Select, alias: str) -> exp.Select | None:
    from_ = select.args.get("from_")
    joined = [join.this for join in select.args.get("joins") or []]
    found = next((s for s in [from_ and from_.this, *joined] if s is not None and s.alias_or_name == alias), None)
    if isinstance(found, exp.Subquery):
        inner: exp.Expr | None = found.this
    elif isinstance(found, exp.Table):
        inner = next((cte.this for cte in root.ctes if cte.alias == found.name), None)
    else:
        inner = None
    return inner if isinstance(inner, exp.Select) else None
