"""Tells `sla` how far the settlement lists are, after a data set of setl_list_upload was registered.

What counts for the deadline is when it is told, not the day that a file claims: nobody can report backwards.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from nats.js import JetStreamContext
from pydantic import ValidationError

from chassis.outgoing import Outgoing, from_command
from chassis.replay import replay
from contracts.obligation import ObligationEvent, ObligationOpened, ObligationRescheduled
from services.stats.lists.counts import Count
from services.stats.lists.occurrences import commands, occurrences, unowed

Publish = Callable[[Sequence[Outgoing]], Awaitable[None]]
_MODELS: dict[str, type[ObligationEvent]] = {
    "obligation.opened": ObligationOpened, "obligation.rescheduled": ObligationRescheduled,
}  # fmt: skip


class Fed(msgspec.Struct, frozen=True):
    """How many items were told, and institutions whose lists are nobody's duty in that month."""

    items: int
    unowed: tuple[str, ...]


async def feed(js: JetStreamContext, publish: Publish, counts: Sequence[Count], now: datetime) -> Fed:
    """Say one command for each occurrence of the duty that these counts are about; `publish` is the outbox's.

    Said again, it changes nothing: the commands have the same ids.
    """
    if not counts:
        return Fed(0, ())
    known = occurrences([event async for event in _told(js)])
    said = list(commands(known, counts, now))
    if said:
        await publish([from_command(command) for command in said])
    return Fed(sum(len(command.items) for command in said), unowed(known, counts))


async def _told(js: JetStreamContext) -> AsyncIterator[ObligationEvent]:
    async for stored in replay(js, "OBLIGATION", tuple(_MODELS)):
        try:
            yield _MODELS[stored.subject].model_validate_json(stored.body)
        except ValidationError:
            continue  # of another version of the desk
