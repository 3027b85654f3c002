"""Readiness that names the part that fails, and the backlog that ops watch."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis import metrics
from chassis.permissions import looks_into
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


_standing: dict[str, tuple[int, float]] = {}


def _standing_s(durable: str, floor: int) -> float:
    """How long nothing has been got through: all that can be said where the service may not look into the stream."""
    now = time.monotonic()
    if (known := _standing.get(durable)) is None or known[0] != floor:
        known = _standing[durable] = floor, now
    return now - known[1]


async def _measure(js: JetStreamContext, durable: Durable) -> None:
    info = await js.consumer_info(durable.stream, durable.name)
    waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
    if not waiting:
        _standing.pop(durable.name, None)
    metrics.BACKLOG.labels(durable.name).set(waiting)
    metrics.BACKLOG_AGE.labels(durable.name).set(await _oldest_s(js, durable, info) if waiting else 0.0)


async def _oldest_s(js: JetStreamContext, durable: Durable, info: object) -> float:
    floor = getattr(getattr(info, "ack_floor", None), "stream_seq", 0) or 0
    if not looks_into(durable.service, durable.stream):
        return _standing_s(durable.name, floor)
    ages = []
    for subject in durable.filters:
        try:
            oldest = await js.get_msg(durable.stream, seq=floor + 1, subject=subject, next=True, direct=True)
        except NotFoundError:
            continue
        stored = oldest.time if isinstance(oldest.time, datetime) else None
        if stored is not None:
            ages.append(time.time() - stored.astimezone(UTC).timestamp())
    return max(ages, default=0.0)
