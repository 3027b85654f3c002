"""The questions of checks asked together: those that add up rows of one table read it once, and not once each.

`SELECT SUM(a) FROM t WHERE p AND q` beside `SELECT COUNT(*) FROM t WHERE p AND r` is one query over `WHERE p` that adds
up `CASE WHEN q THEN a END` and counts `CASE WHEN r THEN 1 END`. Questions of any other form are asked alone. Pure.
"""

from collections.abc import Sequence

from sqlglot import exp

_ADDING = (exp.Sum, exp.Count, exp.Min, exp.Max)
_NEVER = (exp.Window, exp.Subquery, exp.Query, exp.Exists, exp.Grouping)
_PARTS = {"kind", "expressions", "from_", "where"}


def gathered(queries: Sequence[exp.Query]) -> list[tuple[exp.Query, tuple[int, ...]]]:
    """Queries, and the numbers of the questions that their columns answer. Trees of `queries` are not changed."""
    tables: dict[exp.Expr, list[int]] = {}
    found: list[tuple[exp.Query, tuple[int, ...]]] = []
    for n, query in enumerate(queries):
        if _plain(query):
            tables.setdefault(query.args["from_"], []).append(n)
        else:
            found.append((query, (n,)))
    together = [(_merged([queries[n] for n in numbers]), tuple(numbers)) for numbers in tables.values()]
    return together + found


def _plain(query: exp.Query) -> bool:
    """Whether it is sums and counts of one table's rows, in one column."""
    if not isinstance(query, exp.Select) or {name for name, value in query.args.items() if value} - _PARTS:
        return False
    from_ = query.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table) or len(query.selects) != 1:
        return False
    asked = query.selects[0]
    inside = [node for part in (asked, query.args.get("where")) if part is not None for node in part.walk()]
    return not any(isinstance(node, _NEVER) for node in inside) and _adds_up(asked)


def _adds_up(asked: exp.Expr) -> bool:
    """Every column stands inside an aggregate: one beside it would be of no row."""
    adding = list(asked.find_all(*_ADDING))
    columns = list(asked.find_all(exp.Column))
    return bool(adding) and all(column.find_ancestor(*_ADDING) is not None for column in columns)


def _merged(queries: Sequence[exp.Query]) -> exp.Query:
    if len(queries) == 1:
        return queries[0]
    wheres = [_conditions(query) for query in queries]
    common = [part for part in wheres[0] if all(part in other for other in wheres[1:])]
    columns = [
        _only(query.selects[0].unalias(), [part for part in where if part not in common]).as_(f"n{n}")
        for n, (query, where) in enumerate(zip(queries, wheres, strict=True))
    ]
    merged = exp.Select(expressions=columns, from_=queries[0].args["from_"].copy())
    return merged.where(*(part.copy() for part in common), copy=False) if common else merged


def _conditions(query: exp.Query) -> list[exp.Expr]:
    where = query.args.get("where")
    return list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where.this] if where else []


def _only(asked: exp.Expr, rest: list[exp.Expr]) -> exp.Expr:
    """What is asked, of the rows that the other questions' rows are not."""
    around = exp.paren(asked.copy())
    if rest:
        condition = exp.and_(*(part.copy() for part in rest))
        for adding in list(around.find_all(*_ADDING)):
            _narrow(adding, condition)
    return around


def _narrow(adding: exp.Expr, condition: exp.Expr) -> None:
    inner = adding.this
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [_case(condition, part) for part in inner.expressions])
    else:
        adding.set("this", _case(condition, exp.Literal.number(1) if isinstance(inner, exp.Star) else inner))


def _case(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    case = exp.Case(ifs=[exp.If(this=condition.copy(), true=value.copy())])
    case.type = value.type
    return case
