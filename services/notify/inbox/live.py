"""The inbox, live: one follower per process hears the NOTIFY stream and hands each event to all who read.

A reader resumes by the sequence of the last event that they got. What a slow reader does not take is not kept for
long: they are cut off, and resume when they come again.
"""

import asyncio
from collections.abc import AsyncGenerator

from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.follow import Behind
from chassis.logging import logger
from services.notify.inbox.frame import Frame, Wish, comment, text_of
from services.notify.inbox.metrics import READERS
from services.notify.inbox.past import KEPT, Past
from services.notify.inbox.queries import Inboxes
from services.notify.inbox.reader import Reader
from services.notify.inbox.tail import STREAM, tail

PAUSE_S = 0.2

log = logger(__name__)


class Hub:
    """Everybody who reads, and how far the stream has been heard (`position`).

    `changed` are those whose counts may be others now; `bell` rings when there are some.
    """

    def __init__(self, nc: Client, js: JetStreamContext, inboxes: Inboxes) -> None:
        self._nc, self._js = nc, js
        self._past = Past(js, inboxes)
        self._created = ""
        self._level = asyncio.Event()
        self.position = 0
        self.readers: set[Reader] = set()
        self.changed: set[Wish] = set()
        self.bell = asyncio.Event()

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
            # Told and counted as heard without a pause in between: a reader who joins hears each event once.
            frames = await self._past.frames(messages)
            for frame in frames:
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
        for reader in self.readers:
            reader.cut_off("reset")
        self._created = created
        self.position = max(info.state.first_seq - 1, last - KEPT, 0)
        self._past.begin(self.position)

    def _tell(self, frame: Frame) -> None:
        self._past.keep(frame)
        for reader in self.readers:
            if reader.hear(frame):
                self._recount(reader.wish)

    def _recount(self, wish: Wish) -> None:
        if wish.reader:
            self.changed.add(wish)
            self.bell.set()

    async def stream(self, wish: Wish, after: int | None) -> AsyncGenerator[bytes, None]:
        """What `wish` is about: behind sequence `after` where it is given, and then as it comes."""
        reader, begins = Reader(wish), self.position  # what comes later waits for the reader
        self.readers.add(reader)
        READERS.set(len(self.readers))
        try:
            seen = begins if after is None else after
            yield comment("connected", seen)
            if await self._past.is_elsewhere(seen, begins):
                seen = begins
                yield text_of("reset", begins, b"{}")
            self._recount(wish)
            async for frame in self._past.between(seen, begins):
                if reader.lost:
                    return
                if wish.wants(frame):
                    seen = frame.sequence
                    with reader.patience():
                        yield frame.text
            async for text in reader.live(seen, lambda: self.position):
                yield text
        finally:
            self.readers.discard(reader)
            READERS.set(len(self.readers))
