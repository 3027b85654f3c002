"""A checked and typed tree as the text of an engine, where sqlglot alone would change what it means. Pure."""

from typing import Final, Literal

from sqlglot import exp

Name = Literal["duckdb", "postgres", "clickhouse"]
EXACT: Final = "exact"
"""Marks what `exact` has written, so that it is left alone."""
_T = exp.DataType.Type
_CHARACTERS = {exp.Substring: "substringUTF8", exp.Length: "lengthUTF8", exp.Left: "leftUTF8", exp.Right: "rightUTF8",
               exp.Upper: "upperUTF8", exp.Lower: "lowerUTF8"}  # fmt: skip


def text(tree: exp.Query, name: Name) -> str:
    """What this engine is told."""
    if name == "clickhouse":
        tree = _for_clickhouse(tree)
    return tree.sql(dialect=name)


def _for_clickhouse(tree: exp.Query) -> exp.Query:
    """Casts that shorten are cut off there, dates begin in 1970, text is bytes, and 0.5 is a double."""
    tree = tree.copy()
    for node in reversed(list(tree.find_all(exp.Cast))):  # inner ones first: what is wrapped is copied
        if EXACT in node.meta and node.to.this == _T.BIGINT:
            node.replace(_whole(node.this))
        elif _shortens(node):
            to = exp.Literal.number(scale(node.to))
            node.set("this", exp.Anonymous(this="round", expressions=[node.this.copy(), to]))
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string and "." in literal.name:
            digits = len(literal.name.partition(".")[2])
            literal.replace(exp.cast(exp.Literal.string(literal.name), f"DECIMAL(38,{digits})"))
    for function in reversed(list(tree.find_all(*_CHARACTERS))):
        parts = [function.args[a].copy() for a in function.arg_types if function.args.get(a) is not None]
        function.replace(exp.Anonymous(this=_CHARACTERS[type(function)], expressions=parts))
    for type_ in list(tree.find_all(exp.DataType)):
        if type_.this == _T.DATE:
            type_.set("this", _T.DATE32)
        elif type_.this == _T.TIMESTAMP:
            type_.set("this", _T.DATETIME64)
            type_.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(6))])
    return tree


def _whole(value: exp.Expr) -> exp.Expr:
    # Behind a null it may keep the infinity of a division by 0, which a plain cast does not take.
    return exp.Anonymous(this="accurateCastOrNull", expressions=[value.copy(), exp.Literal.string("Int64")])


def _shortens(node: exp.Cast) -> bool:
    given = node.this.type
    exact = node.to.this == _T.DECIMAL or node.to.this in exp.DataType.INTEGER_TYPES
    return exact and not isinstance(node.this, exp.Literal) and (given is None or given.this == _T.DECIMAL)


def scale(type_: exp.DataType) -> int:
    """Of a decimal: the digits after the point; 0 of anything else."""
    return int(type_.expressions[1].name) if len(type_.expressions) > 1 else 0
