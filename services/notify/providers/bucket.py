"""A provider's limit, kept in MongoDB: a restart does not forget it, and several replicas share it.

One document per provider, changed by one atomic findAndModify on the server's clock; `gcra.py` has the arithmetic that
the pipelines repeat.
"""

import asyncio
from typing import Any, Protocol

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from services.notify.providers.gcra import GRAIN_MS, Pace

COLLECTION = "budgets"
NOW: Any = {"$toDouble": {"$toLong": "$$NOW"}}
Raw = dict[str, Any]
Stages = list[Raw]


class Limit(Protocol):
    """What workers ask before they hand over. Seconds everywhere."""

    async def ready_in(self) -> float:
        """How long until there is a token, as far as this process knows; 0 may be refused by `attempt`."""
        ...

    async def attempt(self) -> float:
        """Take a token: 0 when it was there, else how long to wait."""
        ...

    async def refund(self) -> None:
        """Give back a token that was not used."""
        ...

    async def push(self, after_s: float) -> None:
        """The provider has asked everybody to wait this long."""
        ...


class Unlimited:
    """A provider without a rate; it may still ask for a pause."""

    def __init__(self) -> None:
        self._until = 0.0

    async def ready_in(self) -> float:
        return max(0.0, self._until - asyncio.get_running_loop().time())

    async def attempt(self) -> float:
        return 0.0

    async def refund(self) -> None: ...

    async def push(self, after_s: float) -> None:
        self._until = max(self._until, asyncio.get_running_loop().time() + after_s)


class Bucket:
    """The shared token bucket of one provider."""

    def __init__(self, collection: AsyncCollection[Raw], provider: str, pace: Pace) -> None:
        self._collection, self._provider, self._pace = collection, provider, pace
        self._not_before: float | None = None

    async def ready_in(self) -> float:
        if self._not_before is None:
            await self._change(touch(self._pace))
        assert self._not_before is not None
        return max(0.0, self._not_before - asyncio.get_running_loop().time())

    async def attempt(self) -> float:
        return await self._change(take(self._pace)) / 1_000

    async def refund(self) -> None:
        await self._change(refund(self._pace))

    async def push(self, after_s: float) -> None:
        await self._change(push(self._pace, after_s * 1_000))

    async def _change(self, stages: Stages) -> float:
        """Returns the `wait` that the pipeline has set; remembers from when on there will be a token again."""
        try:
            row = await self._update(stages)
        except DuplicateKeyError:  # another worker's first token: now there is a document
            row = await self._update(stages)
        self._not_before = asyncio.get_running_loop().time() + row["next"] / 1_000
        return float(row["wait"])

    async def _update(self, stages: Stages) -> Raw:
        row = await self._collection.find_one_and_update(
            {"_id": self._provider}, stages, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert row is not None  # an upsert
        return row


def take(pace: Pace, now: Any = NOW) -> Stages:
    """`gcra.taken`. `tat` is raised to now, `wait` is 0 where a token was taken."""
    later: Raw = {"$cond": [{"$eq": ["$wait", 0]}, {"$add": ["$tat", pace.interval_ms]}, "$tat"]}
    return [_raised(now), {"$set": {"wait": _wait(pace, now)}}, {"$set": {"tat": later}}, _next(pace, now)]


def touch(pace: Pace, now: Any = NOW) -> Stages:
    """Changes nothing; `next` says when there is a token."""
    return [_raised(now), {"$set": {"wait": 0.0}}, _next(pace, now)]


def push(pace: Pace, after_ms: float, now: Any = NOW) -> Stages:
    """`gcra.pushed`; `floor` keeps refunds from giving away the provider's pause."""
    floor: Raw = {"$max": ["$floor", {"$add": [now, after_ms]}]}
    later: Raw = {"$max": ["$tat", {"$add": ["$floor", pace.slack_ms]}]}
    return [_raised(now), {"$set": {"floor": floor, "wait": 0.0}}, {"$set": {"tat": later}}, _next(pace, now)]


def refund(pace: Pace, now: Any = NOW) -> Stages:
    """`gcra.refunded`."""
    floor: Raw = {"$add": [{"$ifNull": ["$floor", 0]}, pace.slack_ms]}
    earlier: Raw = {"$max": [{"$subtract": ["$tat", pace.interval_ms]}, floor]}
    return [{"$set": {"tat": earlier, "wait": 0.0}}, _raised(now), _next(pace, now)]


def _raised(now: Any) -> Raw:
    return {"$set": {"tat": {"$max": ["$tat", now]}}}


def _wait(pace: Pace, now: Any) -> Raw:
    early: Raw = {"$subtract": [{"$subtract": ["$tat", now]}, pace.slack_ms]}
    return {"$cond": [{"$gt": [early, GRAIN_MS]}, early, 0.0]}


def _next(pace: Pace, now: Any) -> Raw:
    return {"$set": {"next": _wait(pace, now)}}
