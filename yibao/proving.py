"""`yibao notify export` and `verify`: the proof of delivery as a file, and whether it still tells what happened."""

from pathlib import Path
from typing import Annotated

import typer

from services.notify.proof.reading import Unreadable, read
from services.notify.proof.witness import COMPARED
from yibao.asking import asking, console, fail, given, saved
from yibao.notifying import desk_key, run, witnessed

MOST_SHOWN = 200


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
    with asking("notify") as http:
        try:
            size = saved(http, "/deliveries/export", file, given(wanted))
        except OSError as error:
            fail(f"{file} 存不下来: {error.strerror}", 2)
    console.print(f"已导出 {file} ({size:,} 字节); 核对: yibao notify verify {file}")


def verify(file: Annotated[Path, typer.Argument(help="导出的送达证明", exists=True, dir_okay=False)]) -> None:
    """核对送达证明: 校验值, 以及逐行与事件流比对。不一致时退出码为 1。"""
    try:
        proof = read(file, desk_key())
    except Unreadable as error:
        fail(str(error), 2)
    found = run(lambda: witnessed(proof))
    for why in found[:MOST_SHOWN]:
        console.print(why, style="red")
    if (more := len(found) - MOST_SHOWN) > 0:
        console.print(f"……另有 {more} 处", style="red")
    if not proof.intact:
        console.print("校验值不符: 文件在导出之后被改动过, 或不是由使用同一密钥的服务台导出", style="red")
    if found or not proof.intact:
        raise typer.Exit(1)
    console.print(f"未发现改动: {len(proof.lines):,} 个投递, 校验值相符。")
    console.print(f"已送达的投递与事件流逐条一致, 比对的列: {COMPARED}。")
    console.print("待发、发送中、未发送的投递只核对所属通知, 不证明送达; 详见 docs/proof-of-delivery.md。")
