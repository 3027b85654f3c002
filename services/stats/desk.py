"""What only staff of the desk and of the centre may do: hospitals and districts see their own results only."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from chassis.errors import NotFound
from services.stats.viewing import viewer_of


def staff_only(connection: ASGIConnection[Any, Any, Any, Any], _: object) -> None:
    """A guard: others are told so before anything that they have sent is read."""
    if not viewer_of(Request(connection.scope)).is_staff:
        raise NotFound("not_found", "没有这个地址: 只有服务台工程师和医保中心人员可以使用, 请联系服务台")
