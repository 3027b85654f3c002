"""`yibao run <service>`: one service in this process."""

from typing import Annotated

import typer

from yibao.services import SERVICES


def run(service: Annotated[str, typer.Argument(help="intake, sla, stats, notify 或 knowledge")]) -> None:
    """运行一个服务 (需要已启动并已 provision 的 NATS 与 MongoDB)。"""
    if service not in (e.name for e in SERVICES):
        raise typer.BadParameter(f"没有服务 {service}: 可选 {', '.join(e.name for e in SERVICES)}")
    # Here and not above: HTTP and its libraries, 7 MB that no other command needs.
    from yibao.serve import serve_service

    serve_service(service)
