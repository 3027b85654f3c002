"""All MongoDB of knowledge: where a case's article is, and the queries of the API."""

from typing import Any
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseResolved
from services.knowledge.model import Article, article_id_of

INDEXES = [
    IndexModel([("state.number", ASCENDING)], name="number"),
    IndexModel([("state.category", ASCENDING)], name="category"),
]


class Articles(Repository[Article]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["articles"], Article)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseResolved)
        return article_id_of(message.body.case_id)

    async def find(self, reference: str) -> Document[Article] | None:
        """An article by its id or its case's number. None when there is none."""
        try:
            query: Raw = {"_id": UUID(reference)}
        except ValueError:
            query = {"state.number": reference.upper()}
        return next(iter(await self.read(query, limit=1)), None)

    async def by_category(self) -> dict[str, int]:
        group: list[dict[str, Any]] = [{"$group": {"_id": "$state.category", "n": {"$sum": 1}}}, {"$sort": {"n": -1}}]
        return {row["_id"]: row["n"] async for row in await self.collection.aggregate(group)}
