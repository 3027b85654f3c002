"""`yibao notify`: alerts and their deliveries, silences, tests, reports, and the proof of delivery."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.table import Table
from rich.text import Text

from chassis.zone import BEIJING
from contracts.delivery import DELIVERY_NAMES
from services.notify.digests.period import KINDS
from services.notify.proof.reading import Unreadable, read
from yibao.notifying import answer, console, fail, notify, reported, run, saved, witnessed
from yibao.silencing import silence

app = typer.Typer(no_args_is_help=True, help="通知: 收件箱, 投递经过, 测试, 静默, 日报周报, 导出与核对送达证明。")
app.add_typer(silence, name="silence")
MOST_SHOWN = 200
Json = dict[str, Any]
By = Annotated[str, typer.Option("--by", help="以哪位工作人员 (工号) 的名义; 缺省为登录用户")]


@app.command()
def show(alert: Annotated[str, typer.Argument(help="通知编号 (UUID)")]) -> None:
    """一条通知: 每个投递的途径、时间、结果, 以及经过。"""
    with notify() as http:
        found = answer(http.get(f"/alerts/{quote(alert, safe='')}"))
    console.print(f"〔{found['urgency_name']}〕{found['title']}")
    console.print(found["body"])
    console.print(_deliveries(found["deliveries"]))
    for one in found["timeline"]:
        console.print(f"{one['at']}  {one['what']}")


@app.command()
def inbox(
    audience: Annotated[list[str], typer.Option(help="desk, lead 或 staff:<工号>; 可多次给出")] = ["desk"],  # noqa: B006
    limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)", min=1, max=500)] = 20,
) -> None:
    """收件箱: 最新的通知。"""
    with notify() as http:
        found = answer(http.get("/inbox", params={"audience": audience, "limit": limit}))
    table = Table("编号", "时间", "标题", "状态")
    for one in found:
        at = datetime.fromisoformat(one["queued_at"]).astimezone(BEIJING)
        table.add_row(one["alert_id"], f"{at:%m-%d %H:%M}", Text(one["title"]), one["state"])
    console.print(table)


@app.command()
def test(
    to: Annotated[str, typer.Option(help="收件人, 例如 staff:wang.fang")],
    provider: Annotated[str, typer.Option(help="只试这个发送服务; 缺省用第一个")] = "",
    by: By = "",
) -> None:
    """给一个收件人发一条测试通知。"""
    with notify(by) as http:
        done = answer(http.post(f"/recipients/{quote(to, safe='')}/test", json={"provider": provider}))
    console.print(f"已提交 {done.get('alert_id', '')}: 结果见 yibao notify show {done.get('alert_id', '<编号>')}")


@app.command()
def deliveries(
    since: Annotated[str, typer.Option(help="起 (含), 例如 2026-11-20; 缺省为一天前")] = "",
    recipient: Annotated[str, typer.Option(help="收件人")] = "",
    provider: Annotated[str, typer.Option(help="发送服务")] = "",
    state: Annotated[str, typer.Option(help="状态, 例如 failed")] = "",
    limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)", min=1, max=1000)] = 50,
) -> None:
    """投递记录, 以及各发送服务的成功率与用时。"""
    if state and state not in DELIVERY_NAMES:
        fail(f"没有状态 {state}: 可选 {', '.join(DELIVERY_NAMES)}", 2)
    begins = since or (datetime.now(UTC) - timedelta(days=1)).isoformat()
    query = _given({"from": begins, "recipient": recipient, "provider": provider, "state": state})
    with notify() as http:
        found = answer(http.get("/deliveries", params={**query, "limit": limit}))
        sums = answer(http.get("/deliveries/summary", params=query))
    console.print(_deliveries(found))
    for one in sums:
        states = ", ".join(f"{s['name']} {s['n']:,} ({s['share']:.1%})" for s in one["states"])
        took = f"; 用时 p50 {one['p50_s']:.1f} 秒, p99 {one['p99_s']:.1f} 秒" if one["p50_s"] is not None else ""
        console.print(f"{one['provider']}: {states}{took}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="另存为; 格式按后缀 csv, xlsx 或 ndjson", dir_okay=False)],
    since: Annotated[str, typer.Option(help="起 (含), 例如 2026-11-01")] = "",
    until: Annotated[str, typer.Option(help="止 (不含), 例如 2026-12-01")] = "",
    recipient: Annotated[str, typer.Option(help="收件人")] = "",
    provider: Annotated[str, typer.Option(help="发送服务")] = "",
    case: Annotated[str, typer.Option(help="工单号")] = "",
) -> None:
    """导出送达证明, 末尾带校验值。"""
    kind = file.suffix.removeprefix(".").lower()
    if kind not in ("csv", "xlsx", "ndjson"):
        fail(f"{file.name}: 后缀应为 .csv, .xlsx 或 .ndjson", 2)
    wanted = {"from": since, "to": until, "recipient": recipient, "provider": provider, "case": case, "format": kind}
    with notify() as http:
        try:
            size = saved(http, file, _given(wanted))
        except OSError as error:
            fail(f"{file} 存不下来: {error.strerror}", 2)
    console.print(f"已导出 {file} ({size:,} 字节); 核对: yibao notify verify {file}")


@app.command()
def verify(file: Annotated[Path, typer.Argument(help="导出的送达证明", exists=True, dir_okay=False)]) -> None:
    """核对送达证明: 校验值, 以及逐行与事件流比对。不一致时退出码为 1。"""
    try:
        proof = read(file)
    except Unreadable as error:
        fail(str(error), 2)
    found = run(lambda: witnessed(proof))
    for why in found[:MOST_SHOWN]:
        console.print(why, style="red")
    if (more := len(found) - MOST_SHOWN) > 0:
        console.print(f"……另有 {more} 处", style="red")
    if not proof.intact:
        console.print("校验值不符: 文件在导出之后被改动过", style="red")
    if found or not proof.intact:
        raise typer.Exit(1)
    console.print(f"未发现改动: {len(proof.lines):,} 个投递, 校验值相符, 与事件流逐条一致。")


@app.command("report")
def report_(
    kind: Annotated[str, typer.Option(help=f"{' 或 '.join(KINDS)}")] = "daily",
    on: Annotated[str, typer.Option("--date", help="哪一天的报告, 例如 2026-11-20; 缺省为今天")] = "",
    audience: Annotated[str, typer.Option("--for", help="desk (全中心), staff:<工号> 或 institution:<编号>")] = "desk",
) -> None:
    """按事件流重新统计并显示日报或周报。"""
    chosen = next((k for k in KINDS if k == kind), None)
    if chosen is None:
        fail(f"没有报告 {kind}: 可选 {', '.join(KINDS)}", 2)
    try:
        day = date.fromisoformat(on) if on else datetime.now(BEIJING).date()
    except ValueError:
        fail(f"{on} 不是日期: 请写成 2026-11-20", 2)
    words = run(lambda: reported(chosen, day, audience))
    console.print(words.title)
    console.print(words.body)


def _deliveries(found: list[Json]) -> Table:
    table = Table("通知", "序号", "收件人", "途径", "状态", "登记", "送达", "已读", "确认", "尝试", "原因")
    for one in found:
        names = ("alert_id", "delivery", "recipient", "provider", "state", "queued_at", "sent_at", "read_at")
        rest = ("acknowledged_at", "attempts", "reason")
        table.add_row(*(Text(one[name]) for name in (*names, *rest)))
    return table


def _given(query: Json) -> Json:
    return {name: value for name, value in query.items() if value}
