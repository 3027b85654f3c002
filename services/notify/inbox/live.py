"""The inbox, live: one follower per process hears the NOTIFY stream and hands each event to all who read.

A reader resumes by the sequence of the last event that they got: out of the latest events in memory, else out of the
stream. What a slow reader does not take is not kept for long: they are cut off, and resume when they come again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from chassis.follow import Behind
from chassis.logging import logger
from services.notify.inbox.frame import Frame, Wish, comment, frame_of, text_of
from services.notify.inbox.queries import Inboxes
from services.notify.inbox.repeats import Repeats
from services.notify.inbox.tail import STREAM, tail

KEEP_ALIVE_S = 15.0
KEPT = 1_000  # events in memory, for those who were away for a moment
WAITING = 500  # events that a reader may be behind
STALLED_S = 10.0
GAPS = 4  # readers at a time whom the stream is read for
PAUSE_S = 0.2

log = logger(__name__)


class Reader:
    """One connection. `lost` once it has been cut off; `counts` is the latest of them, not the whole row."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.waiting: deque[Frame] = deque()
        self.counts = b""
        self.lost = False
        self.bell = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def hear(self, frame: Frame) -> bool:
        """Whether it concerns this reader."""
        if self.lost or not self.wish.wants(frame):
            return False
        self.waiting.append(frame)
        if len(self.waiting) > WAITING:
            self.cut_off()
        self.bell.set()
        return True

    def count(self, counts: bytes) -> None:
        self.counts = counts
        self.bell.set()

    def cut_off(self) -> None:
        """Hold nothing for somebody who does not read; who does not even take the end is let go of by force."""
        self.waiting.clear()
        self.lost = True
        self.bell.set()
        if (task := self.task) is not None:
            asyncio.get_running_loop().call_later(STALLED_S, task.cancel)


class Hub:
    """Everybody who reads, and how far the stream has been heard (`position`)."""

    def __init__(self, nc: Client, js: JetStreamContext, inboxes: Inboxes) -> None:
        self._nc, self._js, self._inboxes = nc, js, inboxes
        self._repeats = Repeats(nc, js)
        self._created = ""
        self._latest: deque[Frame] = deque()
        self._oldest = 0  # everything behind it is in `_latest`
        self._level = asyncio.Event()
        self._gaps = asyncio.Semaphore(GAPS)
        self.position = 0
        self.readers: set[Reader] = set()
        self.changed: set[Wish] = set()
        self.bell = asyncio.Event()  # somebody's counts have changed

    async def run(self) -> None:
        """Until cancelled. Trouble with a server is waited out, with a pause that grows to 5 s."""
        pause = PAUSE_S
        while True:
            before = self.position
            try:
                await self._follow()
            except Exception as error:
                log.warning("live inbox reads on", error=f"{type(error).__name__}: {error}"[:300])
            pause = PAUSE_S if self.position > before else min(5.0, 2 * pause)
            await asyncio.sleep(pause)

    async def caught_up(self) -> None:
        await self._level.wait()

    async def check(self) -> None:
        """For readiness. Raises Behind until what was stored at the start has been heard."""
        if not self._level.is_set():
            raise Behind(f"{STREAM} 正在读取, 已读到第 {self.position} 条")

    async def _follow(self) -> None:
        await self._own()
        async for messages in tail(self._nc, self._js, after=self.position):
            for frame in await self._frames(messages):
                self._tell(frame)
            if messages:
                self.position = messages[-1].metadata.sequence.stream
            if not messages or not messages[-1].metadata.num_pending:
                self._level.set()

    async def _own(self) -> None:
        """Begin anew when the stream was created anew: whoever reads has to look at the inbox again."""
        info = await self._js.stream_info(STREAM)
        created, last = str(info.created), info.state.last_seq
        if created == self._created and last >= self.position:
            return
        if self._created:
            for reader in self.readers:
                reader.cut_off()
        self._created = created
        self._latest.clear()
        self.position = self._oldest = max(info.state.first_seq - 1, last - KEPT, 0)

    def _tell(self, frame: Frame) -> None:
        self._latest.append(frame)
        if len(self._latest) > KEPT:
            self._oldest = self._latest.popleft().sequence
        for reader in self.readers:
            if reader.hear(frame) and reader.wish.reader:
                self.changed.add(reader.wish)
                self.bell.set()

    async def _frames(self, messages: Sequence[Msg]) -> list[Frame]:
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
        return [replace(f, audiences=f.audiences | known[f.alert]) if f.alert in known else f for f in frames]

    async def stream(self, wish: Wish, after: int | None) -> AsyncIterator[bytes]:
        """What `wish` is about: behind sequence `after` where it is given, and then as it comes."""
        reader = Reader(wish)
        reader.task = asyncio.current_task()
        begins = self.position  # what comes later waits for the reader
        self.readers.add(reader)
        try:
            seen = begins if after is None else after
            yield comment("connected", seen)
            if await self._is_elsewhere(seen):
                seen = begins
                yield text_of("reset", begins, b"{}")
            self._recount(wish)
            async for frame in self._between(seen, begins):
                if wish.wants(frame):
                    seen = frame.sequence
                    yield frame.text
            async for text in self._live(reader, seen):
                yield text
        finally:
            self.readers.discard(reader)

    def _recount(self, wish: Wish) -> None:
        if wish.reader:
            self.changed.add(wish)
            self.bell.set()

    async def _live(self, reader: Reader, seen: int) -> AsyncIterator[bytes]:
        while not reader.lost:
            while reader.waiting:
                frame = reader.waiting.popleft()
                if frame.sequence > seen:
                    yield frame.text
            if reader.counts and not reader.lost:
                counts, reader.counts = reader.counts, b""
                yield counts
            elif not reader.waiting and not await _rings(reader.bell):
                yield comment("keep-alive", max(seen, self.position))

    async def _is_elsewhere(self, after: int) -> bool:
        """Whether what follows on `after` cannot be told: it is older than the stream, or of another stream."""
        if self._oldest <= after <= self.position:
            return False
        state = (await self._js.stream_info(STREAM)).state
        return not state.first_seq - 1 <= after <= state.last_seq

    async def _between(self, after: int, until: int) -> AsyncIterator[Frame]:
        """The events behind `after`, up to `until`."""
        if after >= until:
            return
        if after >= self._oldest:
            for frame in list(self._latest):
                if after < frame.sequence <= until:
                    yield frame
            return
        async with self._gaps:
            messages = tail(self._nc, self._js, after=after)
            try:
                async for batch in messages:
                    for frame in await self._frames(batch):
                        if frame.sequence <= until:
                            yield frame
                    if not batch or batch[-1].metadata.sequence.stream >= until or not batch[-1].metadata.num_pending:
                        return
            finally:
                await messages.aclose()  # type: ignore[attr-defined]


async def _rings(bell: asyncio.Event) -> bool:
    """Whether it rings before the connection has to be kept alive."""
    try:
        async with asyncio.timeout(KEEP_ALIVE_S):
            await bell.wait()
    except TimeoutError:
        return False
    bell.clear()
    return True
