"""Counts how often articles are opened: in memory, and now and then one command for each that was.

The first time it is said within half a minute, and while an article goes on being opened once an hour: each command
makes its document larger, for good. What was counted since is lost in a crash; nothing is counted twice, for a command
that may have been stored is sent again as it is until it surely was.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final
from uuid import UUID, uuid4

from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from contracts.knowledge_work import CountViews

EVERY_S: Final = 30.0
HOLD_S: Final = 3_600.0


class Views:
    def __init__(self, outbox: NatsOutbox, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbox, self._clock = outbox, clock
        self._counted = Counter[UUID]()
        self._held: dict[UUID, float] = {}  # until when
        self._sending: list[CountViews] = []

    def add(self, article_id: UUID) -> None:
        self._counted[article_id] += 1

    async def flush(self) -> None:
        """Raises NatsError when the log does not take it: the next time it is sent again."""
        if not self._sending:
            facts = {"occurred_at": now(), "actor": SYSTEM}
            self._sending = [CountViews(id=uuid4(), article_id=i, views=n, **facts) for i, n in self._due().items()]
        await self._outbox.publish([from_command(command) for command in self._sending])
        self._sending = []

    def _due(self) -> dict[UUID, int]:
        """Takes out what is not held back any more, and holds it back from now on."""
        at = self._clock()
        self._held = {id_: until for id_, until in self._held.items() if until > at}
        due = {id_: self._counted.pop(id_) for id_ in self._counted.keys() - self._held.keys()}
        self._held |= dict.fromkeys(due, at + HOLD_S)
        return due
