"""`yibao audit`: whether the records of cases are what they were, by their own chain and by the stream's copies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from yibao.auditing import Audit, Finding, audit_cases
from yibao.settings import StackSettings

console = Console()


def audit(
    case: Annotated[str, typer.Argument(help="工单号或编号; 缺省核对全部工单")] = "",
) -> None:
    """核对工单记录是否被改动: 重新计算哈希链, 并与事件流中的原件逐条比对。发现改动时退出码为 1。"""
    try:
        done = asyncio.run(_run(case))
    except (NatsError, PyMongoError, OSError):
        typer.secho("连不上 NATS 或 MongoDB: 请先运行 make up", fg="red", err=True)
        raise typer.Exit(2) from None
    except LookupError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    _tell(done)
    raise typer.Exit(1 if done.findings else 0)


async def _run(case: str) -> Audit:
    async with _progress() as report:
        return await audit_cases(StackSettings().located(), case, report)


@asynccontextmanager
async def _progress() -> AsyncIterator["Report"]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Report(progress)


class Report:
    """Shows how far each step is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps: dict[str, int] = {}

    def __call__(self, step: str, done: int) -> None:
        task = self._steps.get(step)
        if task is None:
            task = self._steps[step] = self._progress.add_task(step, total=None)
        self._progress.update(task, completed=done)  # type: ignore[arg-type]


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
