"""A service's aggregate with the parts that most services leave as they are."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from chassis.message import Message, Moment
from chassis.outgoing import Timer
from contracts.envelope import Command, Event

S = TypeVar("S", bound=msgspec.Struct)

Fold = Callable[[S | None, Moment], tuple[S, Sequence[Event | Command]]]


class Folded(Generic[S]):
    """An aggregate made of a fold; `said` hears every event once, for metrics."""

    def __init__(
        self,
        fold: Fold[S],
        *,
        timers: Callable[[S], Sequence[Timer]] = lambda state: (),
        again: Callable[[S, Message], None] = lambda state, message: None,
        said: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self.fold, self.timers, self.again, self.said = fold, timers, again, said
