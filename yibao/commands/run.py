"""`yibao run <service>`: one service in this process."""

from typing import Annotated

import typer

from chassis.http import serve
from chassis.logging import configure
from yibao.services import SERVICES
from yibao.settings import StackSettings


def run(service: Annotated[str, typer.Argument(help="intake, sla, stats, notify 或 knowledge")]) -> None:
    """运行一个服务 (需要已启动并已 provision 的 NATS 与 MongoDB)。"""
    entry = next((e for e in SERVICES if e.name == service), None)
    if entry is None:
        raise typer.BadParameter(f"没有服务 {service}: 可选 {', '.join(e.name for e in SERVICES)}")
    settings = StackSettings().located()
    configure(settings, service)
    serve(entry.app(settings), settings, settings.port(service))
