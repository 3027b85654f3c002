"""The desk's own servers, for commands that read them without its services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from nats.js import JetStreamContext
from pymongo.asynchronous.database import AsyncDatabase

from chassis.broker import dial
from chassis.store import connect
from yibao.settings import StackSettings


class Servers(NamedTuple):
    """The broker's streams and the services' database."""

    js: JetStreamContext
    db: AsyncDatabase[dict[str, Any]]


@asynccontextmanager
async def servers(settings: StackSettings) -> AsyncIterator[Servers]:
    """Both, as long as they are needed. Raises what the libraries raise where one of them is out of reach."""
    client = await dial(settings, connect_timeout=2, allow_reconnect=False)
    try:
        async with connect(settings.mongo_url) as mongo:
            yield Servers(client.jetstream(timeout=10), mongo[settings.mongo_db])
    finally:
        await client.close()
