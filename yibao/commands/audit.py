"""`yibao audit`: whether the records of cases are what they were, by their own chain and by the stream's copies."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from yibao.auditing import Audit, Finding, audit_cases
from yibao.reporting import reported
from yibao.settings import StackSettings

console = Console()


def audit(
    case: Annotated[str, typer.Argument(help="工单号或编号; 缺省核对全部工单")] = "",
) -> None:
    """核对工单记录是否被改动: 重新计算哈希链, 并与事件流中的原件逐条比对。发现改动时退出码为 1。"""
    try:
        with reported(console) as report:
            done = asyncio.run(audit_cases(StackSettings().located(), case, report))
    except LookupError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    _tell(done)
    raise typer.Exit(1 if done.findings else 0)


def _tell(done: Audit) -> None:
    for finding in done.findings[:200]:
        console.print(_line(finding), markup=False, highlight=False, style="red")
    if (more := len(done.findings) - 200) > 0:
        console.print(f"……另有 {more} 处", style="red")
    what = f"{done.cases:,} 个工单, {done.events:,} 条记录, 其中 {done.witnessed:,} 条与事件流原件比对"
    if done.findings:
        console.print(
            f"发现 {len(done.findings)} 处异常 ({what})。请保留现场: 不要改库, 先备份 MongoDB 与 NATS 数据目录。"
        )
    else:
        console.print(f"未发现改动: {what}。")


def _line(finding: Finding) -> str:
    where = f"第 {finding.at + 1} 条: " if finding.at is not None else ""
    return f"{finding.number} {where}{finding.why}"
