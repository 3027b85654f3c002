"""What the loop stands between: an inbox, an outbox, a store and a service's aggregate; real ones and fakes."""

from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from chassis.message import Delivery, Message, Moment
from chassis.outgoing import Outgoing, Timer
from chassis.store import Document
from contracts.envelope import Command, Event

S = TypeVar("S", bound=msgspec.Struct)


class Inbox(Protocol):
    async def fetch(self, most: int, wait_s: float) -> Sequence[Delivery]: ...
    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None: ...


class Outbox(Protocol):
    async def publish(self, outgoing: Sequence[Outgoing]) -> None: ...
    async def reply(self, inbox: str, body: bytes) -> None: ...


class Store(Protocol[S]):
    async def locate(self, messages: Sequence[Message]) -> list[Document[S]]: ...
    async def save(self, documents: Sequence[Document[S]]) -> set[UUID]: ...
    async def history(self, id_: UUID) -> list[str] | None: ...


class Aggregate(Protocol[S]):
    """What a service supplies: the pure fold, the timers that follow from a state, and what metrics see.

    `again` may refuse (Unacceptable) a known cause that comes back with other content.
    """

    def fold(self, state: S | None, moment: Moment) -> tuple[S, Sequence[Event | Command]]: ...
    def again(self, state: S, message: Message) -> None: ...
    def timers(self, state: S) -> Sequence[Timer]: ...
    def said(self, event: Event) -> None: ...
