"""What stands on a report beside its figures, in Chinese: lines above, banners, notes, and how a cell is spelled."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from services.stats.output.lines import Line, Value, heading, is_measure, untyped
from services.stats.report import Report, Shown

DRAFT = "试算，口径未生效：仅供核对，不得对外使用"
FAILED = "质量检查未通过：数字不可采用，请先处理下列问题"
SIGNATURES = ("制表：", "复核：", "负责人：", "日期：")
HIDDEN = "*"
_DECIMALS: Mapping[str, int] = {"amount": 2, "number": 2, "ratio": 4, "count": 0}


class Group(NamedTuple):
    """Columns `first` to `last` under one heading; a column that stands alone has no `parts`."""

    name: str
    first: int
    last: int
    parts: tuple[str, ...] = ()


def above(report: Report) -> tuple[tuple[str, str], ...]:
    """The lines between the title and the table, left and right."""
    definition = report.definition
    until = f"数据截至：{report.data_as_of:%Y-%m-%d}" if report.data_as_of else "数据截至：无日期"
    basis = f"口径：{definition.title}（{definition.id}，{status(report)}，指纹 {definition.hash[:16]}）"
    found = ((f"统计期：{report.period.name}", f"单位：{definition.unit}"), (basis, until))
    return found if report.scope.all else (*found, (f"范围：{scope(report)}", ""))


def status(report: Report) -> str:
    """Whether the definition is in force, and by whom."""
    if report.draft:
        return "试算，口径未生效"
    return {"shipped": "随产品提供，已生效", "desk": "本地审批生效"}.get(report.origin, "已生效")


def scope(report: Report) -> str:
    """Whose rows were counted."""
    if report.scope.all:
        return "全部机构、全部区划"
    of = (("机构", report.scope.institutions), ("区划", report.scope.districts))
    return "；".join(f"{name} {'、'.join(codes) or '无'}" for name, codes in of if codes is not None)


def below(report: Report) -> tuple[tuple[str, str], ...]:
    """The notes under the table by their kind: `fail` and `warn` are what a check found, `note` what was hidden."""
    titles = {"fail": "未通过", "warn": "提示"}
    found = [(c.severity, f"{titles[c.severity]}：{c.name}：{c.found}") for c in report.checks if not c.ok]
    if report.hidden_marks:
        least = f"人数少于 {report.below} 的" if report.below else "人数过少的"
        text = f"注：{HIDDEN} 为{least}单元格，为保护个人信息不予显示，共 {report.hidden_marks} 处。"
        return (("note", text), *found)
    return tuple(found)


def groups(report: Report) -> tuple[Group, ...]:
    """The columns by the measure that they belong to: comparisons stand under the measure that they compare."""
    found: list[Group] = []
    base = ""
    compared = {o.code for o in report.definition.outputs if o.compare}
    own = {o.code for o in report.definition.outputs}
    for n, column in enumerate(report.columns):
        if base and column.code not in own and column.code.startswith(f"{base}_"):
            group = found[-1]
            part = column.name.removeprefix(group.name).lstrip(" ：:·-") or column.name
            found[-1] = group._replace(last=n, parts=(*(group.parts or ("本期",)), part))
        else:
            found.append(Group(column.name, n, n))
            base = column.code if column.code in compared else ""
    return tuple(found)


def dimension(column: Shown, value: Value, names: Mapping[str, str]) -> str:
    """A dimension as people read it: `310 职工基本医疗保险`, `2026-10-31`."""
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) and value.time() else f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return f"{value} {names.get(value, '')}".strip()
    return figure(column, value) if is_measure(column) else str(value)


def figure(column: Shown, value: Value) -> str:
    """A measure as it is printed: 1,234.50, 12.34%; nothing where there is none."""
    value = untyped(value)
    if value is None or isinstance(value, str | date):
        return str(value or "")
    if column.kind == "percent":
        return f"{value:.2%}"
    return f"{value:,.{_DECIMALS.get(column.kind, 2)}f}"


def cells(report: Report, line: Line, names: Mapping[str, Mapping[str, str]], small: bool) -> tuple[str, ...]:
    """A line as text; `small` marks one whose empty measures were hidden."""
    head = heading(report, line)
    told = subtotal(report, line)
    return tuple(
        told if n == head
        else HIDDEN if small and value is None and is_measure(column)
        else dimension(column, value, names.get(column.code, {})) if not is_measure(column)
        else figure(column, value)
        for n, (column, value) in enumerate(zip(report.columns, line.values, strict=True))
    )  # fmt: skip


def subtotal(report: Report, line: Line) -> str:
    return "合计" if line.rolled >= sum(c.dimension for c in report.columns) else "小计"


def width(text: str) -> int:
    """How many Latin letters a text is wide: a Chinese one counts for two."""
    return sum(2 if ord(letter) > 0x2E7F or letter in "“”‘’…—×" else 1 for letter in text)
