"""Carries one run out: prepared, in a process of its own, watched for whether somebody cancels it meanwhile."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from chassis.broker import PublishRefused
from chassis.http import now
from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.service import Service
from contracts.envelope import SYSTEM, derive_id
from contracts.stats import ReportProgress, RunCommand
from services.stats import metrics
from services.stats.problem import Problem
from services.stats.runs import process
from services.stats.runs.job import Line, refs
from services.stats.runs.model import Result, Run
from services.stats.runs.preparing import Preparing
from services.stats.runs.store import Runs
from services.stats.settings import StatsSettings

LOOK_S = 1.0  # between two looks whether somebody has cancelled
ATTEMPTS = 3
OUTAGES = (NatsError, PyMongoError, PublishRefused, ConnectionError)
"""A server is out of reach: that is waited out, however long."""

log = logger(__name__)


class Cancelled(Exception):
    """Somebody cancelled the run while it was carried out."""


class Carrying:
    """What a run comes to; it says how far it is, and never says the end."""

    def __init__(self, service: Service, runs: Runs, preparing: Preparing, settings: StatsSettings) -> None:
        self._service, self._runs, self._preparing, self._settings = service, runs, preparing, settings

    async def outcome(self, run_id: UUID, run: Run, attempt: int) -> Result | str:
        """The result, or the Chinese reason why there is none. Raises Cancelled; Died, to be tried again."""
        started = time.perf_counter()
        try:
            return await self._unless_cancelled(run_id, self._carried_out(run_id, run))
        except Problem as problem:
            return str(problem)
        except process.Died as died:
            log.warning("run's process died", run=str(run_id), code=died.code, attempt=attempt)
            if attempt < ATTEMPTS:
                raise
            return f"统计进程连续 {attempt} 次意外结束 (退出码 {died.code}): 多为服务器内存不足, 请联系信息科"
        finally:
            metrics.SECONDS.labels(run.report).observe(time.perf_counter() - started)

    async def _carried_out(self, run_id: UUID, run: Run) -> Result | str:
        async def on_progress(n: int, line: Line) -> None:
            try:
                await self.say(ReportProgress, run_id, f"progress-{n}", stage=line.stage, done=line.done)
            except OUTAGES:
                log.warning("progress is not told", run=str(run_id))  # no reason to begin an hour's work anew

        job = await self._preparing.job(run_id, run)
        counted = [msgspec.to_builtins(ref) for ref in refs(job.inputs)]
        await self.say(ReportProgress, run_id, "begin", stage="准备", done=0.0, datasets=counted)
        return await process.run(job, self._settings.time_limit_s, on_progress)

    async def _unless_cancelled(self, run_id: UUID, work: Coroutine[Any, Any, Result | str]) -> Result | str:
        """The outcome, unless somebody cancels before. Raises Cancelled."""
        task = asyncio.create_task(work)
        try:
            while not task.done():
                await asyncio.wait([task], timeout=LOOK_S)
                if not task.done() and await self.is_cancelled(run_id):
                    raise Cancelled
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def is_cancelled(self, run_id: UUID) -> bool:
        """Whether somebody has; not while the database is out of reach."""
        with suppress(PyMongoError):
            found = await self._runs.find(run_id)
            return found is not None and found.state is not None and bool(found.state.cancelled_by)
        return False

    async def say(self, command: type[RunCommand], run_id: UUID, what: str, **facts: object) -> None:
        """A command about the run; `what` makes the same one of it whenever it is said again."""
        wish = command.model_validate(
            {"id": derive_id(run_id, what), "occurred_at": now(), "actor": SYSTEM, "run_id": run_id, **facts}
        )
        await self._service.outbox.publish([from_command(wish)])
