"""Events of one WebSocket on their way into the log: in order, each until the log has it.

A WebSocket cannot refuse an event. While the log is away `put` waits, so nobody reads from the connection and the bot's
side holds what follows; when the connection ends, what was read is still handed on.
"""

import asyncio
from collections.abc import Awaitable, Callable

from chassis.logging import logger
from services.intake.channels.ports import NotTaken
from services.intake.channels.reading import BadPayload, Json

_MOST_READ_AHEAD = 100
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0
_running: set["asyncio.Task[None]"] = set()  # the event loop itself keeps no reference

log = logger(__name__)
Take = Callable[[Json], Awaitable[None]]


class Events:
    """`take` publishes one event; it raises NotTaken to be asked again."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._read: asyncio.Queue[Json | None] = asyncio.Queue(maxsize=_MOST_READ_AHEAD)
        _keep(asyncio.create_task(self._run(), name="onebot events"))

    async def put(self, event: Json) -> None:
        await self._read.put(event)

    def finish(self) -> None:
        """No more events come; those that were read are handed on first."""
        _keep(asyncio.create_task(self._read.put(None), name="onebot events end"))

    async def _run(self) -> None:
        while (event := await self._read.get()) is not None:
            try:
                await self._until_taken(event)
            except BadPayload as error:
                log.warning("onebot event not readable", reason=str(error))
            except Exception as error:
                log.error("onebot event failed", error=f"{type(error).__name__}")

    async def _until_taken(self, event: Json) -> None:
        pause = _PAUSE_S
        while True:
            try:
                return await self._take(event)
            except NotTaken:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)


def _keep(task: "asyncio.Task[None]") -> None:
    _running.add(task)
    task.add_done_callback(_running.discard)
