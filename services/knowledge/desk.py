"""What only the desk's engineers may do: everybody else is told that it is not there."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from chassis.asking import AnyRequest
from chassis.errors import NotFound
from chassis.http import actor_of
from contracts.envelope import Actor
from services.knowledge.audience import viewer_of


def engineer_of(request: AnyRequest) -> Actor:
    """Who asks. Raises NotFound for readers of other kinds, and 401 where nobody is named."""
    if not viewer_of(request).is_engineer:
        raise NotFound("not_found", "没有这个地址: 只有服务台工程师可以使用, 请联系服务台")
    return actor_of(request)


def engineers_only(connection: ASGIConnection[Any, Any, Any, Any], _: object) -> None:
    """A guard: others are told so before anything that they have sent is read."""
    engineer_of(Request(connection.scope))
