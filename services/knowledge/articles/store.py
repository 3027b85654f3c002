"""All MongoDB of articles: where an article is, and the queries of the API."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseResolved
from contracts.knowledge_work import ArticleCommand
from services.knowledge.articles.fold import Likeness
from services.knowledge.articles.model import Article, article_id_of
from services.knowledge.articles.queries import UNTOUCHED, due_query

COLLECTION: Final = "articles"
_BY_ID: Final = ("_id", ASCENDING)  # lists are cut at it: an index that ends with it serves them in order
INDEXES: Final = [
    IndexModel([("state.number", ASCENDING)], name="number"),
    IndexModel([("state.revised_at", DESCENDING), _BY_ID], name="newest"),
    IndexModel([("state.state", ASCENDING), ("state.revised_at", DESCENDING), _BY_ID], name="by_state"),
    IndexModel([("state.owner", ASCENDING), ("state.revised_at", DESCENDING), _BY_ID], name="by_owner"),
    IndexModel([(f"state.facts.{n}", ASCENDING) for n in ("category", "kind")] + [("state.state", 1)], name="shelf"),
    IndexModel([("state.sources.id", ASCENDING)], name="source"),
    IndexModel([("state.live.audience", ASCENDING), ("state.published_at", DESCENDING), _BY_ID], name="by_reader"),
    # Not partial: MongoDB uses no partial index for a range of dates, and the duty asks every minute.
    *(IndexModel([(f"state.{n}", ASCENDING)], name=n) for n in ("review_at", "reviewed_at", "questioned_at")),
]
Counts = dict[str, int]
Similar = Callable[[Sequence[CaseResolved]], Awaitable[Sequence[Likeness | None]]]
"""For each of these resolutions the article that says nearly the same."""


async def nobody(several: Sequence[CaseResolved]) -> Sequence[Likeness | None]:
    return [None] * len(several)


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
        new = [m for m, d in zip(messages, documents, strict=True) if d.state is None]
        asking = [(m, m.body) for m in new if isinstance(m.body, CaseResolved)]
        if asking:
            for (message, _), hint in zip(asking, await self._similar([body for _, body in asking]), strict=True):
                message.hint = hint
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
        order = [(newest, DESCENDING), _BY_ID]
        cursor = self.collection.find(query, {"history": 0}, sort=order, skip=offset, limit=limit)
        return await self.how_many(query), [self._document(raw) async for raw in cursor]

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

    async def drafts_after(self, place: tuple[datetime, UUID], until: datetime, limit: int) -> list[Document[Article]]:
        """Untouched drafts of cases in the order in which they were written, from this place on."""
        at, id_ = place
        later: Raw = {"$or": [{"state.revised_at": {"$gt": at}}, {"state.revised_at": at, "_id": {"$gt": id_}}]}
        query = {**UNTOUCHED, "state.revised_at": {"$gte": at, "$lt": until}, **later}
        return await self.read(query, limit=limit, sort=[("state.revised_at", ASCENDING), _BY_ID])

    async def count(self, query: Raw, *fields: str, hint: str | None = None, but: Sequence[str] = ()) -> list[Counts]:
        """How many of each value of each field, but for those whose first field is one of `but`. An index of the name
        `hint` that has all fields is enough where nothing else is asked: MongoDB fetches for a query about a part."""
        group = {"_id": {str(n): f"${field}" for n, field in enumerate(fields)}, "n": {"$sum": 1}}
        more: Raw = {} if hint is None else {"hint": hint}
        stages: list[Raw] = [{"$match": query}, {"$group": group}]
        counted: list[Counter[str]] = [Counter() for _ in fields]
        async for row in await self.collection.aggregate(stages, **more):
            for n, values in enumerate(counted):
                if row["_id"]["0"] not in but:
                    values[row["_id"][str(n)]] += row["n"]
        return [dict(values.most_common()) for values in counted]

    async def how_many(self, query: Raw) -> int:
        everything = self.collection.estimated_document_count
        return await self.collection.count_documents(query) if query else await everything()
