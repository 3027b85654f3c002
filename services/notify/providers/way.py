"""One provider as its workers share it, and nobody else: queue, limit, breaker, transport."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from chassis.broker import NatsOutbox
from chassis.logging import logger
from contracts.delivery import Handover
from services.notify import metrics
from services.notify.providers import attempt as trying
from services.notify.providers import breaker as fuse
from services.notify.providers.attempt import GONE, NOT_NOW, AddressOf, LetterOf, Outcome
from services.notify.providers.breaker import Breaker, Verdict
from services.notify.providers.bucket import Limit, Unlimited
from services.notify.providers.claims import CLAIM_S, Claims
from services.notify.providers.pulls import Taken
from services.notify.providers.queues import Queue
from services.notify.transports.port import Transport

SLACK_S = 2.0
SHORT_WAIT_S = 2.0
LOOKERS = 4
"""Workers who look for a message at once where no token is needed: in a busy process a round trip takes long."""
log = logger(__name__)


class Way:
    """One provider as its workers share it: queue, limit, breaker, transport. Without a transport it is out of use."""

    def __init__(
        self, name: str, queue: Queue, limit: Limit, claims: Claims, outbox: NatsOutbox, transport: Transport | None,
        address_of: AddressOf, letter_of: LetterOf, timeout_s: float,
    ) -> None:  # fmt: skip
        self.name, self.queue, self.limit, self.claims, self.outbox = name, queue, limit, claims, outbox
        self.transport, self.timeout_s = transport, timeout_s
        self._address_of, self._letter_of = address_of, letter_of
        self._breaker = Breaker()
        self._turn = asyncio.Semaphore(LOOKERS if isinstance(limit, Unlimited) else 1)
        metrics.PROVIDER_OPEN.labels(name).set(0)

    @property
    def lease_s(self) -> float:
        """A claim's answer and the sending fit in; shorter than the time after which the queue hands it to another."""
        return CLAIM_S + self.timeout_s + SLACK_S

    async def next(self) -> tuple[Taken, Verdict]:
        """The next message, with a token for it where it is to be sent; where there are tokens one worker looks."""
        async with self._turn:
            while True:
                await self._until_ready()
                taken = await self.queue.take()
                verdict = self._ask()
                try:
                    if verdict == "no" or await self._has_token(taken):
                        return taken, verdict
                except BaseException:  # else the probe stays under way for ever
                    self.settle(verdict, None)
                    raise
                self.settle(verdict, None)

    async def _until_ready(self) -> None:
        """There is a token, or none is needed: an open breaker sends nothing."""
        while self._may_send():
            wait_s = await self.limit.ready_in()
            if not wait_s:
                return
            await asyncio.sleep(min(wait_s, SHORT_WAIT_S))

    async def _has_token(self, taken: Taken) -> bool:
        """Another replica may have been faster: a short wait is waited, for a long one the message goes back."""
        try:
            while True:
                wait_s = await self.limit.attempt()
                if not wait_s:
                    return True
                if wait_s > SHORT_WAIT_S:
                    await taken.delivery.nak(wait_s)
                    return False
                await asyncio.sleep(wait_s)
        except BaseException:
            with suppress(Exception):  # else it comes again by itself
                await taken.delivery.nak(0)
            raise

    async def sent(self, handover: Handover, verdict: Verdict, repeat: bool) -> Outcome:
        """What the attempt came to; the limit and the breaker have learnt from it."""
        if self.transport is None or verdict == "no":
            return GONE if self.transport is None else NOT_NOW
        outcome = await trying.attempt(
            handover, self.transport, self._address_of, self._letter_of, self.timeout_s, repeat
        )
        if outcome.busy_s:
            metrics.PROVIDER_PAUSES.labels(self.name).inc()
            await self._learn(self.limit.push(outcome.busy_s))
        elif outcome.answered is None:
            await self.unused(verdict)
        return outcome

    async def unused(self, verdict: Verdict) -> None:
        """Give back the token of a message that was not sent; on a verdict of `no` there was none."""
        if verdict != "no":
            await self._learn(self.limit.refund())

    async def _learn(self, change: Awaitable[None]) -> None:
        """What has been sent must be reported, whatever becomes of the limit."""
        try:
            await change
        except Exception as error:
            log.warning("limit not changed", provider=self.name, error=type(error).__name__)

    def settle(self, verdict: Verdict, answered: bool | None) -> None:
        """Tell the breaker what became of a message; None when nothing was tried."""
        if answered is None:
            self._change(fuse.abandoned(self._breaker, verdict))
        elif answered:
            self._change(fuse.succeeded(self._breaker, verdict))
        else:
            self._change(fuse.failed(self._breaker, verdict, asyncio.get_running_loop().time()))

    def _may_send(self) -> bool:
        """Whether the next message would need a token."""
        return fuse.asked(self._breaker, asyncio.get_running_loop().time())[1] != "no" and self.transport is not None

    def _ask(self) -> Verdict:
        if self.transport is None:
            return "no"
        self._breaker, verdict = fuse.asked(self._breaker, asyncio.get_running_loop().time())
        return verdict

    def _change(self, after: Breaker) -> None:
        if after.is_open != self._breaker.is_open:
            log.warning("provider paused" if after.is_open else "provider works again", provider=self.name)
        self._breaker = after
        metrics.PROVIDER_OPEN.labels(self.name).set(after.is_open)
