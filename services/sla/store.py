"""All MongoDB of sla: clocks by case, and those whose time has come."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseEvent
from contracts.sla import TimerDue
from services.sla.fold import CaseClocks

INDEXES = [
    IndexModel(
        [("state.next_at", ASCENDING)], name="next", partialFilterExpression={"state.next_at": {"$type": "date"}}
    ),
]


class Clocks(Repository[CaseClocks]):
    """One document per case, under the case's own id."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["clocks"], CaseClocks)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseEvent | TimerDue)
        return message.body.case_id

    async def overdue(self, before: datetime, limit: int = 500) -> list[Document[CaseClocks]]:
        """Cases with a clock whose next threshold lies before `before`."""
        query = {"state.next_at": {"$type": "date", "$lt": before}}
        return await self.read(query, limit=limit, sort=[("state.next_at", 1)])

    async def list(self, query: Raw, limit: int) -> "list[Document[CaseClocks]]":
        return await self.read(query, limit=limit)

    async def waiting(self) -> int:
        """Cases with a clock that runs towards a threshold; counted in the index alone."""
        since = {"$type": "date", "$gt": datetime(1970, 1, 1, tzinfo=UTC)}
        return await self.collection.count_documents({"state.next_at": since}, hint="next")

    async def counts(self) -> dict[str, int]:
        """Clocks by state, and how many of all have been warned or breached."""
        pipeline: list[dict[str, Any]] = [
            {"$unwind": "$state.clocks"},
            {"$group": {
                "_id": "$state.clocks.state", "n": {"$sum": 1},
                "warned": {"$sum": {"$cond": ["$state.clocks.warned", 1, 0]}},
                "breached": {"$sum": {"$cond": ["$state.clocks.breached", 1, 0]}},
            }},
        ]  # fmt: skip
        counts = {"total": 0, "warned": 0, "breached": 0}
        async for row in await self.collection.aggregate(pipeline):
            counts[row["_id"]] = row["n"]
            for key, n in (("total", row["n"]), ("warned", row["warned"]), ("breached", row["breached"])):
                counts[key] += n
        return counts
