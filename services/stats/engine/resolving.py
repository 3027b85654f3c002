"""From a definition's SQL to a typed tree in which values can be put: read once, which takes a third of a second.

What a query means depends on the SQL, the tables and the types of its outputs and parameters, never on the values.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from services.stats.definitions.definition import Definition, Output
from services.stats.engine.exact import typed
from services.stats.engine.kinds import column_type
from services.stats.engine.wrapping import wrapped
from services.stats.problem import Problem
from services.stats.sources.table import Table

Values = Mapping[str, exp.Expr]
Pairs = tuple[tuple[str, str], ...]
WINDOW: Final = ("since", "until")
_MARK: Final = "value"
_KEPT: Final = 64
_EMPTY: Final[Mapping[str, exp.Expr]] = {
    "text": exp.Literal.string(""), "count": exp.cast(exp.Literal.string("0"), "BIGINT"),
    "amount": exp.cast(exp.Literal.string("0.00"), "DECIMAL(18,2)"),
    "date": exp.cast(exp.Literal.string("2000-01-01"), "DATE"),
}  # fmt: skip


def parsed(sql: str) -> exp.Query:
    """Raises Problem for anything but one SELECT."""
    try:
        found = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except (SqlglotError, RecursionError):
        raise Problem("写法有误, 无法解析: 请检查括号、逗号和关键字") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query) or isinstance(found[0], exp.Subquery):
        raise Problem("只能是一条 SELECT 查询 (可以 WITH 开头)")
    return found[0]


def resolved(sql: str, definition: Definition, known: Mapping[str, Table], outputs: bool = False) -> exp.Query:
    """The typed tree, shared and not to be changed; with `outputs` each in its type. Raises SqlglotError, Problem."""
    shape = tuple(Output(o.code, "", o.kind, o.dimension) for o in definition.outputs) if outputs else ()
    given = tuple((p.name, p.type) for p in definition.parameters)
    tables = tuple((t, tuple((c.code, column_type(c)) for c in known[t].kept)) for t in definition.tables)
    return _resolved(sql, tables, shape, given)


def with_values(tree: exp.Query, values: Values) -> exp.Query:
    """A copy of a tree of `resolved` that asks with these values; those that are not named stay."""
    filled = tree.copy()
    for place in list(filled.find_all(exp.Cast, exp.Literal)):
        value = values.get(place.meta.get(_MARK, ""))
        if value is not None:
            inner = value.this
            place.set("this", inner if isinstance(inner, str) else inner.copy())
    return filled


@lru_cache(_KEPT)
def _resolved(sql: str, tables: tuple[tuple[str, Pairs], ...], outputs: tuple[Output, ...], given: Pairs) -> exp.Query:
    columns: dict[str, Any] = {table: dict(types) for table, types in tables}
    tree = qualify(_marked(parsed(sql), dict(given)), schema=columns, dialect="duckdb", quote_identifiers=False)
    assert isinstance(tree, exp.Query)
    inner = typed(tree, columns)
    return wrapped(inner, outputs) if outputs else inner


def _marked(tree: exp.Query, types: Mapping[str, str]) -> exp.Query:
    """`:name` as an empty value of its type, marked by its name."""
    for place in list(tree.find_all(exp.Placeholder)):
        value = _EMPTY["date" if place.name in WINDOW else types[place.name]].copy()
        value.meta[_MARK] = place.name
        place.replace(value)
    return tree
