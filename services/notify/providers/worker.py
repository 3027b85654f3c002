"""The workers of one provider: take a message, claim the delivery, hand it over, report, acknowledge.

Each has one delivery in hand and a name that no other process has, so at most one message per worker can repeat when
the process ends; the alert knows which.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from chassis.deadletter import dead_letter
from chassis.inbox import ConsumerGone
from chassis.logging import logger
from contracts.delivery import Handover
from services.notify import metrics
from services.notify.providers.attempt import CUT_OFF, NOT_BEGUN, Outcome
from services.notify.providers.breaker import Verdict
from services.notify.providers.claims import report_of
from services.notify.providers.pulls import Taken
from services.notify.providers.way import Way

STOP_S = 1.5
BUSY_ELSEWHERE_S = 3.0
PROCESS = uuid4().hex[:12]
log = logger(__name__)


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
                log.warning("worker waits", worker=self.token, error=type(error).__name__)
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
            handover = _read(taken)
            if handover is None:
                await self._way.unused(verdict)
                await self._bury(taken)
            else:
                answered = await self._deliver(taken, handover, verdict)
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
            await self._report(taken, handover, stopped, repeat=False)
            await taken.delivery.nak(0)
            raise
        await self._report(taken, handover, outcome, code == "repeat")
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

    async def _report(self, taken: Taken, handover: Handover, outcome: Outcome, repeat: bool) -> None:
        report = report_of(
            handover, self.token, datetime.now(UTC), outcome=outcome.word, reason=outcome.reason,
            after_s=outcome.after_s, provider_id=outcome.provider_id, repeat=repeat,
        )  # fmt: skip
        await self._way.claims.report(report, taken.delivery.working)
        metrics.DELIVERIES.labels(self._way.name, outcome.word).inc()
        if outcome.word == "sent":
            metrics.HANDOVER.labels(self._way.name).observe((report.occurred_at - handover.occurred_at).total_seconds())

    async def _bury(self, taken: Taken) -> None:
        await self._way.outbox.publish([dead_letter(taken.delivery, taken.durable, "不是投递任务: 请检查发送方")])
        await taken.delivery.ack()


def _read(taken: Taken) -> Handover | None:
    """None where it is none. Nothing but the reading: an error later on is not the message's fault."""
    try:
        return Handover.model_validate_json(taken.delivery.data)
    except ValidationError:
        return None


async def work_on(way: Way, workers: int) -> None:
    """All workers of a provider, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for n in range(workers):
            group.create_task(Worker(way, n).run())


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
