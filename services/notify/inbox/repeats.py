"""Whether the stream has an event for the second time.

What is said again after the broker's window of duplicates is stored again, under the same id. Only an event that was
stored long after it was recorded can be such a repetition, and only then the stream is asked for the first one: so
nothing has to be remembered over a restart.
"""

from collections import OrderedDict
from datetime import timedelta
from uuid import UUID

from nats.js import JetStreamContext

from services.notify.inbox.frame import Frame, frame_of
from services.notify.inbox.stretch import fetched

SOON = timedelta(seconds=60)  # half of the window: clocks of two machines differ a little
REMEMBERED = 20_000


class Repeats:
    """Remembers where events stood first; asks the stream about those that came late."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js
        self._first: OrderedDict[UUID, int] = OrderedDict()

    async def has(self, frame: Frame) -> bool:
        """Whether the same event stands earlier in the stream. Raises NatsError or TimeoutError."""
        first = self._first.get(frame.id)
        if first is None:
            late = frame.stored_at - frame.recorded_at > SOON
            first = await self._look(frame) if late else frame.sequence
            self._first[frame.id] = first
            if len(self._first) > REMEMBERED:
                self._first.popitem(last=False)
        return first < frame.sequence

    async def _look(self, frame: Frame) -> int:
        """The sequence at which the event stands first."""
        messages = await fetched(self._js, since=frame.recorded_at - 2 * SOON)
        while messages:
            for message in messages:
                place = message.metadata
                said = frame_of(message.subject, place.sequence.stream, place.timestamp, message.data)
                if (said and said.id == frame.id) or place.sequence.stream >= frame.sequence:
                    return place.sequence.stream
            messages = await fetched(self._js, messages[-1].metadata.sequence.stream)
        return frame.sequence
