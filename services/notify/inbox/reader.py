"""One connection to the live inbox: what waits for it, and how it is let go of when it does not read."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from services.notify.inbox.frame import Frame, Wish, comment
from services.notify.inbox.metrics import CUT_OFF

KEEP_ALIVE_S = 15.0
WAITING = 500  # events that a reader may be behind
STALLED_S = 10.0


class Reader:
    """`counts` are the latest of them, not the whole row; `lost` once it has been cut off."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.waiting: deque[Frame] = deque()
        self.counts = b""
        self.lost = False
        self.bell = asyncio.Event()
        self._task = asyncio.current_task()

    def hear(self, frame: Frame) -> bool:
        """Whether it concerns this reader."""
        if self.lost or not self.wish.wants(frame):
            return False
        self.waiting.append(frame)
        if len(self.waiting) > WAITING:
            self.cut_off("slow")
        self.bell.set()
        return True

    def count(self, counts: bytes) -> None:
        self.counts = counts
        self.bell.set()

    def cut_off(self, why: Literal["slow", "stalled", "reset"]) -> None:
        """Hold nothing for somebody who does not read; who does not even take the end is let go of by force."""
        if not self.lost:
            CUT_OFF.labels(why).inc()
        self.waiting.clear()
        self.lost = True
        self.bell.set()
        if (task := self._task) is not None:
            asyncio.get_running_loop().call_later(STALLED_S, task.cancel)

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Around handing something out: for how long it may take until it is taken."""
        task = self._task
        assert task is not None
        end = asyncio.get_running_loop().call_later(STALLED_S, self._let_go, task)
        try:
            yield
        finally:
            end.cancel()

    def _let_go(self, task: asyncio.Task[None]) -> None:
        CUT_OFF.labels("stalled").inc()
        self.lost = True
        task.cancel()

    async def live(self, seen: int, position: Callable[[], int]) -> AsyncIterator[bytes]:
        """What comes behind sequence `seen`, until it is cut off; `position` is how far all has been heard."""
        while not self.lost:
            while self.waiting:
                frame = self.waiting.popleft()
                if frame.sequence > seen:
                    yield frame.text
            if self.counts and not self.lost:
                counts, self.counts = self.counts, b""
                yield counts
            elif not self.waiting and not await self._rings():
                yield comment("keep-alive", max(seen, position()))

    async def _rings(self) -> bool:
        """Whether there is something before the connection has to be kept alive."""
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                await self.bell.wait()
        except TimeoutError:
            # In the last moment something may have come: its place must not be named before it is told.
            return bool(self.waiting or self.counts or self.lost)
        self.bell.clear()
        return True
