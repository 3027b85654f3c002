"""Another edition of the promises holds: every case with a clock that runs is told, through the log like all else."""

from datetime import UTC, datetime

from chassis.broker import NatsOutbox
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM, derive_id
from contracts.sla import RebindClocks
from services.sla import metrics
from services.sla.book import Book
from services.sla.keeper import Keeper
from services.sla.store import Clocks

BATCH = 500


class Rebinder:
    """Reads the promises that others began, and tells the cases; `_done` is the edition that all clocks go by."""

    def __init__(self, clocks: Clocks, outbox: NatsOutbox, keeper: Keeper) -> None:
        self._clocks, self._outbox, self._keeper = clocks, outbox, keeper
        self._done = 0

    async def keep_up(self) -> None:
        await self._keeper.refresh()
        book = self._keeper.book
        if self._done != (number := len(book.editions)):
            told = await rebind(self._clocks, self._outbox, book)
            metrics.REBOUND.inc(told)
            self._done = 0 if told else number  # asked again until no case is left to tell
        metrics.holidays(book, datetime.now(UTC))


async def rebind(clocks: Clocks, outbox: NatsOutbox, book: Book) -> int:
    """Tell the cases whose clocks still go by another edition; returns how many. Telling twice does no harm."""
    told, number, version = 0, len(book.editions), book.version
    async for ids in clocks.elsewhere(version, book.editions[-1].since, BATCH):
        now = datetime.now(UTC)
        commands = [
            RebindClocks(id=derive_id("rebind", id_, number), occurred_at=now, actor=SYSTEM, case_id=id_, book=version)
            for id_ in ids
        ]
        await outbox.publish(list(map(from_command, commands)))
        told += len(ids)
    return told
