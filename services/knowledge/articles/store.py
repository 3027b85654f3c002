"""All MongoDB of articles: where an article is, and the queries of the API."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseResolved
from contracts.knowledge_work import ArticleCommand
from services.knowledge.articles.fold import Likeness
from services.knowledge.articles.model import Article, article_id_of
from services.knowledge.articles.queries import due_query

COLLECTION: Final = "articles"
INDEXES: Final = [
    IndexModel([("state.number", ASCENDING)], name="number"),
    IndexModel([("state.revised_at", DESCENDING)], name="latest"),
    IndexModel([("state.state", ASCENDING), ("state.revised_at", DESCENDING)], name="desk"),
    IndexModel([("state.owner", ASCENDING), ("state.state", ASCENDING)], name="owner"),
    IndexModel([("state.sources.id", ASCENDING)], name="source"),
    IndexModel([("state.live.audience", ASCENDING), ("state.published_at", DESCENDING)], name="readers"),
    IndexModel(
        [("state.review_at", ASCENDING)], name="review", partialFilterExpression={"state.review_at": {"$type": "date"}}
    ),
    IndexModel(
        [("state.reviewed_at", ASCENDING)], name="reviewed",
        partialFilterExpression={"state.reviewed_at": {"$type": "date"}},
    ),
]  # fmt: skip
Similar = Callable[[CaseResolved], Awaitable[Likeness | None]]
"""Finds the article that says nearly what a resolution says."""


async def nobody(_: CaseResolved) -> Likeness | None:
    return None


class Articles(Repository[Article]):
    """A resolution that is new brings along which article says nearly the same."""

    def __init__(self, db: AsyncDatabase[Raw], similar: Similar = nobody) -> None:
        super().__init__(db[COLLECTION], Article)
        self._similar = similar

    def id_of(self, message: Message) -> UUID:
        if isinstance(message.body, CaseResolved):
            return article_id_of(message.body.case_id)
        assert isinstance(message.body, ArticleCommand)
        return message.body.article_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Article]]:
        documents = await super().locate(messages)
        for message, document in zip(messages, documents, strict=True):
            if document.state is None and isinstance(message.body, CaseResolved):
                message.hint = await self._similar(message.body)
        return documents

    async def find(self, reference: str) -> Document[Article] | None:
        """An article by its id or its number. None when there is none."""
        try:
            query: Raw = {"_id": UUID(reference)}
        except ValueError:
            query = {"state.number": reference.upper()}
        return next(iter(await self.read(query, limit=1)), None)

    async def page(self, query: Raw, newest: str, limit: int, offset: int = 0) -> tuple[int, list[Document[Article]]]:
        """How many there are, and some of them, the newest by the field `newest` first."""
        order = [(newest, DESCENDING), ("_id", ASCENDING)]
        cursor = self.collection.find(query, {"history": 0}, sort=order, skip=offset, limit=limit)
        return await self.collection.count_documents(query), [self._document(raw) async for raw in cursor]

    async def due(self, now: datetime, limit: int = 500) -> list[Document[Article]]:
        """Published ones whose date of review has come, the longest waiting first."""
        return await self.read(due_query(now), limit=limit, sort=[("state.review_at", ASCENDING)])

    async def target(self, reference: str) -> Document[Article] | None:
        """Where a merge into this one ends; None when there is none, or it leads in a ring."""
        found, seen = await self.find(reference), set[UUID]()
        while found is not None and found.state is not None and found.state.merged_into and found.id not in seen:
            seen.add(found.id)
            found = await self.find(str(found.state.merged_into))
        return None if found is not None and found.id in seen else found

    async def count(self, query: Raw, *fields: str) -> list[dict[str, int]]:
        """How many of each value of each field."""
        facets = {str(n): [{"$sortByCount": f"${field}"}] for n, field in enumerate(fields)}
        stages: list[dict[str, Any]] = [{"$match": query}, {"$facet": facets}]
        found = await (await self.collection.aggregate(stages)).to_list()
        return [{row["_id"]: row["count"] for row in found[0][str(n)]} for n in range(len(fields))]

    async def how_many(self, query: Raw) -> int:
        return await self.collection.count_documents(query)
