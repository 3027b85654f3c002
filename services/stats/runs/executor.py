"""Takes requested runs one at a time, has each carried out, and reports back by commands; it folds nothing.

The message is acknowledged when the outcome is stored: a service that is killed carries the run out again, from the
same data sets by the same definition to the same result, and says it under the same ids.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import msgspec
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from chassis.deadletter import dead_letter
from chassis.errors import Unacceptable
from chassis.http import now
from chassis.inbox import NatsDelivery
from chassis.logging import logger
from chassis.message import decode
from chassis.service import Service
from contracts.stats import FailRun, FinishRun, RunRequested
from services.stats.runs.carrying import ATTEMPTS, OUTAGES, Cancelled, Carrying
from services.stats.runs.handing import hand_over
from services.stats.runs.model import Result, Run, short
from services.stats.runs.preparing import Preparing
from services.stats.runs.store import Runs
from services.stats.settings import StatsSettings

STREAM, DURABLE = "STATS", "stats-stats"
HEARTBEAT_S = 10.0  # the durable waits 30 s for a sign of life

log = logger(__name__)


class Executor:
    """One run at a time per service; a second service takes the next."""

    def __init__(self, service: Service, runs: Runs, preparing: Preparing, settings: StatsSettings) -> None:
        self._service, self._runs = service, runs
        self._carrying = Carrying(service, runs, preparing, settings)

    async def run(self) -> None:
        """Until cancelled; trouble with a server is waited out."""
        subscription = await self._service.js.pull_subscribe_bind(durable=DURABLE, stream=STREAM)
        while True:
            try:
                if (msg := await _next(subscription)) is not None:
                    await self._handle(msg)
            except Exception as error:
                log.warning("executor waits", error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(1.0)

    async def _handle(self, msg: Msg) -> None:
        delivery = NatsDelivery(msg)
        try:
            body = decode(delivery, now()).body
            assert isinstance(body, RunRequested)
        except Unacceptable as error:
            await self._service.outbox.publish([dead_letter(delivery, DURABLE, str(error))])
            await msg.ack()
            return
        try:
            async with _alive(msg):
                await self._serve(body, delivery.deliveries)
        except BaseException:
            # Stopped or cut off in the middle: hand it back now, another service need not wait for the ack time.
            with suppress(Exception):
                await msg.nak(delay=1.0)
            raise
        await msg.ack()

    async def _serve(self, requested: RunRequested, attempt: int) -> None:
        run_id = requested.run_id
        found = await self._runs.find(run_id)
        if found is None or found.state is None:
            raise RuntimeError(f"run {run_id} is not stored yet")
        if found.state.ended:
            return
        try:
            await self._tell(run_id, found.state, await self._carrying.outcome(run_id, found.state, attempt))
        except Cancelled:
            return
        except OUTAGES:
            raise
        except Exception as error:
            if attempt < ATTEMPTS:
                raise
            # What fails again and again would keep all others waiting.
            log.exception("run cannot be carried out", run=str(run_id), attempt=attempt)
            reason = f"统计服务出错 ({type(error).__name__}): 请把任务编号告知信息科"
            await self._carrying.say(FailRun, run_id, "fail", reason=reason)

    async def _tell(self, run_id: UUID, run: Run, outcome: Result | str) -> None:
        if not isinstance(outcome, Result):
            await self._carrying.say(FailRun, run_id, "fail", reason=outcome)
        elif not await self._carrying.is_cancelled(run_id):
            noted = _noted(outcome, await hand_over(self._service, run_id, run))
            await self._carrying.say(FinishRun, run_id, "finish", **msgspec.to_builtins(noted))


def _noted(result: Result, notes: tuple[str, ...]) -> Result:
    if not notes or result.outcome is None:
        return result
    return replace(result, outcome=replace(result.outcome, notes=short((*notes, *result.outcome.notes))))


async def _next(subscription: JetStreamContext.PullSubscription) -> Msg | None:
    try:
        [msg] = await subscription.fetch(1, timeout=5.0)
    except TimeoutError:
        return None
    return msg


@asynccontextmanager
async def _alive(msg: Msg) -> AsyncIterator[None]:
    """Tell the server that the message is being worked on, until the block ends."""

    async def beat() -> None:
        while True:
            with suppress(Exception):  # a lost sign of life is no reason to stop the work
                await msg.in_progress()
            await asyncio.sleep(HEARTBEAT_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
