"""Readiness that names the part that fails, and the backlog that ops watch."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from nats.js import JetStreamContext

from chassis import metrics
from chassis.inbox import FETCHED_UP_TO
from contracts.topology import Durable

Check = Callable[[], Awaitable[None]]


class Health:
    """Named checks; a part is ready when its check returns within 2 s."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, part: str, check: Check) -> None:
        self._checks[part] = check

    async def report(self) -> dict[str, str]:
        """Each part with `ok`, or with what is wrong with it."""
        parts = await asyncio.gather(*(self._ask(part, check) for part, check in self._checks.items()))
        return dict(parts)

    async def _ask(self, part: str, check: Check) -> tuple[str, str]:
        try:
            await asyncio.wait_for(check(), 2.0)
        except Exception as error:
            metrics.READY.labels(part).set(0)
            return part, f"{type(error).__name__}: {error}".rstrip(": ")
        metrics.READY.labels(part).set(1)
        return part, "ok"


async def measure_backlog(js: JetStreamContext, durables: tuple[Durable, ...]) -> None:
    """Set the backlog gauges to what the server says now."""
    for durable in durables:
        await _measure(js, durable)


_nothing_waited_at: dict[str, float] = {}


def oldest_s(durable: str, now: float) -> float:
    """The most that the oldest waiting message can be old, in seconds: since nothing waited, and since the newest was
    stored that has been fetched. A service may not look it up in the stream: the server would send what is looked up
    to whatever subject the request names, and as itself.
    """
    since = max(_nothing_waited_at.setdefault(durable, now), FETCHED_UP_TO.get(durable, 0.0))
    return max(0.0, now - since)


async def _measure(js: JetStreamContext, durable: Durable) -> None:
    info, now = await js.consumer_info(durable.stream, durable.name), time.time()
    waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
    if not waiting:
        _nothing_waited_at[durable.name] = now
    metrics.BACKLOG.labels(durable.name).set(waiting)
    metrics.BACKLOG_AGE.labels(durable.name).set(oldest_s(durable.name, now) if waiting else 0.0)
