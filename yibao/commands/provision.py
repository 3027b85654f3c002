"""`yibao provision`: streams, durables and indexes as the code says."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from yibao.passwords import made, written
from yibao.preparing import mongo_ready, nats_ready
from yibao.preparing import provision as provision_all
from yibao.problems import Problem
from yibao.settings import StackSettings


def provision(
    users: Annotated[
        Path | None,
        typer.Option(help="只在此目录写出消息服务器的用户 (users.conf) 与各自的连接环境 (<用户>.env)", file_okay=False),
    ] = None,
) -> None:
    """创建或更新 JetStream 的流与消费者, 以及 MongoDB 的索引; 可反复运行。"""
    if users is not None:
        users.mkdir(parents=True, exist_ok=True)
        for path in written(users, made(StackSettings().data_dir)):
            typer.echo(path)
        return
    try:
        asyncio.run(_provision(StackSettings().located()))
    except Problem as problem:
        typer.secho(str(problem), fg="red", err=True)
        raise typer.Exit(1) from None


async def _provision(settings: StackSettings) -> None:
    await nats_ready(settings)
    await mongo_ready(settings.mongo_url)
    for line in await provision_all(settings):
        typer.echo(line)
