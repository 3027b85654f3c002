"""A definition (口径) as data beside its SQL, and the hash that names both.

Imported by the service and by the processes that count; keep it light.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
UNREADABLE = (yaml.YAMLError, msgspec.ValidationError, TypeError, ValueError, RecursionError)
"""What a text that is no definition raises."""
REPORTS = Path(__file__).parent.parent / "reports"
Family = Literal[
    "daily", "enrolment", "treatment", "cross_region", "fund", "institution", "catalogue", "operations", "indicator"
]
Kind = Literal["text", "code", "count", "amount", "ratio", "percent", "number", "date", "month"]
Comparison = Literal["mom", "yoy", "ytd"]
Severity = Literal["fail", "warn"]
FAMILIES: Mapping[Family, str] = {
    "daily": "日常汇报", "enrolment": "参保征缴", "treatment": "医疗待遇", "cross_region": "异地就医",
    "fund": "基金收支", "institution": "定点机构", "catalogue": "医保目录", "operations": "服务台运行",
    "indicator": "考核指标",
}  # fmt: skip


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run may choose besides the period; `:name` in the SQL. `dictionary` lists what may be chosen."""

    name: str
    title: str
    type: Literal["text", "count", "amount", "date"] = "text"
    default: str = ""
    dictionary: str = ""


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of the report. Dimensions come first and identify a line; all others are measures.

    `dictionary` gives codes their names. `compare` adds columns beside a measure: against the period before (环比),
    the same period a year ago (同比), and the year to date (累计). `suppress` marks the count of persons by which small
    cells are hidden. A `percent` is a fraction (0.1234 is 12.34 %), a `ratio` has four decimals, a `number` two.
    """

    code: str
    name: str
    kind: Kind
    dimension: bool = False
    dictionary: str = ""
    compare: tuple[Comparison, ...] = ()
    suppress: bool = False
    note: str = ""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that decides whether the result is handed over; see docs/stats-definitions.md for each kind.

    `not_null` and `unique` ask of `columns`, `range` of `columns` between `least` and `most`, `row_count` of the number
    of lines; all of the report's detail lines. `sums_agree`: `left` and `right` are SQL over the tables, one number
    each. `last_period`: `columns` (measures) may differ from the period before by no more than the share `tolerance`.
    `zero_rows`: `left` is SQL over the tables that counts bad rows, which should be none.
    """

    name: str
    kind: Literal["not_null", "unique", "range", "row_count", "sums_agree", "last_period", "zero_rows"]
    severity: Severity = "fail"
    columns: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    left: str = ""
    right: str = ""
    tolerance: float = 0.0


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`x` is a dimension, `y` measures of one unit; only the `top` largest by the first are drawn, 0 draws all."""

    kind: Literal["bar", "line", "pie"]
    title: str
    x: str
    y: tuple[str, ...]
    top: int = 15


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """See docs/stats-definitions.md. The SQL yields every output and `rolled`, the number of dimensions summed over:
    0 is a line, as many as there are dimensions is the total, what is between is a subtotal.

    `period` is what the report is of: months and longer, a day (`moment`, a register as of a day), or nothing.
    """

    id: str
    title: str
    family: Family
    purpose: str
    owner: str
    unit: str
    grain: str
    tables: tuple[str, ...]
    filters: tuple[str, ...]
    outputs: tuple[Output, ...]
    basis: str = ""
    sources: str = ""
    constraints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    period: Literal["span", "moment", "none"] = "span"
    parameters: tuple[Parameter, ...] = ()
    checks: tuple[Check, ...] = ()
    charts: tuple[Chart, ...] = ()
    example: tuple[tuple[str, ...], ...] = ()
    sql: str = ""
    hash: str = ""

    @cached_property
    def dimensions(self) -> tuple[Output, ...]:
        return tuple(o for o in self.outputs if o.dimension)

    @cached_property
    def measures(self) -> tuple[Output, ...]:
        return tuple(o for o in self.outputs if not o.dimension)


def read(text: str, sql: str) -> Definition:
    """A definition from its YAML and its SQL, and the hash of both. Raises one of UNREADABLE."""
    hash_ = sha256(text.encode() + b"\0" + sql.encode()).hexdigest()
    return msgspec.convert({**_plain(text), "sql": sql, "hash": hash_}, Definition)


def _plain(text: str) -> dict[str, Any]:
    # An alias is a word that becomes a million words, deep nesting takes minutes: neither is needed here.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("不能使用锚点和引用 (& 与 *), 嵌套不能过深: 请写出全文")
    if not isinstance(found := yaml.load(text, Loader=_Loader), dict):
        raise yaml.YAMLError("应是一组 “字段: 值”, 写法见任一现行口径")
    return found


def load(report: str, reports: Path = REPORTS) -> Definition:
    """A shipped definition. Raises FileNotFoundError when there is no such report."""
    return read(*source(report, reports))


def source(report: str, reports: Path = REPORTS) -> tuple[str, str]:
    """The YAML and the SQL as they are shipped."""
    folder = reports / report
    return (folder / "definition.yaml").read_text("utf-8"), (folder / "report.sql").read_text("utf-8")


@cache
def shipped(reports: Path = REPORTS) -> Mapping[str, Definition]:
    """Every shipped definition by its id."""
    found = (load(path.parent.name, reports) for path in sorted(reports.glob("*/definition.yaml")))
    return {definition.id: definition for definition in found}
