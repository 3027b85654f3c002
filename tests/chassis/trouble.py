"""Trouble to put between a loop and its world: a kill, a rival, an outage; and an ear at the outbox."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from chassis.errors import Unstorable
from chassis.message import Message
from chassis.outgoing import Outgoing
from chassis.ports import Outbox, Store
from chassis.store import Document
from tests.chassis.ledger import Ledger
from tests.chassis.world import Killed, Outage


def kill_at(step: str) -> Callable[[str], None]:
    """A checkpoint at which the process is gone."""

    def checkpoint(reached: str) -> None:
        if reached == step:
            raise Killed(step)

    return checkpoint


class Heard:
    """An outbox that remembers what went through it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.out: list[Outgoing] = []

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        self.out.extend(outgoing)
        await self._outbox.publish(outgoing)

    async def reply(self, inbox: str, body: bytes) -> None:
        await self._outbox.reply(inbox, body)


class KilledHalfway(Heard):
    """The process is gone when `n` messages of a publish are stored, one by one."""

    def __init__(self, outbox: Outbox, n: int) -> None:
        super().__init__(outbox)
        self._n = n

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        for out in outgoing[: self._n]:
            await super().publish([out])
        raise Killed(f"after {self._n} messages")


class _Between:
    def __init__(self, store: Store[Ledger]) -> None:
        self._store = store

    async def locate(self, messages: Sequence[Message]) -> list[Document[Ledger]]:
        return await self._store.locate(messages)

    async def save(self, documents: Sequence[Document[Ledger]]) -> set[UUID]:
        return await self._store.save(documents)

    async def history(self, id_: UUID) -> list[str] | None:
        return await self._store.history(id_)


class Overtaken(_Between):
    """Between loading and writing, `rival` writes; `times` times."""

    def __init__(self, store: Store[Ledger], rival: Callable[[], Awaitable[None]], times: int = 1) -> None:
        super().__init__(store)
        self._rival, self._times = rival, times

    async def locate(self, messages: Sequence[Message]) -> list[Document[Ledger]]:
        documents = await super().locate(messages)
        if self._times:
            self._times -= 1
            await self._rival()
        return documents


class Unreachable(_Between):
    """The store is out of reach for the first write."""

    out = True

    async def save(self, documents: Sequence[Document[Ledger]]) -> set[UUID]:
        if self.out:
            self.out = False
            raise Outage
        return await super().save(documents)


class Narrow(_Between):
    """Takes documents up to so many characters, as MongoDB takes them up to 16 MB."""

    MOST = 100

    async def save(self, documents: Sequence[Document[Ledger]]) -> set[UUID]:
        if any(d.state and len("".join(d.state.heard)) > self.MOST for d in documents):
            raise Unstorable
        return await super().save(documents)
