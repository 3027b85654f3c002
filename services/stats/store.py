"""All MongoDB of stats: runs and the queries of the API."""

from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.stats import RunCommand
from services.stats.model import Run

INDEXES = [
    IndexModel([("state.requested_at", DESCENDING)], name="requested"),
    IndexModel([("state.status", ASCENDING), ("state.requested_at", DESCENDING)], name="status"),
]


class Runs(Repository[Run]):
    """Runs by id."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["runs"], Run)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, RunCommand)
        return message.body.run_id

    async def find(self, run_id: UUID) -> Document[Run] | None:
        """The run that was requested under this id."""
        query: dict[str, Any] = {"_id": run_id, "state.requested_at": {"$ne": None}}
        return next(iter(await self.read(query, limit=1)), None)

    async def list(self, query: Raw, limit: int) -> "list[Document[Run]]":
        """The most recently requested first."""
        known = {"state.requested_at": {"$ne": None}, **query}
        return await self.read(known, limit=limit, sort=[("state.requested_at", DESCENDING)])
