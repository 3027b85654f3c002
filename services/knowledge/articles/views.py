"""Counts how often articles are opened: in memory, and every half minute one command for each that was.

What was counted since is lost in a crash; nothing is counted twice, for a command that may have been stored is sent
again as it is until it surely was.
"""

from collections import Counter
from uuid import UUID, uuid4

from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from contracts.knowledge_work import CountViews

EVERY_S = 30.0


class Views:
    def __init__(self, outbox: NatsOutbox) -> None:
        self._outbox = outbox
        self._counted = Counter[UUID]()
        self._sending: list[CountViews] = []

    def add(self, article_id: UUID) -> None:
        self._counted[article_id] += 1

    async def flush(self) -> None:
        """Raises NatsError when the log does not take it: the next time it is sent again."""
        if not self._sending:
            counted, self._counted = self._counted, Counter[UUID]()
            facts = {"occurred_at": now(), "actor": SYSTEM}
            self._sending = [CountViews(id=uuid4(), article_id=i, views=n, **facts) for i, n in counted.items()]
        await self._outbox.publish([from_command(command) for command in self._sending])
        self._sending = []
