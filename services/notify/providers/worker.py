"""The workers of one provider: take a message, claim the delivery, hand it over, report, acknowledge.

Each has one delivery in hand and a name that no other process has, so at most one message per worker can repeat when
the process ends; the alert knows which. Nothing here is shared with other providers but the way into the log.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from chassis.broker import NatsOutbox
from chassis.deadletter import dead_letter
from chassis.inbox import ConsumerGone
from chassis.logging import logger
from contracts.delivery import Handover
from services.notify import metrics
from services.notify.providers import breaker as fuse
from services.notify.providers.attempt import (
    CUT_OFF,
    GONE,
    NOT_BEGUN,
    NOT_NOW,
    AddressOf,
    LetterOf,
    Outcome,
    attempt,
)
from services.notify.providers.breaker import Breaker, Verdict
from services.notify.providers.bucket import Limit
from services.notify.providers.claims import CLAIM_S, Claims, report_of
from services.notify.providers.queues import Queue, Taken
from services.notify.transports.port import Transport

SLACK_S = 2.0
SHORT_WAIT_S = 2.0
STOP_S = 1.5
BUSY_ELSEWHERE_S = 3.0
PROCESS = uuid4().hex[:12]
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
        self._turn = asyncio.Lock()
        metrics.PROVIDER_OPEN.labels(name).set(0)

    @property
    def lease_s(self) -> float:
        """A claim's answer and the sending fit in; shorter than the time after which the queue hands it to another."""
        return CLAIM_S + self.timeout_s + SLACK_S

    async def next(self) -> tuple[Taken, Verdict]:
        """The next message, with a token for it where it is to be sent; one worker at a time looks."""
        async with self._turn:
            while True:
                await self._until_ready()
                taken = await self.queue.take()
                verdict = self._ask()
                if verdict == "no" or await self._has_token(taken):
                    return taken, verdict
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
            await taken.delivery.nak(0)
            raise

    async def sent(self, handover: Handover, verdict: Verdict, repeat: bool) -> Outcome:
        """What the attempt came to; the limit and the breaker have learnt from it."""
        if self.transport is None or verdict == "no":
            return GONE if self.transport is None else NOT_NOW
        outcome = await attempt(handover, self.transport, self._address_of, self._letter_of, self.timeout_s, repeat)
        if outcome.busy_s:
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


class Worker:
    """One of a provider's workers."""

    def __init__(self, way: Way, n: int) -> None:
        self._way, self.token = way, f"{PROCESS}-{way.name}-{n}"

    async def run(self) -> None:
        """Until cancelled; a server's trouble is waited out. What is in hand then gets STOP_S to come to an end."""
        outages, me = 0, asyncio.current_task()
        while me is not None and not me.cancelling():
            try:
                await self.work()
                outages = 0
            except Exception as error:
                outages += 1
                log.warning("worker waits", worker=self.token, error=f"{type(error).__name__}: {error}"[:100])
                if isinstance(error, ConsumerGone):
                    await self._way.queue.provide()
                await asyncio.sleep(min(5.0, 0.25 * 2**outages))

    async def work(self) -> None:
        """One message from the queue to its acknowledgement."""
        taken, verdict = await self._way.next()
        await _to_its_end(self._handle(taken, verdict))

    async def _handle(self, taken: Taken, verdict: Verdict) -> None:
        answered = None
        try:
            handover = Handover.model_validate_json(taken.delivery.data)
            answered = await self._deliver(taken, handover, verdict)
        except ValidationError:
            await self._bury(taken)
        except Exception:
            with suppress(Exception):  # else it comes again by itself
                await taken.delivery.nak(BUSY_ELSEWHERE_S)
            raise
        finally:
            self._way.settle(verdict, answered)

    async def _deliver(self, taken: Taken, handover: Handover, verdict: Verdict) -> bool | None:
        """Whether the provider has answered; None when nothing was tried."""
        stopped = NOT_BEGUN
        try:
            code = await self._claim(taken, handover)
            if code not in ("send", "repeat"):
                await self._leave(taken, code, verdict)
                return None
            stopped = CUT_OFF
            outcome = await self._way.sent(handover, verdict, code == "repeat")
        except asyncio.CancelledError:
            # Not acknowledged: if another worker has it in hand, ours is not the last word.
            await self._report(handover, stopped, repeat=False)
            await taken.delivery.nak(0)
            raise
        await self._report(handover, outcome, code == "repeat")
        await taken.delivery.ack()
        return outcome.answered

    async def _claim(self, taken: Taken, handover: Handover) -> str:
        """Until there is an answer: while alerts cannot be written, nobody else could do better."""
        while True:
            await taken.delivery.working()
            if code := await self._way.claims.claim(handover, self.token, self._way.lease_s):
                return code

    async def _leave(self, taken: Taken, code: str, verdict: Verdict) -> None:
        await self._way.unused(verdict)
        if code == "drop":
            metrics.DELIVERIES.labels(self._way.name, "dropped").inc()
            await taken.delivery.ack()
        else:
            await taken.delivery.nak(BUSY_ELSEWHERE_S)

    async def _report(self, handover: Handover, outcome: Outcome, repeat: bool) -> None:
        report = report_of(
            handover, self.token, datetime.now(UTC), outcome=outcome.word, reason=outcome.reason,
            after_s=outcome.after_s, provider_id=outcome.provider_id, repeat=repeat,
        )  # fmt: skip
        await self._way.claims.report(report)
        metrics.DELIVERIES.labels(self._way.name, outcome.word).inc()
        if outcome.word == "sent":
            metrics.HANDOVER.labels(self._way.name).observe((report.occurred_at - handover.occurred_at).total_seconds())

    async def _bury(self, taken: Taken) -> None:
        await self._way.outbox.publish([dead_letter(taken.delivery, taken.durable, "不是投递任务: 请检查发送方")])
        await taken.delivery.ack()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """A cancellation comes through only when the work has ended; it gets STOP_S for that, then it is cancelled."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    stop_at: float | None = None
    while not task.done():
        try:
            await asyncio.wait({task}, timeout=None if stop_at is None else max(0.0, stop_at - loop.time()))
            if stop_at is not None and loop.time() >= stop_at and not task.done():
                task.cancel()
                stop_at = loop.time() + STOP_S
        except asyncio.CancelledError:
            stop_at = stop_at or loop.time() + STOP_S
    if stop_at is not None:
        raise asyncio.CancelledError
    task.result()
