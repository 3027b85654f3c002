"""All MongoDB of duty: shifts, handovers, and how many open cases everybody has."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from services.intake.duty.model import Record, id_of, shift_record

COLLECTION = "duty"
INDEXES = [
    IndexModel([("state.shift.begins", ASCENDING)], name="begins", sparse=True),
    IndexModel([("state.handover.at", DESCENDING)], name="handed_over", sparse=True),
]
OPEN = ("new", "in_progress", "waiting", "escalated")


class DutyLog(Repository[Record]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Record)
        self._cases = db["cases"]

    def id_of(self, message: Message) -> UUID:
        return id_of(message.body)

    async def shift(self, shift_id: str) -> Document[Record] | None:
        query = {"_id": shift_record(shift_id), "state.removed": {"$ne": True}}
        return next(iter(await self.read(query, limit=1)), None)

    async def shifts(self, begins: datetime, ends: datetime, engineer: str, limit: int) -> list[Document[Record]]:
        """The shifts that touch this span of time, by their beginning."""
        query: Raw = {
            "state.shift.begins": {"$lt": ends},
            "state.shift.ends": {"$gt": begins},
            "state.removed": {"$ne": True},
        }
        if engineer:
            query["state.shift.engineer"] = engineer
        return await self.read(query, limit=limit, sort=[("state.shift.begins", ASCENDING)])

    async def handovers(self, engineer: str, limit: int) -> list[Document[Record]]:
        """The latest first; those that `engineer` gave or took."""
        query: Raw = {"state.handover.at": {"$exists": True}}
        if engineer:
            query["$or"] = [{"state.handover.from_engineer": engineer}, {"state.handover.to_engineer": engineer}]
        return await self.read(query, limit=limit, sort=[("state.handover.at", DESCENDING)])

    async def open_cases(self, engineer: str, limit: int = 501) -> list[Raw]:
        """Id and state of every open case of an engineer, the longest open first."""
        query = {"state.assignee": engineer, "state.status": {"$in": OPEN}}
        cursor = self._cases.find(query, {"state": 1}).sort("state.opened_at", ASCENDING).limit(limit)
        return [raw async for raw in cursor]

    async def loads(self, engineers: Collection[str]) -> dict[str, int]:
        """How many open cases each of these has."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"state.assignee": {"$in": list(engineers)}, "state.status": {"$in": OPEN}}},
            {"$group": {"_id": "$state.assignee", "n": {"$sum": 1}}},
        ]
        return {row["_id"]: row["n"] async for row in await self._cases.aggregate(pipeline)}
