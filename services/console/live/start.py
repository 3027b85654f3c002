"""The hub of this process."""

from chassis.service import Service
from services.console.live.hub import Hub
from services.console.metrics import READERS


async def start_live(service: Service) -> None:
    """Returns when it hears."""
    hub = service.state["live"] = Hub(service.nc)
    READERS.set_function(lambda: len(hub.readers))
    await hub.start()
