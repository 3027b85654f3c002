"""Another edition of the promises holds: every case with a clock that runs is told, through the log like all else."""

from datetime import UTC, datetime

from chassis.broker import NatsOutbox
from chassis.outgoing import Outgoing
from contracts.envelope import SYSTEM, derive_id
from contracts.sla import RebindClocks
from services.sla.book import Book
from services.sla.store import Clocks

BATCH = 500


async def rebind(clocks: Clocks, outbox: NatsOutbox, book: Book) -> int:
    """Tell the cases whose clocks still go by another edition; returns how many. Telling twice does no harm."""
    told, number, version = 0, len(book.editions), book.version
    async for ids in clocks.elsewhere(version, BATCH):
        now = datetime.now(UTC)
        commands = [
            RebindClocks(id=derive_id("rebind", id_, number), occurred_at=now, actor=SYSTEM, case_id=id_, book=version)
            for id_ in ids
        ]
        await outbox.publish([Outgoing(c.type, c.model_dump_json().encode(), str(c.id)) for c in commands])
        told += len(ids)
    return told
