"""Counts a report: the definition's SQL over the chosen data sets, compared, checked, small cells hidden, written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from services.stats.definitions.definition import Comparison, Definition
from services.stats.engine import comparing, writing
from services.stats.engine.checking import Material, checked
from services.stats.engine.connecting import Engine, connect
from services.stats.engine.cutting import Part, begins_late, newest, parts
from services.stats.engine.dialects import Name
from services.stats.engine.gathering import gathered
from services.stats.engine.hiding import hide
from services.stats.engine.kinds import counted
from services.stats.engine.parameters import check_sql, literals, moved, query, side_query
from services.stats.engine.resolving import Values
from services.stats.periods import Period
from services.stats.problem import Problem
from services.stats.report import Checked, Input, Report, Scope
from services.stats.sources.table import Table, tables

Say = Callable[[str, float], None]


def count(
    definition: Definition, period: Period, inputs: Sequence[Input], scope: Scope, parameters: Mapping[str, str],
    out: Path, *, memory_mb: int, scratch: Path, below: int = 0, draft: bool = False,
    say: Say = lambda stage, done: None, engine: Name = "duckdb", url: str = "",
    known: Mapping[str, Table] | None = None,
) -> Report:  # fmt: skip
    """Write `data.parquet` and `data.csv` into `out`: the same bytes for the same definition, inputs and scope.

    `memory_mb` is what the process may take, `scratch` where rows are spilled to. `below` hides lines of fewer persons.
    `known` are the declared tables. Raises Problem when it cannot be counted, saying what to do next.
    """
    known = tables() if known is None else known
    if told := check_sql(definition, known):
        raise Problem("; ".join(told))
    read = parts(inputs, definition.tables, known, scope)
    given = {p.name: parameters.get(p.name, p.default) for p in definition.parameters}
    asked = _Asked(definition, period, known, literals(definition, period, parameters), below)
    say("汇总", 0.0)
    with connect(engine, read, scratch, memory_mb, url) as connection:
        found = _counted(connection, asked, say)
    say("写出结果", 0.95)
    # Ordered first: which of two equal lines is hidden must not depend on the engine.
    lines, marks = hide(writing.ordered(found.table, definition), definition, below)
    columns = comparing.shown(definition)
    return Report(
        definition=definition, period=period, scope=scope, data=out / writing.PARQUET, columns=columns,
        rows=lines.num_rows, sha256=writing.write(lines, columns, out),
        inputs=tuple(sorted(inputs, key=lambda i: (i.table, i.sha256))), parameters=given,
        checks=(*found.notes, *_incomplete(definition, period, read)),
        data_as_of=newest(read), hidden_marks=marks, below=below, draft=draft,
    )  # fmt: skip


def _incomplete(definition: Definition, period: Period, read: Sequence[Part]) -> Iterator[Checked]:
    """A year to date is of the months that are there: the reader is told which are not."""
    summed = period.text and "ytd" in comparing.wanted(definition)
    if summed and (late := begins_late(read, period.year_to_date().since)):
        yield Checked("累计缺月", False, "warn", f"{'、'.join(late)}, 累计不含此前的月份")


class _Asked(msgspec.Struct, frozen=True):
    definition: Definition
    period: Period
    known: Mapping[str, Table]
    values: Values
    below: int


def _counted(connection: Engine, asked: _Asked, say: Say) -> comparing.Compared:
    """The lines with their comparisons, and what checks and comparisons found."""
    tree, schema = query(asked.definition, asked.known, asked.values), counted(asked.definition)
    now = connection.lines(tree, schema)
    others = {
        comparison: connection.lines(moved(tree, comparing.other(asked.period, comparison)), schema)
        for comparison in _others(asked, say)
    }
    compared = comparing.compared(now, others, asked.definition, asked.below)
    say("核对", 0.8)
    material = Material(asked.definition, now, others.get("mom"), _numbers(connection, asked))
    return comparing.Compared(compared.table, (*checked(material), *compared.notes))


def _numbers(connection: Engine, asked: _Asked) -> dict[str, Decimal | None]:
    """What the SQL of the checks found, by its text."""
    texts = list(dict.fromkeys(sql for check in asked.definition.checks for sql in (check.left, check.right) if sql))
    trees = [side_query(sql, asked.definition, asked.known, asked.values) for sql in texts]
    found: dict[str, Decimal | None] = {}
    for query_, places in gathered(trees):
        figures = connection.figures(query_)
        found |= {texts[place]: figure for place, figure in zip(places, figures, strict=False)}
    return found


def _others(asked: _Asked, say: Say) -> Iterator[Comparison]:
    """The other periods that comparisons and checks need; none where the report is of everything."""
    wanted = comparing.wanted(asked.definition)
    if "mom" not in wanted and any(c.kind == "last_period" for c in asked.definition.checks):
        wanted = ("mom", *wanted)
    for n, comparison in enumerate(wanted if asked.period.text else (), 1):
        say(f"汇总{comparing.NAMES[comparison]}", 0.8 * n / (len(wanted) + 1))
        yield comparison
