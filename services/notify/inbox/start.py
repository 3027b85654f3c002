"""The inbox, put together: what follows the stream, what counts, and its routes."""

from typing import Final

from litestar.types import ControllerRouterHandler

from chassis.service import Service
from services.notify.inbox.api import InboxController, acknowledge, read
from services.notify.inbox.counting import count_unread
from services.notify.inbox.live import Hub
from services.notify.inbox.push_key import push_key
from services.notify.inbox.queries import Inboxes

ROUTES: Final[list[ControllerRouterHandler]] = [InboxController, read, acknowledge, push_key]


async def start_inbox(service: Service) -> None:
    """Returns when the live inbox has heard what was stored before."""
    inboxes = service.state["inboxes"] = Inboxes(service.db)
    hub = service.state["live"] = Hub(service.nc, service.js, inboxes)
    service.background("live inbox", hub.run())
    service.background("unread counts", count_unread(hub, inboxes))
    service.health.add("inbox", hub.check)
    await hub.caught_up()
