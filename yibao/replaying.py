"""What the desk's streams and editions tell, read without its services: for counting anew and for what-if."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import nats

from chassis.store import connect
from services.sla.book import Book
from services.sla.editions import Editions
from services.sla.model import CaseClocks
from services.sla.replayed import replayed
from yibao.settings import StackSettings


class Told(NamedTuple):
    """Cases with their facts, and every edition of the promises."""

    cases: dict[UUID, CaseClocks]
    book: Book


async def told(settings: StackSettings, progress: Callable[[str, int], None]) -> Told:
    """Read both. Raises LookupError when sla has not begun an edition yet."""
    client, mongo = await nats.connect(settings.nats_url, connect_timeout=2, allow_reconnect=False), None
    try:
        mongo = connect(settings.mongo_url)
        if not (editions := await Editions(mongo[settings.mongo_db]).after(0)):
            raise LookupError("还没有时限政策的记录: 请先运行 make up")
        cases = await replayed(client.jetstream(timeout=10), lambda n: progress("读取事件流", n))
        return Told(cases, Book(editions))
    finally:
        await client.close()
        if mongo is not None:
            await mongo.close()
