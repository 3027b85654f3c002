"""What the suite of the loop asks of a world, be it a fake or real servers, and how a loop is driven in it."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from chassis.errors import Unstorable
from chassis.loop import Loop, apart
from chassis.ports import Inbox, Outbox, Store
from chassis.store import Document
from contracts.channel import ChannelMessage
from contracts.envelope import Reply
from contracts.topology import durables_of
from tests.chassis.ledger import LEDGERS, Ledger
from tests.support.wait import until

DURABLES = {d.stream: d for d in durables_of("intake") if not d.part}


class Stored(NamedTuple):
    """A message in a stream."""

    subject: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = msgspec.json.decode(self.body)
        return event


class World(Protocol):
    """Streams, durable consumers and a collection of ledgers."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def store(self) -> Store[Ledger]: ...
    def inbox(self, stream: str) -> Inbox: ...
    async def put(self, subject: str, body: bytes, id_: str | None = None, reply_to: str | None = None) -> None: ...
    async def backlog(self) -> int: ...
    async def stream(self, name: str) -> list[Stored]: ...
    async def ledgers(self) -> dict[UUID, Document[Ledger]]: ...
    async def listen(self) -> str: ...
    async def replies(self, inbox: str, n: int) -> list[Reply]: ...


class Killed(BaseException):
    """The process is gone: no `except Exception` hands anything back."""


class Outage(Exception):
    """A server is out of reach."""


async def send(world: World, *messages: ChannelMessage) -> None:
    """As an adapter does, but without an id: whatever is sent arrives, be it the second time."""
    for message in messages:
        await world.put(f"channel.in.{message.channel}", message.model_dump_json().encode())


def loop_in(
    world: World, stream: str = "CHANNEL", *, outbox: Outbox | None = None, store: Store[Ledger] | None = None,
    checkpoint: Callable[[str], None] = lambda step: None,
) -> Loop[Ledger]:  # fmt: skip
    return Loop(
        DURABLES[stream].name, LEDGERS, store or world.store, world.inbox(stream), outbox or world.outbox,
        checkpoint=checkpoint,
    )  # fmt: skip


async def handle_next(world: World, loop: Loop[Ledger], most: int = 256, stream: str = "CHANNEL") -> None:
    """One batch; fails when nothing waits."""
    deadline = time.monotonic() + 10
    while not (deliveries := await world.inbox(stream).fetch(most, 0.25)):
        assert time.monotonic() < deadline, "nothing came"
    await loop.handle(deliveries)


async def settle(world: World, loop: Loop[Ledger] | None = None, most: int = 256, stream: str = "CHANNEL") -> None:
    """Batch after batch until nothing waits, as `Loop.run` does, without its pauses."""
    loop = loop or loop_in(world, stream)
    deadline = time.monotonic() + 20
    while await world.backlog():
        assert time.monotonic() < deadline, "the backlog does not go away"
        for batch in apart(await world.inbox(stream).fetch(most, 0.1)):
            with suppress(Outage, Unstorable):
                await loop.handle(batch)


async def idle(world: World) -> None:
    """Returns when the broker has heard of every acknowledgement; nobody fetches, so nothing comes again."""

    async def look() -> bool:
        return await world.backlog() == 0

    await until("everything is acknowledged", look, within_s=10)
