"""Attainment on a terminal: its tables, and where what is stored and what the streams tell differ."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from contracts.sla import CLOCK_NAMES
from services.sla.attainment.asked import readable
from services.sla.attainment.comparing import Difference
from services.sla.attainment.duties import Duty
from services.sla.attainment.report import ClauseLine, Line, Report
from services.sla.attainment.row import OUTCOMES, Row
from services.sla.attainment.tally import percent
from services.sla.attainment.words import COUNTS, agreed, counts, groups, head

MOST_SHOWN = 200
console = Console(markup=False, emoji=False, highlight=False)  # names are names, whatever brackets they have


def show(report: Report) -> None:
    """The figures, as on the sheets."""
    for line in head(report):
        console.print(line)
    console.print(_table("总体", "", [report.total], ["全部"]))
    if report.judged:
        console.print("条款达成" if report.clauses else "这些月份没有约定条款的合同")
    for clause in report.clauses:
        console.print(_clause(clause))
    for _, title, lines in groups(report):
        console.print(_table(title, title.removeprefix("按"), lines, [line.name for line in lines]))


def _table(title: str, what: str, lines: Sequence[Line], names: Sequence[str]) -> Table:
    table = Table(what, title=title, title_justify="left")
    for name in COUNTS:
        table.add_column(name, justify="right")
    for name, line in zip(names, lines, strict=True):
        table.add_row(name, *(f"{n:,}" for n in counts(line)), percent(line.kept, line.late))
    return table


def _clause(one: ClauseLine) -> str:
    """In lines: a table of all of it is wider than a terminal."""
    line = one.line
    numbers = (*(f"{n:,}" for n in counts(line)), percent(line.kept, line.late))
    said = ", ".join(f"{name} {number}" for name, number in zip(COUNTS, numbers, strict=True))
    promise = f"{one.verdict}: {one.contract_name} {one.number} {one.title} ({one.what}), 约定 {agreed(one.share)}"
    return f"  {promise}\n    {said}"


def compared(found: Sequence[Difference], rows: Sequence[Row], report: Report) -> None:
    """Whether they are the same, else cycle by cycle what differs."""
    if not found:
        console.print(f"一致: 所存 {len(rows):,} 条与事件流重算的逐条相同, 校验码 {report.digest}")
        return
    console.print(f"不一致: {len(found)} 条与事件流重算的不同", style="red")
    for one in found[:MOST_SHOWN]:
        row = one.row
        which = f"{row.number} {CLOCK_NAMES[row.clock]} 第 {row.cycle} 轮 ({readable(row.started_at)})"
        console.print(f"{which}: {_why(one)}", style="red")


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


def compared_duties(found: Sequence[Duty], n: int) -> None:
    """Whether the stream tells the same of obligations, else which items differ."""
    if not found:
        console.print(f"义务: 所存 {n:,} 项与事件流重算的逐项相同" if n else "义务: 本期没有到期的")
    for duty in found[:MOST_SHOWN]:
        words = f"义务不一致: {duty.holder_name} {duty.title} {duty.period} {duty.item}"
        console.print(words, style="red")
