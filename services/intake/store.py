"""All MongoDB of intake: where a conversation's current case is found, and the queries of the API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseCommand
from contracts.channel import ChannelMessage
from services.intake.model import Case, case_id_of, conversation_of, ids_of

INDEXES = [
    IndexModel([("state.conversation", ASCENDING), ("state.current", ASCENDING)], name="conversation"),
    IndexModel([("causes", ASCENDING)], name="causes"),
    IndexModel([("state.status", ASCENDING), ("state.category", ASCENDING)], name="status"),
    IndexModel([("state.touched_at", DESCENDING)], name="touched"),
]


class Cases(Repository[Case]):
    """A message that is known goes to the case that knows it, else to its conversation's current case."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["cases"], Case)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseCommand)
        return message.body.case_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Case]]:
        if not isinstance(messages[0].body, ChannelMessage):
            return await super().locate(messages)
        conversations = [conversation_of(m.body) for m in messages if isinstance(m.body, ChannelMessage)]
        stored = await self.read(
            {
                "$or": [
                    {"state.conversation": {"$in": list(set(conversations))}, "state.current": True},
                    {"causes": {"$in": [m.cause_id for m in messages]}},
                ]
            }
        )
        knows = {cause: d for d in stored for cause in d.causes}
        current = await self._current(stored, set(conversations))
        # An id that comes twice in this batch belongs to one case, even where the two name different conversations.
        return [knows.setdefault(m.cause_id, current[c]) for m, c in zip(messages, conversations, strict=True)]

    async def _current(self, stored: list[Document[Case]], conversations: set[UUID]) -> dict[UUID, Document[Case]]:
        current: dict[UUID, Document[Case]] = {}
        for d in stored:
            assert d.state is not None
            other = current.get(d.state.conversation)
            if d.state.current and (other is None or other.state.opened_at < d.state.opened_at):  # type: ignore[union-attr]
                current[d.state.conversation] = d
        if absent := conversations - current.keys():
            earlier = await self._earlier(absent)
            current |= {c: Document(case_id_of(c, earlier.get(c, 0))) for c in absent}
        return current

    async def _earlier(self, conversations: set[UUID]) -> dict[UUID, int]:
        """How many cases each conversation has had; answered from the index alone."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"state.conversation": {"$in": list(conversations)}}},
            {"$group": {"_id": "$state.conversation", "n": {"$sum": 1}}},
        ]
        return {row["_id"]: row["n"] async for row in await self.collection.aggregate(pipeline)}

    async def by_status_and_category(self) -> dict[tuple[str, str], int]:
        group = {"_id": {"s": "$state.status", "c": "$state.category"}, "n": {"$sum": 1}}
        return {
            (row["_id"]["s"], row["_id"]["c"]): row["n"]
            async for row in await self.collection.aggregate([{"$group": group}])
        }

    async def list(self, query: Raw, limit: int) -> "list[Document[Case]]":
        """The most recently touched first."""
        return await self.read(query, limit=limit, sort=[("state.touched_at", DESCENDING)])

    async def find(self, reference: str) -> Document[Case] | None:
        """A case by its id or its number. None when there is none, or when `reference` is neither."""
        try:
            query: Raw = {"_id": UUID(reference)} if len(reference) >= 32 else _between(*ids_of(reference))
        except ValueError:
            return None
        return next(iter(await self.read(query, limit=1)), None)

    async def knowing(self, cause: UUID) -> Document[Case] | None:
        """The case in which a message ended up."""
        return next(iter(await self.read({"causes": cause}, limit=1)), None)


def _between(low: UUID, high: UUID) -> Raw:
    return {"_id": {"$gte": low, "$lte": high}}
