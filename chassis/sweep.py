"""The safety sweep: timers are messages and do fire; this looks for any that did not, fires and counts them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from chassis.broker import NatsOutbox
from chassis.logging import logger
from chassis.outgoing import Outgoing, Timer
from chassis.service import Service
from chassis.store import Document, Repository

AT_ONCE = 5_000  # a broker that has lost all of its timers is made up for at 500 a second

log = logger(__name__)
S = TypeVar("S", bound=msgspec.Struct)


def watch(
    service: Service, part: str, documents: Repository[S], timers: Callable[[S], Sequence[Timer]],
    caught: Callable[[int], None], every_s: float, grace_s: float,
) -> None:  # fmt: skip
    """Sweep again and again, beside the loop; `caught` is told how many timers there were each time."""

    async def look() -> None:
        caught(await sweep(documents, timers, service.outbox, grace_s))

    service.every(every_s, part, look)


async def sweep(
    documents: Repository[S], timers: Callable[[S], Sequence[Timer]], outbox: NatsOutbox, grace_s: float
) -> int:
    """Fire what is over `grace_s` late and still waits; returns how many. It goes through the log like a timer."""
    before = datetime.now(UTC) - timedelta(seconds=grace_s)
    found = await overdue(documents, before)
    late = [timer for d in found if d.state is not None for timer in timers(d.state) if timer.at < before]
    await outbox.publish([Outgoing(f"due.{t.service}", t.body.model_dump_json().encode()) for t in late])
    if late:
        log.warning("the sweep caught timers that did not fire", timers=len(late))
    return len(late)


async def overdue(documents: Repository[S], before: datetime, limit: int = AT_ONCE) -> list[Document[S]]:
    """Those that should have been woken before `before`, the latest ones last."""
    query = {"state.next_at": {"$type": "date", "$lt": before}}
    return await documents.read(query, limit=limit, sort=[("state.next_at", 1)])
