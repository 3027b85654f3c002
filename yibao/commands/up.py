"""`yibao up`: the whole desk on this machine, until Ctrl-C. It stays as long as the desk does, and loads little."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import typer

from yibao.embedded import shown
from yibao.problems import Problem
from yibao.services import SERVICES
from yibao.settings import StackSettings
from yibao.stack import aside, running_stack


def up() -> None:
    """启动整套服务台: 内置 nats-server 与 mongod, 全部服务; Ctrl-C 停止。

    设 YIBAO_NATS_URL 或 YIBAO_MONGO_URL 则使用外部服务器。数据在 .yibao/ (YIBAO_DATA_DIR)。
    """
    try:
        asyncio.run(_up(StackSettings()))
    except Problem as problem:
        typer.secho(str(problem), fg="red")
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
    typer.echo("正在启动医保服务台 …")
    try:
        async with running_stack(settings, typer.echo):
            is_ready = True
            typer.echo("\n".join(_addresses(settings, time.monotonic() - started)))
            if first := await aside(settings.located(), "yibao.keeping"):
                typer.secho(first, bold=True)
            typer.echo("Ctrl-C 停止; 另开终端: make demo")
            await stop.wait()
            typer.echo("正在停止 …")
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    typer.echo("已停止。")


def _addresses(settings: StackSettings, took_s: float) -> Iterator[str]:
    located = settings.located()
    yield f"医保服务台已就绪 ({took_s:.1f} 秒, 进程 {os.getpid()})"
    for entry in SERVICES:
        page = "" if entry.name == "console" else "/docs"
        yield _line(entry.name, settings.url(entry.name) + page, entry.purpose)
    yield _line("nats", shown(located.nats_url), "外部" if settings.external_nats else "内置, JetStream")
    yield _line("mongo", shown(located.mongo_url), "外部" if settings.external_mongo else "内置, 副本集 rs0")
    yield f"网页表单: POST {settings.url('intake')}/channels/web/messages (字段 text, contact, files)"


def _line(name: str, address: str, what: str) -> str:
    return f"  {name:10} {address:30} {what}"
