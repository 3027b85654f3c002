"""Deliveries as they are read for the proof: one after the other, never all of them in memory."""

from array import array
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from contracts.delivery import DELIVERY_NAMES
from services.notify.alerts.model import INBOX
from services.notify.proof.asked import Asked
from services.notify.proof.row import Line, line

Raw = dict[str, Any]
BATCH = 500
_CODEC: CodecOptions[Raw] = CodecOptions(tz_aware=True, tzinfo=UTC, uuid_representation=4)


class Deliveries:
    """Reads the collection of alerts, and deletes what is over and old."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._alerts = db["alerts"].with_options(codec_options=_CODEC)

    async def lines(self, asked: Asked, limit: int = 0, skip: int = 0) -> AsyncIterator[Line]:
        """The latest alerts first; all of them without a limit."""
        pipeline = asked.pipeline()
        pipeline += [{"$skip": skip}] if skip else []
        pipeline += [{"$limit": limit}] if limit else []
        async for found in await self._alerts.aggregate(pipeline, batchSize=BATCH, allowDiskUse=True):
            yield line(found)

    async def summary(self, asked: Asked) -> list[Raw]:
        """By provider: how many in each state with their share, and how long the hand-over took."""
        delivery = "$state.deliveries"
        group = {"provider": f"{delivery}.provider", "state": {"$ifNull": [f"{delivery}.state", "queued"]}}
        counted: Raw = {"$group": {"_id": group, "n": {"$sum": 1}}}
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        async for row in await self._alerts.aggregate([*asked.pipeline(), counted], allowDiskUse=True):
            counts[row["_id"]["provider"]][row["_id"]["state"]] = row["n"]
        took = await self._took(asked)
        return [_provider(name, counts[name], took.get(name)) for name in sorted(counts)]

    async def _took(self, asked: Asked) -> dict[str, "array[float]"]:
        """Seconds from queued to handed over, by provider: 8 bytes for each delivery."""
        delivery = "$state.deliveries"
        sent = {"state.deliveries.sent_at": {"$type": "date"}, "state.deliveries.provider": {"$ne": INBOX}}
        shown = {
            "_id": 0,
            "p": f"{delivery}.provider",
            "ms": {"$subtract": [f"{delivery}.sent_at", f"{delivery}.queued_at"]},
        }
        found: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        steps = [*asked.pipeline(), {"$match": sent}, {"$project": shown}]
        async for row in await self._alerts.aggregate(steps, batchSize=10_000, allowDiskUse=True):
            found[row["p"]].append(row["ms"] / 1_000)
        return found

    async def delete_old(self, before: datetime, now: datetime) -> int:
        """Alerts from before that need nobody any more: taken on, settled, or of no use; returns how many."""
        over: list[Raw] = [
            {"state.acknowledged_by": {"$type": "string"}},
            {"state.settled_at": {"$type": "date"}},
            {"state.expires_at": {"$lt": now}},
        ]
        pending = {"$elemMatch": {"state": "sending"}}
        query = {"state.queued_at": {"$lt": before}, "$or": over, "state.deliveries": {"$not": pending}}
        return (await self._alerts.delete_many(query)).deleted_count


def _provider(name: str, counts: dict[str, int], took: "array[float] | None") -> Raw:
    total = sum(counts.values())
    states = [
        {"state": state, "name": DELIVERY_NAMES[state], "n": counts[state], "share": round(counts[state] / total, 4)}
        for state in DELIVERY_NAMES
        if state in counts
    ]
    ordered = sorted(took or ())
    return {
        "provider": name, "total": total, "states": states,
        "p50_s": percentile(ordered, 50), "p99_s": percentile(ordered, 99),
    }  # fmt: skip


def percentile(ordered: "list[float]", share: int) -> float | None:
    """The least value that `share` percent of all do not exceed; None without values."""
    if not ordered:
        return None
    return round(ordered[max(0, -(-len(ordered) * share // 100) - 1)], 3)
