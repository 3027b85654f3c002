"""`yibao provision`: streams, durables and indexes as the code says."""

import asyncio

import typer

from yibao.embedded import mongo_ready, nats_ready
from yibao.problems import Problem
from yibao.settings import StackSettings
from yibao.stack import provision as provision_all


def provision() -> None:
    """创建或更新 JetStream 的流与消费者, 以及 MongoDB 的索引; 可反复运行。"""
    try:
        asyncio.run(_provision(StackSettings().located()))
    except Problem as problem:
        typer.secho(str(problem), fg="red", err=True)
        raise typer.Exit(1) from None


async def _provision(settings: StackSettings) -> None:
    await nats_ready(settings.nats_url)
    await mongo_ready(settings.mongo_url)
    for line in await provision_all(settings):
        typer.echo(line)
