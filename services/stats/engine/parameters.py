"""What is asked: the SQL of a definition checked, and typed values in the place of `:name`. No text is put together."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from services.stats.definitions.definition import Definition, Parameter
from services.stats.engine.exact import inexact_sums
from services.stats.engine.grammar import refused
from services.stats.engine.kinds import ROLLED, SUMMED
from services.stats.engine.resolving import WINDOW, Values, parsed, resolved, with_values
from services.stats.periods import Period
from services.stats.problem import Problem
from services.stats.sources.table import Table, tables


def check_sql(definition: Definition, known: Mapping[str, Table] | None = None) -> list[str]:
    """What is wrong with the SQL of a definition and of its checks, in Chinese; nothing when it can be counted."""
    known = tables() if known is None else known
    if missing := [t for t in definition.tables if t not in known]:
        return [f"没有登记数据表 {', '.join(missing)}: 请从数据表目录中选择"]
    if twice := _twice(definition):
        return [f"列的代码重复或不能使用: {', '.join(twice)}: 请改名 (rolled 和 summed_bits 由系统使用)"]
    found = _problems("口径 SQL", definition.sql, definition, known, outputs=True)
    for check in definition.checks:
        for sql in filter(None, (check.left, check.right)):
            found += _problems(f"核对“{check.name}”的 SQL", sql, definition, known)
    return found


def _twice(definition: Definition) -> list[str]:
    """Codes that name two columns of the result, among them those that comparisons add."""
    added = [f"{o.code}_{c}" for o in definition.outputs for c in o.compare]
    codes = Counter([*(o.code for o in definition.outputs), *added, ROLLED, SUMMED])
    return sorted(code for code, times in codes.items() if times > 1)


def query(definition: Definition, known: Mapping[str, Table], values: Values) -> exp.Query:
    """The report's query, each output in its type. It has passed `check_sql`; `values` are those of `literals`."""
    return with_values(resolved(definition.sql, definition, known, outputs=True), values)


def side_query(sql: str, definition: Definition, known: Mapping[str, Table], values: Values) -> exp.Query:
    """A check's query."""
    return with_values(resolved(sql, definition, known), values)


def literals(definition: Definition, period: Period, given: Mapping[str, str]) -> Values:
    """The value of each `:name`. Raises Problem for one that is unknown or cannot be read."""
    if strange := sorted(set(given) - {p.name for p in definition.parameters}):
        raise Problem(f"口径没有参数 {', '.join(strange)}: 请从参数表中选择")
    return _window(period) | {p.name: _literal(p, given.get(p.name, p.default)) for p in definition.parameters}


def moved(tree: exp.Query, period: Period) -> exp.Query:
    """A query of `query` for another period."""
    return with_values(tree, _window(period))


def _problems(
    what: str, sql: str, definition: Definition, known: Mapping[str, Table], outputs: bool = False
) -> list[str]:
    try:
        tree = parsed(sql)
    except Problem as problem:
        return [f"{what}: {problem}"]
    told = [f"不能使用 {name}" for name in refused(tree)] or _outside(tree, definition) + _undeclared(tree, definition)
    if not told and outputs:
        told = _missing(tree, definition)
    if not told:
        told = _deeper(sql, definition, known, outputs)
    return [f"{what}: {problem}" for problem in told]


def _outside(tree: exp.Query, definition: Definition) -> list[str]:
    """Tables that the definition does not name. By scope: the name of a WITH counts only where it is visible."""
    read = {
        source.sql() if source.args.get("db") else source.name
        for scope in traverse_scope(tree) for source in scope.sources.values() if isinstance(source, exp.Table)
    }  # fmt: skip
    if strange := sorted(read - set(definition.tables)):
        return [f"用到了没有列在 tables 中的表 {', '.join(strange)}"]
    return []


def _undeclared(tree: exp.Query, definition: Definition) -> list[str]:
    declared = {p.name for p in definition.parameters} | set(WINDOW if definition.period != "none" else ())
    used = {p.name for p in tree.find_all(exp.Placeholder)}
    return [f"参数 :{name or '?'} 没有声明" for name in sorted(used - declared)]


def _missing(tree: exp.Query, definition: Definition) -> list[str]:
    wanted = [o.code for o in definition.outputs] + [ROLLED]
    missing = [code for code in wanted if code not in tree.named_selects]
    return [f"没有给出列 {', '.join(missing)}"] if missing else []


def _deeper(sql: str, definition: Definition, known: Mapping[str, Table], outputs: bool) -> list[str]:
    """Columns that do not exist, and sums that depend on the order of rows."""
    try:
        tree = resolved(sql, definition, known, outputs)
    except RecursionError:
        return ["套得太深: 请改用 WITH 分步写"]
    except SqlglotError as error:
        return [f"有列名不存在或归属不明 ({str(error).split('.')[0][:120]})"]
    return ["对除法的结果求和会有误差: 请先 ROUND 到固定小数位"] if inexact_sums(tree) else []


def _literal(parameter: Parameter, text: str) -> exp.Expr:
    try:
        if parameter.type == "date":
            return _date(date.fromisoformat(text))
        if parameter.type == "count":
            return exp.cast(exp.Literal.string(str(_count(text))), "BIGINT")
        if parameter.type == "amount":
            return exp.cast(exp.Literal.string(_amount(text)), "DECIMAL(18,2)")
    except (ValueError, InvalidOperation):
        wanted = {"date": "日期 (2026-10-31)", "count": "整数", "amount": "金额"}[parameter.type]
        raise Problem(f"参数“{parameter.title}”应为{wanted}: 请改正后再提交") from None
    return exp.Literal.string(text)


def _count(text: str) -> int:
    if abs(value := int(text)) >= 1 << 63:
        raise ValueError
    return value


def _amount(text: str) -> str:
    """Of at most 16 digits before the point: an exponent would be written out."""
    value = Decimal(text)
    if not value.is_finite() or value.adjusted() > 15:
        raise ValueError
    return f"{value:.2f}"


def _window(period: Period) -> dict[str, exp.Expr]:
    return {name: _date(getattr(period, name)) for name in WINDOW}


def _date(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "DATE")
