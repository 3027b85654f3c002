"""What readers of the live inbox have missed: the latest events out of memory, older ones out of the stream."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.notify.inbox.frame import Frame, frame_of
from services.notify.inbox.metrics import RESUMED
from services.notify.inbox.queries import Inboxes
from services.notify.inbox.repeats import Repeats
from services.notify.inbox.stretch import fetched
from services.notify.inbox.tail import STREAM

KEPT = 1_000  # events in memory, for those who were away for a moment
GAPS = 4  # readers at a time whom the stream is asked for
FURTHEST = 5_000  # events; who was away for longer looks at the inbox again, which is sooner done


class Past:
    """Everything behind sequence `oldest` is in memory."""

    def __init__(self, js: JetStreamContext, inboxes: Inboxes) -> None:
        self._js, self._inboxes = js, inboxes
        self._repeats = Repeats(js)
        self._latest: deque[Frame] = deque()
        self._gaps = asyncio.Semaphore(GAPS)
        self.oldest = 0

    def begin(self, oldest: int) -> None:
        self._latest.clear()
        self.oldest = oldest

    def keep(self, frame: Frame) -> None:
        self._latest.append(frame)
        if len(self._latest) > KEPT:
            self.oldest = self._latest.popleft().sequence

    async def frames(self, messages: Sequence[Msg]) -> list[Frame]:
        """What these messages say, each event once, with all audiences of its alert."""
        found = []
        for message in messages:
            place = message.metadata
            frame = frame_of(message.subject, place.sequence.stream, place.timestamp, message.data)
            if frame and not await self._repeats.has(frame):
                found.append(frame)
        return await self._addressed(found)

    async def _addressed(self, frames: list[Frame]) -> list[Frame]:
        """An event names one audience of its alert; what happened to it concerns all of them."""
        about = {f.alert for f in frames if f.name != "alert"}
        known = await self._inboxes.audiences(about) if about else {}
        return [
            replace(f, audiences=f.audiences | known[f.alert]) if f.name != "alert" and f.alert in known else f
            for f in frames
        ]

    async def is_elsewhere(self, after: int, position: int) -> bool:
        """Whether what follows on `after` is not told: it is too much, older than the stream, or of another stream."""
        if self.oldest <= after <= position:
            return False
        if position - after > FURTHEST:
            return True
        state = (await self._js.stream_info(STREAM)).state
        return not state.first_seq - 1 <= after <= state.last_seq

    async def between(self, after: int, until: int) -> AsyncIterator[Frame]:
        """The events behind `after`, up to `until`."""
        if after >= until:
            return
        if after < self.oldest:
            async for frame in self._out_of_the_stream(after, until):
                yield frame
            return
        for frame in list(self._latest):
            if after < frame.sequence <= until:
                yield frame

    async def _out_of_the_stream(self, after: int, until: int) -> AsyncIterator[Frame]:
        RESUMED.inc()
        while after < until:
            # The turn is over before anything is handed out: a reader may take long over it.
            async with self._gaps:
                messages = await fetched(self._js, after)
                frames = await self.frames(messages)
            for frame in frames:
                if frame.sequence <= until:
                    yield frame
            if not messages:
                return
            after = messages[-1].metadata.sequence.stream
