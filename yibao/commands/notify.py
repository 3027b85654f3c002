"""`yibao notify`: alerts and their deliveries, silences, tests, reports, and the proof of delivery."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import typer
from rich.console import Console

from chassis.zone import BEIJING
from contracts.delivery import DELIVERY_NAMES
from services.notify.digests.period import KINDS
from yibao import alert_tables
from yibao.asking import answer, asking, console, fail, given
from yibao.notifying import reported, run
from yibao.proving import export, verify
from yibao.silencing import silence

app = typer.Typer(no_args_is_help=True, help="通知: 收件箱, 投递经过, 测试, 静默, 日报周报, 导出与核对送达证明。")
app.add_typer(silence, name="silence")
app.command()(export)
app.command()(verify)
Json = dict[str, Any]
EXAMPLE = "0197f3c2-5a1e-7c3b-9d4f-2b6a8e1c0d57"
Wide = Annotated[bool, typer.Option("--wide", help="显示全部列, 每个投递一行 (需要 240 列宽的终端)")]
By = Annotated[str, typer.Option("--by", help="以哪位工作人员 (工号) 的名义; 缺省为登录用户")]


@app.command()
def show(
    alert: Annotated[str, typer.Argument(help="通知编号 (36 位), 见 yibao notify inbox 或 deliveries")],
    wide: Wide = False,
) -> None:
    """一条通知: 每个投递的途径、时间、结果, 以及经过。"""
    id_ = _alert_id(alert)
    with asking("notify") as http:
        found = answer(http.get(f"/alerts/{id_}"))
    console.print(f"〔{found['urgency_name']}〕{found['title']}")
    console.print(found["body"])
    _print_deliveries(found["deliveries"], wide, of_one=True)
    for one in found["timeline"]:
        console.print(f"{one['at']}  {one['what']}")


@app.command()
def inbox(
    audience: Annotated[list[str], typer.Option(help="desk, lead 或 staff:<工号>; 可多次给出")] = ["desk"],  # noqa: B006
    limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)", min=1, max=500)] = 20,
) -> None:
    """收件箱: 最新的通知。"""
    with asking("notify") as http:
        found = answer(http.get("/inbox", params={"audience": audience, "limit": limit}))
    console.print(alert_tables.alerts(found))


@app.command()
def test(
    to: Annotated[str, typer.Option(help="收件人, 例如 staff:wang.fang")],
    provider: Annotated[str, typer.Option(help="只试这个发送服务; 缺省用第一个")] = "",
    by: By = "",
) -> None:
    """给一个收件人发一条测试通知。"""
    with asking("notify", by) as http:
        done = answer(http.post(f"/recipients/{quote(to, safe='')}/test", json={"provider": provider}))
    console.print(f"已提交 {done.get('alert_id', '')}: 结果见 yibao notify show {done.get('alert_id', '<编号>')}")


@app.command()
def deliveries(
    since: Annotated[str, typer.Option(help="起 (含), 例如 2026-11-20; 缺省为一天前")] = "",
    recipient: Annotated[str, typer.Option(help="收件人")] = "",
    provider: Annotated[str, typer.Option(help="发送服务")] = "",
    state: Annotated[str, typer.Option(help="状态, 例如 failed")] = "",
    limit: Annotated[int, typer.Option(help="最多显示几条 (最新在前)", min=1, max=1000)] = 50,
    wide: Wide = False,
) -> None:
    """投递记录, 以及各发送服务的成功率与用时。"""
    if state and state not in DELIVERY_NAMES:
        fail(f"没有状态 {state}: 可选 {', '.join(f'{k} ({v})' for k, v in DELIVERY_NAMES.items())}", 2)
    begins = since or (datetime.now(UTC) - timedelta(days=1)).isoformat()
    query = given({"from": begins, "recipient": recipient, "provider": provider, "state": state})
    with asking("notify") as http:
        found = answer(http.get("/deliveries", params={**query, "limit": limit}))
        sums = answer(http.get("/deliveries/summary", params=query))
    _print_deliveries(found, wide)
    for one in sums:
        states = ", ".join(f"{s['name']} {s['n']:,} ({s['share']:.1%})" for s in one["states"])
        took = f"; 用时 p50 {one['p50_s']:.1f} 秒, p99 {one['p99_s']:.1f} 秒" if one["p50_s"] is not None else ""
        console.print(f"{one['provider']}: {states}{took}")


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


def _alert_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text} 不是通知编号 (36 位, 如 {EXAMPLE}): 编号见 yibao notify inbox 或 yibao notify deliveries", 2)


def _print_deliveries(found: list[Json], wide: bool, of_one: bool = False) -> None:
    if wide:
        Console(width=max(console.width, alert_tables.WIDE), highlight=False).print(alert_tables.everything(found))
    else:
        console.print(alert_tables.deliveries(found, of_one))
