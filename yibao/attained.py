"""Attainment on a terminal: its tables, and where what is stored and what the streams tell differ."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from contracts.sla import CLOCK_NAMES
from services.sla.attainment.asked import readable
from services.sla.attainment.comparing import Difference
from services.sla.attainment.report import ClauseLine, Line, Report
from services.sla.attainment.row import OUTCOMES, Digest, Row
from services.sla.attainment.words import COUNTS, counts, groups, head, percent

MOST_SHOWN = 200
console = Console()


def show(report: Report) -> None:
    """The figures, as on the sheets."""
    for line in head(report):
        console.print(line, highlight=False)
    console.print(_table("总体", "", [report.total], ["全部"]))
    console.print(_clauses(report.clauses))
    for _, title, lines in groups(report):
        console.print(_table(title, title.removeprefix("按"), lines, [line.name for line in lines]))


def _table(title: str, what: str, lines: Sequence[Line], names: Sequence[str]) -> Table:
    table = Table(what, title=title, title_justify="left")
    for name in COUNTS:
        table.add_column(name, justify="right")
    for name, line in zip(names, lines, strict=True):
        table.add_row(name, *(f"{n:,}" for n in counts(line)), percent(line.rate))
    return table


def _clauses(lines: Sequence[ClauseLine]) -> Table:
    table = Table("合同", "条款", "内容", "考核项", "约定", title="条款达成", title_justify="left")
    for name in (*COUNTS, "结论"):
        table.add_column(name, justify="right")
    for one in lines:
        numbers = (*(f"{n:,}" for n in counts(one.line)), percent(one.line.rate))
        table.add_row(one.contract_name, one.number, one.title, one.what, percent(one.share), *numbers, one.verdict)
    return table


def compared(found: Sequence[Difference], rows: Sequence[Row], again: Sequence[Row]) -> None:
    """Whether they are the same, else cycle by cycle what differs."""
    if not found:
        console.print(f"一致: 所存 {len(rows):,} 条与事件流重算的逐条相同, 校验码 {Digest(again).hex}", highlight=False)
        return
    console.print(f"不一致: {len(found)} 条与事件流重算的不同", style="red", highlight=False)
    for one in found[:MOST_SHOWN]:
        row = one.row
        which = f"{row.number} {CLOCK_NAMES[row.clock]} 第 {row.cycle} 轮 ({readable(row.started_at)})"
        console.print(f"{which}: {_why(one)}", markup=False, highlight=False, style="red")


def _why(one: Difference) -> str:
    if one.stored is None:
        return "事件流中有, 所存中没有"
    if one.again is None:
        return "所存中有, 事件流中没有 (可能已过保存期)"
    pairs = [(name, getattr(one.stored, name), getattr(one.again, name)) for name in one.fields]
    return "; ".join(f"{name} 所存 {_value(name, a)}, 重算 {_value(name, b)}" for name, a, b in pairs)


def _value(name: str, value: object) -> str:
    if name == "outcome":
        return OUTCOMES[value]  # type: ignore[index]
    return readable(value) if isinstance(value, datetime) else str(value)
