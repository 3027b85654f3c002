"""What the SQL of a definition may consist of. Definitions are written by staff while the system runs: what is not
listed here is refused, so that no query reads a file, another table or a clock, or means something else elsewhere."""

from typing import Final

from sqlglot import exp

_ALLOWED: Final = """
    Select With CTE Subquery Union Except Intersect From Join Where Group GroupingSets Rollup Cube Having Order Ordered
    Distinct Table TableAlias Identifier Column Alias Literal Null Boolean Placeholder Paren Tuple Star Cast DataType
    DataTypeParam Var Interval IntervalSpan Case If Window WindowSpec Limit
    Add Sub Mul Div Mod Neg DPipe And Or Not EQ NEQ GT GTE LT LTE Is In Between Like Escape Exists

    Count Sum Min Max Avg Grouping Coalesce Nullif Abs Ceil Floor Round Sign Greatest Least
    RowNumber Rank DenseRank Ntile Lag Lead FirstValue LastValue PercentRank CumeDist
    Substring Length Upper Lower Trim Replace Left Right DateDiff Extract Year Month Day
"""
ALLOWED: Final = frozenset(_ALLOWED.split())


def refused(tree: exp.Expr) -> list[str]:
    """Chinese names of what is in the tree and may not be, each once."""
    found = {told: None for node in tree.walk() if (told := _refused(node))}
    return list(found)


def _refused(node: exp.Expr) -> str:
    if isinstance(node, exp.Star):
        return "" if isinstance(node.parent, exp.Count) else "SELECT * (请写出每一列)"
    if isinstance(node, exp.With) and node.recursive:
        return "WITH RECURSIVE"
    if isinstance(node, exp.Avg) and isinstance(node.parent, exp.Window):
        return "AVG … OVER (请用 SUM 除以 COUNT)"
    return "" if type(node).__name__ in ALLOWED else _name(node)


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"函数 {node.name.upper()}"
    if isinstance(node, exp.Func):
        return f"函数 {node.sql_name()}"
    return {"Qualify": "QUALIFY", "Filter": "FILTER", "TableSample": "TABLESAMPLE"}.get(
        type(node).__name__, f"语法 {type(node).__name__.upper()}"
    )
