"""What was dealt with, by what it was about: for alerts that begin later about something that happened before."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.store import Raw, binary
from services.notify.alerts.dealt import Word, Words

COLLECTION = "notify_settled"
KEPT_S = 7 * 86_400
INDEXES = [IndexModel([("noted_at", ASCENDING)], name="kept", expireAfterSeconds=KEPT_S)]


class Settled:
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._words = db[COLLECTION]

    async def prepare(self) -> None:
        await self._words.create_indexes(INDEXES)

    async def note(self, subject: UUID, answered: bool, at: datetime, reason: str) -> None:
        """Only the latest is kept; the same again changes nothing."""
        part = "answered" if answered else "ended"
        word = {"$literal": {"at": at, "reason": reason}}
        newer = {"$gt": [at, {"$ifNull": [f"${part}.at", datetime(1970, 1, 1, tzinfo=UTC)]}]}
        change = {part: {"$cond": [newer, word, f"${part}"]}, "noted_at": "$$NOW"}
        await self._words.update_one({"_id": binary(subject)}, [{"$set": change}], upsert=True)

    async def about(self, subjects: Collection[UUID]) -> Mapping[UUID, Words]:
        query = {"_id": {"$in": [binary(s) for s in subjects]}}
        rows = [row async for row in self._words.find(query)]
        return {row["_id"]: Words(_word(row.get("answered")), _word(row.get("ended"))) for row in rows}


def _word(raw: Raw | None) -> Word | None:
    return Word(raw["at"], raw["reason"]) if raw else None
