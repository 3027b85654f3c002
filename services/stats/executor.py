"""Takes requested runs one at a time, has each carried out, and reports back by commands; it folds nothing.

The message is acknowledged when the outcome is stored: a service that is killed runs the report again, from the
same bytes by the same definition to the same result, and says it under the same ids.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from chassis.deadletter import dead_letter
from chassis.errors import Unacceptable
from chassis.http import now
from chassis.inbox import NatsDelivery
from chassis.logging import logger
from chassis.message import decode
from chassis.outgoing import from_command
from chassis.service import Service
from contracts.envelope import SYSTEM, derive_id
from contracts.stats import FailRun, FinishRun, ReportProgress, RunCommand, RunRequested
from services.stats import metrics, process
from services.stats.job import Job, Line, run_dir, upload_path
from services.stats.model import Result
from services.stats.settings import StatsSettings
from services.stats.store import Runs

STREAM, DURABLE = "STATS", "stats-stats"
HEARTBEAT_S = 10.0  # the durable waits 30 s for a sign of life
ATTEMPTS = 3

log = logger(__name__)


class Executor:
    """One report at a time per service; a second service takes the next."""

    def __init__(self, service: Service, runs: Runs, settings: StatsSettings) -> None:
        self._service, self._runs, self._settings = service, runs, settings
        self._data_dir = service.settings.data_dir

    async def run(self) -> None:
        """Until cancelled; trouble with a server is waited out."""
        subscription = await self._service.js.pull_subscribe_bind(durable=DURABLE, stream=STREAM)
        while True:
            try:
                [msg] = await subscription.fetch(1, timeout=5.0)
                await self._handle(msg)
            except TimeoutError:
                continue
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
        if found is not None and found.state is not None and found.state.ended:
            return
        outcome = await self._outcome(requested, attempt)
        if isinstance(outcome, Result):
            await self._say(FinishRun, run_id, "finish", **msgspec.to_builtins(outcome))
        else:
            await self._say(FailRun, run_id, "fail", reason=outcome)

    async def _outcome(self, requested: RunRequested, attempt: int) -> Result | str:
        started = time.perf_counter()

        async def on_progress(n: int, line: Line) -> None:
            await self._say(ReportProgress, requested.run_id, f"progress-{n}", stage=line.stage, done=line.done)

        try:
            return await process.run(self._job(requested), self._settings.time_limit_s, on_progress)
        except process.Died as died:
            log.warning("report process died", run=str(requested.run_id), code=died.code, attempt=attempt)
            if attempt < ATTEMPTS:
                raise
            return f"统计进程连续 {attempt} 次意外结束 (退出码 {died.code}): 多为服务器内存不足, 请联系信息科"
        finally:
            metrics.SECONDS.labels(requested.report).observe(time.perf_counter() - started)

    def _job(self, requested: RunRequested) -> Job:
        return Job(
            report=requested.report,
            definition_hash=requested.definition_hash,
            upload_id=requested.upload_id,
            source=str(upload_path(self._data_dir, requested.upload_id)),
            out=str(run_dir(self._data_dir, requested.run_id)),
            memory_mb=self._settings.memory_mb,
            url=self._settings.sheet_url(requested.run_id),
        )

    async def _say(self, command: type[RunCommand], run_id: UUID, what: str, **facts: object) -> None:
        wish = command.model_validate(
            {"id": derive_id(run_id, what), "occurred_at": now(), "actor": SYSTEM, "run_id": run_id, **facts}
        )
        await self._service.outbox.publish([from_command(wish)])


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
