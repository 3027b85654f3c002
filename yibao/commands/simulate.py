"""`yibao sla simulate`: last month's cases under other promises."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chassis.errors import CannotStart
from chassis.zone import BEIJING, month_in
from contracts.sla import CLOCK_NAMES, Target
from services.sla.attainment import row
from services.sla.attainment.tally import percent
from services.sla.book import Book, Edition
from services.sla.policy import CLOCKS, load
from services.sla.simulate import Changed, Compared, Outcome, Period, compare
from yibao.replaying import told
from yibao.reporting import reported
from yibao.settings import StackSettings

console = Console()

OUTCOMES: Mapping[Outcome, str] = {"none": "无时限"} | row.OUTCOMES  # type: ignore[operator]
TARGETS: dict[Target, str] = {
    "assignee": "经办人", "resident": "驻场", "remote": "远程值班", "lead": "组长", "contact": "中心联系人",
}  # fmt: skip


def simulate(
    policy: Annotated[Path, typer.Argument(help="时限政策文件 (YAML, 同 policies.yaml)", exists=True, dir_okay=False)],
    month: Annotated[str, typer.Option(help="起算月份 YYYY-MM, 缺省为上月")] = "",
    show: Annotated[int, typer.Option(min=0, help="最多列出几个结果不同的时限")] = 20,
) -> None:
    """用另一套时限政策重算一个月的工单: 达成与超时如何变化, 每类人员多收到或少收到多少次提醒。不改动任何数据。"""
    now = datetime.now(UTC)
    period = period_of(month or _last_month(now), now)
    try:
        policies = load(policy)
        with reported(console) as report:
            found = asyncio.run(told(StackSettings().located(), report))
        current = found.book.editions[-1]
        other = Edition(policies, current.calendars, current.since)
    except (CannotStart, LookupError, ValueError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    compared = compare(found.cases.values(), found.book, Book((other,)), period)
    _tell(compared, period, show)


def period_of(month: str, now: datetime) -> Period:
    """The month in Beijing, as it stands now. Raises typer.BadParameter."""
    try:
        return Period(*month_in(month), now)
    except ValueError:
        raise typer.BadParameter(f"{month} 不是月份: 请写成 2026-10") from None


def _last_month(now: datetime) -> str:
    here = now.astimezone(BEIJING)
    return f"{here.year - (here.month == 1)}-{(here.month - 2) % 12 + 1:02}"


def _tell(compared: Compared, period: Period, show: int) -> None:
    month = f"{period.since:%Y-%m}"
    if not compared.cases:
        console.print(f"{month} 没有起算的时限: 请用 --month 另选月份")
        return
    console.print(_clocks(compared, month))
    console.print(_alarms(compared))
    if compared.changed:
        console.print(_changed(compared.changed, show))
    else:
        console.print("没有时限因此改变结果")


def _clocks(compared: Compared, month: str) -> Table:
    outcomes = [o for o in OUTCOMES if any(key[1] == o for key in compared.before | compared.after)]
    title = f"{month} 起算的时限 ({compared.cases:,} 个工单): 现行 → 试算"
    caption = "未扣除免责; 提醒次数不含已知悉之后的"
    table = Table("时限", *(OUTCOMES[o] for o in outcomes), "达成率", title=title, caption=caption)
    for clock in CLOCKS:
        pairs = [(compared.before[clock, o], compared.after[clock, o]) for o in outcomes]
        if any(map(any, pairs)):
            rates = (percent(found[clock, "kept"], found[clock, "late"]) for found in (compared.before, compared.after))
            table.add_row(CLOCK_NAMES[clock], *(_arrow(*pair) for pair in pairs), " → ".join(rates))
    return table


def _alarms(compared: Compared) -> Table:
    table = Table("提醒对象", "次数", title="提醒")
    for target, name in TARGETS.items():
        pair = compared.alarms_before[target], compared.alarms_after[target]
        if any(pair):
            table.add_row(name, _arrow(*pair))
    return table


def _changed(changed: list[Changed], show: int) -> Table:
    caption = f"另有 {len(changed) - show:,} 个未列出" if len(changed) > show else None
    table = Table("工单", "时限", "现行", "试算", "现行截止", "试算截止", title="结果不同的时限", caption=caption)
    for one in changed[:show]:
        outcomes, dues = (one.before, one.after), (one.due_before, one.due_after)
        clock = f"{CLOCK_NAMES[one.clock]} 第 {one.cycle} 轮"
        table.add_row(one.number, clock, *(OUTCOMES[o] for o in outcomes), *map(_at, dues))
    return table


def _arrow(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _at(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment.astimezone(BEIJING):%m-%d %H:%M:%S}"
