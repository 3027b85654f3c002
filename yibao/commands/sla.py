"""`yibao sla`: the account of a case's clocks, and what other promises would have meant."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chassis.zone import BEIJING
from contracts.casework import OWES_NAMES
from contracts.sla import CLOCK_NAMES
from yibao.asking import answer, asking
from yibao.commands.attainment import attainment
from yibao.commands.simulate import simulate

app = typer.Typer(no_args_is_help=True, help="时限: 说明每一秒怎么计, 试算另一套政策, 统计达成情况。")
console = Console()
MOST_PIECES = 20
_REFERENCE = re.compile(r"(yb-?)?[0-9a-z]{5}-?[0-9a-z]{5}|[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)

_STATES = {"running": "计时中", "paused": "暂停", "met": "达成", "stopped": "停止"}
Json = dict[str, Any]
app.command()(simulate)
app.command()(attainment)


@app.command()
def explain(case: Annotated[str, typer.Argument(help="工单号 (YB-…) 或编号")]) -> None:
    """逐段说明一个工单的时限: 每段从何时到何时, 由谁负责, 计了多少时间。"""
    if not _REFERENCE.fullmatch(case := case.strip()):
        typer.secho(f"{case!r} 不是工单号: 请写成 YB-7K3QM-9XW2P 的样子, 或写工单的编号 (UUID)", fg="red", err=True)
        raise typer.Exit(2)
    with asking("intake") as http:
        found = answer(http.get(f"/cases/{quote(case, safe='')}"))
    with asking("sla") as http:
        told: Json = answer(http.get(f"/clocks/{found['id']}/account"))
    if not told["clocks"]:
        console.print(f"工单 {told['number']} 没有时限")
    for account in told["clocks"]:
        console.print(account_table(account))


def account_table(account: Json) -> Table:
    """One cycle of a clock as `GET /clocks/<case>/account` tells it."""
    clock = account["clock"]
    name = f"{CLOCK_NAMES[clock['clock']]} 第 {clock['cycle']} 轮 · {_STATES[clock['state']]}"
    promise = f"政策 {clock['policy']}, 日历 {clock['calendar']}, 承诺 {_span(clock['within_s'])}"
    # What staff and policies have put into words is not Rich's markup, hence `Text`.
    title, caption = Text(name, style="table.title"), Text(_sum(account, promise), style="table.caption")
    table = Table("自", "至", "计时", "责任方", "说明", "历时", "计入", title=title, caption=caption)
    for span in account["spans"]:
        counts = "计时" if span["running"] else "暂停"
        table.add_row(
            _at(span["since"]), _at(span["until"]), counts, OWES_NAMES[span["owes"]], Text(span["reason"]),
            _span(span["wall_s"]), _span(span["counted_s"]),
        )  # fmt: skip
        for row in _openings(span):
            table.add_row(*row, style="dim")
    return table


def _openings(span: Json) -> Iterator[tuple[str, ...]]:
    """The pieces of open time that a span counted, where it did not count all of its time."""
    pieces = [tuple(map(datetime.fromisoformat, piece)) for piece in span["openings"]]
    if span["counted_s"] == span["wall_s"] or not pieces:
        return
    for opens, closes in pieces[:MOST_PIECES]:
        counted = (closes - opens).total_seconds()
        yield f"  {_at(opens)}", f"  {_at(closes)}", "营业", "", "", _span(counted), _span(counted)
    if rest := pieces[MOST_PIECES:]:
        counted = sum((closes - opens).total_seconds() for opens, closes in rest)
        yield f"  {_at(rest[0][0])}", f"  {_at(rest[-1][1])}", "营业", "", f"另 {len(rest)} 段", "", _span(counted)


def _sum(account: Json, promise: str) -> str:
    left = account["left_s"]
    rest = f"剩余 {_span(left)}" if left >= 0 else f"超出 {_span(-left)}"
    reached = ", ".join(f"{r['label']} {_at(r['at'])}" for r in account["clock"]["reached"])
    due = f"截止 {_at(account['clock']['due_at'])}"
    return "; ".join(filter(None, (promise, due, f"合计计入 {_span(account['counted_s'])}", rest, reached)))


def _at(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M:%S}"


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
