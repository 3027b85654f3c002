"""One batch on its way through the loop: what it said, whom it answers, what is left to acknowledge."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from chassis import metrics
from chassis.errors import Refused
from chassis.message import Delivery, Message
from chassis.outgoing import Outgoing
from chassis.store import Document
from contracts.envelope import Event, Reply

S = TypeVar("S", bound=msgspec.Struct)
Pair = tuple[Message, Document[S]]


class Batch(Generic[S]):
    """Filled by the rounds of folding, emptied by publishing and acknowledging."""

    def __init__(self, deliveries: Sequence[Delivery], now: datetime, started: float) -> None:
        self.deliveries, self.now, self._started = deliveries, now, started
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.holds: set[UUID] = set()
        self.outgoing: list[Outgoing] = []
        self.said: list[Event] = []
        self._handled: list[Pair[S]] = []
        self._repeated: list[Pair[S]] = []
        self._refused: list[tuple[Message, Refused]] = []
        self.begin_round()

    def begin_round(self) -> None:
        self.round_folded: list[Pair[S]] = []
        self.round_repeated: list[Pair[S]] = []
        self.round_refused: list[tuple[Message, Document[S], Refused]] = []
        self.later: list[Message] = []

    def known(self, message: Message, document: Document[S]) -> None:
        """A cause that is stored already is said again; one of this very batch is simply done."""
        stored = message.cause_id not in document.new_causes
        (self.round_repeated if stored else self.round_folded).append((message, document))

    def refuse(self, message: Message, document: Document[S], error: Refused) -> None:
        self.round_refused.append((message, document, error))

    def say(self, document: Document[S], timers: Sequence[Outgoing]) -> None:
        for words, body in document.said:
            if isinstance(words, Event):
                self.said.append(words)
            self.outgoing.append(Outgoing(words.type, body, str(words.id)))
        self.outgoing.extend(timers)

    def end_round(self, lost: set[UUID]) -> list[Message]:
        """Keep what is done; returns what must be located anew."""
        self._repeated += self.round_repeated
        self._handled += [(m, d) for m, d in self.round_folded if d.id not in lost]
        # A refusal that rests on a state which was not saved is no refusal yet.
        self._refused += [(m, error) for m, d, error in self.round_refused if d.id not in lost]
        undecided = [m for m, d, _ in self.round_refused if d.id in lost]
        return [m for m, d in self.round_folded if d.id in lost] + undecided + self.later

    def replies(self) -> Iterator[tuple[str, Reply]]:
        """Reply inbox and outcome of every command that waits for one."""
        for message, document in (*self._handled, *self._repeated):
            if inbox := message.reply_to:
                yield (
                    inbox,
                    Reply(
                        command_id=message.cause_id,
                        ok=True,
                        aggregate_id=str(document.id),
                        version=document.version,
                        code=message.answer,
                    ),
                )
        for message, error in self._refused:
            if inbox := message.reply_to:
                yield inbox, Reply(command_id=message.cause_id, ok=False, code=error.code, message=str(error))

    def finished(self) -> Iterator[Message]:
        for message, _ in (*self._handled, *self._repeated):
            yield message
        for message, _ in self._refused:
            yield message

    def count(self, loop: str) -> None:
        """Tell the metrics."""
        for outcome, n in (
            ("handled", len(self._handled)), ("repeated", len(self._repeated)), ("refused", len(self._refused)),
        ):  # fmt: skip
            metrics.MESSAGES.labels(loop, outcome).inc(n)
        metrics.BATCH.labels(loop).observe(len(self.deliveries))
        metrics.HANDLING.labels(loop).observe(time.perf_counter() - self._started)
