"""What is of the whole: hospitals, and officers with districts, see their own results only."""

from chassis.access import Connection
from chassis.errors import NotFound
from services.stats.viewing import viewer_of


def staff_only(connection: Connection, _: object) -> None:
    """A guard: others are told so before anything that they have sent is read."""
    if not viewer_of(connection).is_staff:
        raise NotFound("not_found", "没有这个地址: 只有服务台工程师和全市范围的医保中心人员可以使用, 请联系服务台")
