"""A pure fold, driven as the loop drives it, without the loop: aggregates in memory, each cause folded once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from chassis.aggregate import Fold
from chassis.errors import Full, Unacceptable
from chassis.message import Message, Moment, decode
from chassis.store import Document
from contracts.channel import ChannelMessage
from contracts.envelope import Command, Contract, Event
from contracts.notify import AlertDue
from contracts.obligation import ObligationDue
from tests.support.make import NOON

S = TypeVar("S", bound=msgspec.Struct)
C = TypeVar("C", bound=Contract)


class Delivered:
    """One delivery of `body` on `subject`."""

    headers: Mapping[str, str] = {}
    deliveries = sequence = 1

    def __init__(self, subject: str, data: bytes) -> None:
        self.subject, self.data = subject, data

    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None: ...


def heard(body: Contract, now: datetime = NOON) -> Message:
    """`body` as a service hears it: through JSON, by the contract of its subject."""
    match body:
        case ChannelMessage():
            subject = f"channel.in.{body.channel}"
        case Event() | Command():
            subject = body.type
        case ObligationDue():
            subject = "due.obligation"
        case AlertDue():
            subject = "due.notify"
        case _:
            subject = "due.sla"
    return decode(Delivered(subject, body.model_dump_json().encode()), now)


class Folder(Generic[S]):
    """`locate` names the aggregate of a message; `again` judges a known cause that comes back."""

    def __init__(
        self,
        fold: Fold[S],
        locate: Callable[["Folder[S]", Message], UUID | Document[S]],
        again: Callable[[S, Message], None] = lambda state, message: None,
    ) -> None:
        self._fold, self._locate, self._again = fold, locate, again
        self.documents: dict[UUID, Document[S]] = {}
        self.refused: list[Contract] = []
        self.now = NOON

    def hear(self, *bodies: Contract, now: datetime = NOON) -> list[Event]:
        """Fold these in order; what was said. What contradicts a known cause is put aside in `refused`."""
        return [event for body in bodies for event in self._hear(heard(body, now), now)]

    def _hear(self, message: Message, now: datetime) -> Sequence[Event]:
        for _ in range(2):  # a full aggregate sends its message to the next one
            self.now = now
            found = self._locate(self, message)
            document = found if isinstance(found, Document) else self.documents.get(found) or Document(found)
            id_ = document.id
            if message.cause_id in document.causes:
                return self._known(document, message)
            try:
                moment = Moment(now, message, id_, document.version)
                state, said = self._fold(document.state, moment)
            except Full:
                continue
            if said or state is not document.state:
                document.take(message.cause_id, state, said, moment.asides)
            self.documents[id_] = document
            followed = [e for words in said if isinstance(words, Command) for e in self._hear(heard(words, now), now)]
            return [words for words in said if isinstance(words, Event)] + followed
        raise AssertionError("full twice")

    def _known(self, document: Document[S], message: Message) -> Sequence[Event]:
        assert document.state is not None
        try:
            self._again(document.state, message)
        except Unacceptable:
            self.refused.append(message.body)
        return ()

    @property
    def states(self) -> dict[UUID, S]:
        return {i: d.state for i, d in self.documents.items() if d.state is not None}

    @property
    def said(self) -> list[Event]:
        return [words for d in self.documents.values() for words, _ in d.said if isinstance(words, Event)]


def shuffled(bodies: Sequence[C], extra: int = 5) -> st.SearchStrategy[list[C]]:
    """All of `bodies` in any order, some of them again."""
    again = st.lists(st.sampled_from(bodies), max_size=extra)
    return again.flatmap(lambda twice: st.permutations([*bodies, *twice]))


def well_said(events: Sequence[Event], of: Callable[[Event], object], gaps: bool = False) -> None:
    """Every event has an id of its own; the versions of one aggregate rise, without a gap where none is silent."""
    assert len({e.id for e in events}) == len(events)
    versions: dict[object, list[int]] = {}
    for event in events:
        versions.setdefault(of(event), []).append(event.version)
    for numbers in versions.values():
        assert sorted(set(numbers)) == numbers
        assert gaps or numbers == list(range(1, len(numbers) + 1))
