"""All MongoDB of notify: alerts by audience, latest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from services.notify.fold import Alert, id_of

INDEXES = [
    IndexModel([("state.audiences", ASCENDING), ("state.queued_at", DESCENDING)], name="inbox"),
]


class Alerts(Repository[Alert]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["alerts"], Alert)

    def id_of(self, message: Message) -> UUID:
        return id_of(message)

    async def inbox(self, audiences: Sequence[str], unread_by: str | None, limit: int) -> list[Document[Alert]]:
        query: Raw = {"state.audiences": {"$in": list(audiences)}}
        if unread_by:
            query["state.read_by"] = {"$ne": unread_by}
        return await self.read(query, limit=limit, sort=[("state.queued_at", DESCENDING)])

    async def counts(self, audiences: Sequence[str]) -> dict[str, Any]:
        """Alerts in these inboxes: all, acknowledged, and by rule."""
        pipeline: list[Raw] = [
            {"$match": {"state.audiences": {"$in": list(audiences)}}},
            {"$group": {
                "_id": "$state.rule", "n": {"$sum": 1},
                "acknowledged": {"$sum": {"$cond": [{"$ne": ["$state.acknowledged_by", None]}, 1, 0]}},
            }},
        ]  # fmt: skip
        rows = [row async for row in await self.collection.aggregate(pipeline)]
        return {
            "total": sum(r["n"] for r in rows),
            "acknowledged": sum(r["acknowledged"] for r in rows),
            "by_rule": {r["_id"]: r["n"] for r in rows},
        }
