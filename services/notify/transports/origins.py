"""Which of a provider's servers is worth trying, where each recipient may have another: a dead one stops nobody else.

In this process; bounded, because recipients are written by staff and by browsers.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from chassis.posting import Declined, Later, SendFailed
from services.notify.providers import breaker as fuse
from services.notify.providers.breaker import Breaker, Verdict

MOST = 1_000


class Origins:
    """A breaker and a pause for each server. `several` False: there is but one, and the provider's own will do."""

    def __init__(self, several: bool) -> None:
        self._several = several
        self._breakers: dict[str, Breaker] = {}
        self._pauses: dict[str, float] = {}

    @asynccontextmanager
    async def asking(self, url: str, within_s: float) -> AsyncIterator[None]:
        """Around one sending that may be repeated. Raises Later where this server is not to be asked now; what the
        sending raises about the server becomes an error about this recipient alone.
        """
        if not self._several:
            yield
            return
        origin, verdict = origin_of(url), self._asked(origin_of(url))
        answered: bool | None = None
        try:
            async with asyncio.timeout(within_s):
                yield
            answered = True
        except TimeoutError:
            answered = False
            raise Later("对方没有按时应答", for_one=True) from None
        except SendFailed as error:
            answered = self._learnt(origin, error)
            raise _for_one(error) from None
        finally:
            self._settle(origin, verdict, answered)

    def _asked(self, origin: str) -> Verdict:
        now = time.monotonic()
        pause_s = self._pauses.get(origin, 0.0) - now
        if pause_s > 0:
            raise Later("对方要求暂停发送", pause_s, for_one=True)
        breaker, verdict = fuse.asked(self._breakers.get(origin, Breaker()), now)
        if verdict == "no":
            raise Later("对方连续出错, 暂停发送", for_one=True)
        self._keep(origin, breaker)
        return verdict

    def _learnt(self, origin: str, error: SendFailed) -> bool:
        """Whether the server works, whatever it thinks of the message."""
        if isinstance(error, Later) and error.after_s > 0 and not error.for_one:
            self._pauses.pop(origin, None)
            self._pauses[origin] = time.monotonic() + error.after_s
            _bound(self._pauses)
        return error.permanent or (isinstance(error, Later) and error.after_s > 0)

    def _settle(self, origin: str, verdict: Verdict, answered: bool | None) -> None:
        breaker, now = self._breakers.get(origin, Breaker()), time.monotonic()
        if answered is None:
            breaker = fuse.abandoned(breaker, verdict)
        else:
            breaker = fuse.succeeded(breaker, verdict) if answered else fuse.failed(breaker, verdict, now)
        self._keep(origin, breaker)

    def _keep(self, origin: str, breaker: Breaker) -> None:
        """Only what is not as new; who was changed longest ago is forgotten first."""
        self._breakers.pop(origin, None)
        if breaker != Breaker():
            self._breakers[origin] = breaker
            _bound(self._breakers)


def _for_one(error: SendFailed) -> SendFailed:
    if isinstance(error, Later):
        return Later(str(error), error.after_s, for_one=True)
    return Declined(str(error)) if error.permanent else error


def _bound(known: dict[str, Any]) -> None:
    while len(known) > MOST:
        del known[next(iter(known))]


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
