"""`yibao up`: the whole desk on this machine, until Ctrl-C."""

import asyncio
import os
import signal
import time

import typer
from rich.console import Console
from rich.table import Table

from yibao.embedded import shown
from yibao.problems import Problem
from yibao.services import SERVICES
from yibao.settings import StackSettings
from yibao.stack import running_stack

console = Console()


def up() -> None:
    """启动整套服务台: 内置 nats-server 与 mongod, 全部服务; Ctrl-C 停止。

    设 YIBAO_NATS_URL 或 YIBAO_MONGO_URL 则使用外部服务器。数据在 .yibao/ (YIBAO_DATA_DIR)。
    """
    try:
        asyncio.run(_up(StackSettings()))
    except Problem as problem:
        console.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


async def _up(settings: StackSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    starting = asyncio.current_task()
    assert starting is not None

    def asked_to_stop() -> None:
        stop.set()
        if not is_ready:
            starting.cancel()

    is_ready = False
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, asked_to_stop)
    started = time.monotonic()
    console.print("正在启动医保服务台 …")
    try:
        async with running_stack(settings, console.print):
            is_ready = True
            console.print(_table(settings, time.monotonic() - started))
            # Below and not in the table, whose columns would cut it on a narrow terminal.
            form = f"网页表单: POST {settings.url('intake')}/channels/web/messages (字段 text, contact, files)"
            console.print(form, markup=False, soft_wrap=True)
            await stop.wait()
            console.print("正在停止 …")
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    console.print("已停止。")


def _table(settings: StackSettings, took_s: float) -> Table:
    located = settings.located()
    table = Table(
        title=f"医保服务台已就绪 ({took_s:.1f} 秒, 进程 {os.getpid()})", caption="Ctrl-C 停止; 另开终端: make demo"
    )
    for column in ("服务", "接口文档或地址", "说明"):
        table.add_column(column, overflow="fold")
    for entry in SERVICES:
        table.add_row(entry.name, f"{settings.url(entry.name)}/docs", entry.purpose)
    table.add_row("nats", shown(located.nats_url), "外部" if settings.external_nats else "内置, JetStream")
    table.add_row(
        "mongo",
        shown(located.mongo_url),
        "外部" if settings.external_mongo else "内置, 副本集 rs0",
    )
    return table
