"""Which rows of which data sets a run may count: the union of a table's files, cut to what the asker may see. Pure
but for the footers of Parquet files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from sqlglot import exp

from services.stats.engine.kinds import column_type
from services.stats.problem import Problem
from services.stats.report import Input, Scope
from services.stats.sources.table import Table


class Part(msgspec.Struct, frozen=True):
    """A table as a query sees it: its files, the columns that any of them has, and the rows that may be seen."""

    table: Table
    files: tuple[Path, ...]
    present: frozenset[str]
    where: exp.Expr | None = None

    def select(self, source: exp.Expr) -> exp.Select:
        """Every declared column in its type; one that no file has is empty."""
        columns = [self._column(c.code, column_type(c)) for c in self.table.kept]
        query = exp.select(*columns).from_(source)
        return query.where(self.where) if self.where is not None else query

    def _column(self, code: str, type_: str) -> exp.Expr:
        value = exp.column(code) if code in self.present else exp.null()
        return exp.alias_(exp.cast(value, type_), code)


def parts(inputs: Sequence[Input], names: Sequence[str], known: Mapping[str, Table], scope: Scope) -> tuple[Part, ...]:
    """Raises Problem when a table has no data set, or the asker may not see any of its rows."""
    chosen = {name: {i.sha256: Path(i.path) for i in inputs if i.table == name} for name in names}
    if missing := [known[name].title + f" ({name})" for name, files in chosen.items() if not files]:
        raise Problem(f"缺少数据表 {', '.join(missing)}: 请先上传")
    return tuple(_part(known[name], chosen[name], scope) for name in sorted(names))


def newest(of: Sequence[Part]) -> datetime | None:
    """The newest date in the data sets, in local time; it stands in the files' footers."""
    return max((last for part in of for _, last in _spans(part)), default=None)


def begins_late(of: Sequence[Part], since: date) -> tuple[str, ...]:
    """The titles of tables whose data begin only after the month of `since`: what they add up to is not the whole."""
    found = {part.table.title: min((first for first, _ in _spans(part)), default=None) for part in of}
    return tuple(
        f"{title}从 {first:%Y-%m} 开始"
        for title, first in found.items() if first and (first.year, first.month) > (since.year, since.month)
    )  # fmt: skip


def condition(table: Table, scope: Scope) -> exp.Expr | None:
    """What a row must be for this scope; None is anything. Raises Problem where the table cannot tell."""
    if scope.all or table.shared:
        return None
    told = []
    if scope.institutions is not None:
        column = _by(table, table.institution, "定点机构")
        told.append(_any([exp.column(column).eq(exp.Literal.string(i)) for i in scope.institutions]))
    if scope.districts is not None:
        column = _by(table, table.district, "行政区划")
        told.append(_any([_begins(column, d) for d in scope.districts]))
    return exp.and_(*told)


def _by(table: Table, column: str, what: str) -> str:
    if not column:
        raise Problem(
            f"{table.title} ({table.name}) 不能按{what}划分, 只有可以查看全部数据的人员才能统计: 请联系管理员"
        )
    return column


def _any(told: list[exp.Expr]) -> exp.Expr:
    return exp.or_(*told) if told else exp.Literal.number(1).eq(exp.Literal.number(0))


def _begins(column: str, prefix: str) -> exp.Expr:
    # Not LIKE: a prefix with % in it would be every district.
    length = exp.Literal.number(len(prefix))
    head = exp.Substring(this=exp.column(column), start=exp.Literal.number(1), length=length)
    return head.eq(exp.Literal.string(prefix))


def _part(table: Table, files: Mapping[str, Path], scope: Scope) -> Part:
    if gone := [name for name, path in files.items() if not path.is_file()]:
        raise Problem(f"{table.title} 的 {len(gone)} 个数据集已不在服务器上: 请重新上传")
    ordered = tuple(files[name] for name in sorted(files))
    present = frozenset(name for path in ordered for name in pq.read_schema(path).names)
    return Part(table, ordered, present, condition(table, scope))


def _spans(part: Part) -> Iterator[tuple[datetime, datetime]]:
    """The first and the last date of each group of rows, where the table has one."""
    for path in part.files if part.table.dated else ():
        footer = pq.read_metadata(path)
        if part.table.dated not in (names := footer.schema.names):
            continue
        column = names.index(part.table.dated)
        groups = (footer.row_group(n).column(column).statistics for n in range(footer.num_row_groups))
        yield from ((_moment(s.min), _moment(s.max)) for s in groups if s is not None and s.has_min_max)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    year, month = str(value).split("-")[:2]  # a month
    return datetime(int(year), int(month), 1, tzinfo=UTC).replace(tzinfo=None)
