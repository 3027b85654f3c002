"""Everybody who has a page open; each event is heard once per process and told to those who may know."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.logging import logger
from chassis.token import Principal
from services.console.live.hint import IDS, NOTED, PRESENCE, Hint, ended, hint_of, told_to

log = logger(__name__)

TOGETHER_S, ALIVE_S = 0.25, 20.0


class Reader:
    """One open page. What happens within a quarter of a second is told at once: a burst of events is one look anew."""

    def __init__(self, who: Principal, following: str) -> None:
        self.who, self.following = who, following
        self._waiting: dict[Hint, None] = {}
        self._bell = asyncio.Event()

    def hear(self, hint: Hint) -> None:
        if told := told_to(self.who, hint, self.following):
            self._waiting[told] = None
            self.wake()

    def wake(self) -> None:
        """There is something to tell, or nothing any more."""
        self._bell.set()

    async def hints(self) -> AsyncIterator[list[Hint]]:
        """Lists of hints; an empty one when nothing happened for a while."""
        while True:
            try:
                await asyncio.wait_for(self._bell.wait(), ALIVE_S)
                await asyncio.sleep(TOGETHER_S)
            except TimeoutError:
                pass
            said, self._waiting = list(self._waiting), {}
            self._bell.clear()
            yield said


class Hub:
    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self.readers: set[Reader] = set()

    async def start(self) -> None:
        """The client subscribes again by itself when it had lost the server."""
        for subject in (*(f"{kind}.*" for kind in IDS), PRESENCE):
            await self._nc.subscribe(subject, cb=self._heard)
        await self._nc.subscribe(NOTED, cb=self._ended)

    async def present(self, hint: Hint) -> None:
        """Somebody looks at a case or types there: told to the pages of all instances, and kept nowhere."""
        await self._nc.publish(PRESENCE, msgspec.json.encode(hint))

    async def _heard(self, message: Msg) -> None:
        try:
            hint = hint_of(message.subject, message.data)
        except msgspec.MsgspecError:
            return
        if hint is not None:
            for reader in self.readers:
                reader.hear(hint)

    async def _ended(self, message: Msg) -> None:
        """Who has signed out, or has other rights now, hears nothing more."""
        try:
            account = ended(message.data)
        except (msgspec.MsgspecError, KeyError):
            return
        for reader in self.readers:
            if reader.who.account == account:
                reader.wake()
