"""All MongoDB of intake: where a conversation's current case is found, and the queries of the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository, binary
from contracts.case import CaseCommand, Category
from contracts.channel import ChannelMessage, ChannelReceipt
from services.intake.model import Case, Status, case_id_of, conversation_of, ids_of
from services.intake.vault import Vault

INDEXES = [
    IndexModel([("state.conversation", ASCENDING), ("state.current", ASCENDING)], name="conversation"),
    IndexModel([("causes", ASCENDING)], name="causes"),
    # One index for the gauge (covered) and for lists: MongoDB merges the ranges of $in in order of touched_at.
    IndexModel(
        [("state.status", ASCENDING), ("state.category", ASCENDING), ("state.touched_at", DESCENDING)], name="desk"
    ),
]


class Cases(Repository[Case]):
    """A message that is known goes to the case that knows it, else to its conversation's current case."""

    def __init__(self, db: AsyncDatabase[Raw], vault: Vault) -> None:
        super().__init__(db["cases"], Case)
        self._originals, self._vault = db["originals"], vault

    async def keep(self, asides: Sequence[tuple[UUID, str]]) -> None:
        """Originals, sealed, under their cause's id; the same original again is the same bytes."""
        writes = [
            UpdateOne({"_id": binary(id_)}, {"$setOnInsert": {"sealed": self._vault.seal(id_, text)}}, upsert=True)
            for id_, text in asides
        ]
        await self._originals.bulk_write(writes, ordered=False)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseCommand | ChannelReceipt)
        return message.body.case_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Case]]:
        said = [m for m in messages if isinstance(m.body, ChannelMessage)]
        if len(said) == len(messages):
            return await self._threads(said)
        rest = [m for m in messages if not isinstance(m.body, ChannelMessage)]
        others, threads = await super().locate(rest), await self._threads(said) if said else []
        known = {d.id: d for d in others}
        found = {id(m): d for m, d in zip((*rest, *said), (*others, *threads), strict=True)}
        return [known.get(found[id(m)].id, found[id(m)]) for m in messages]

    async def _threads(self, messages: Sequence[Message]) -> list[Document[Case]]:
        conversations = [conversation_of(m.body) for m in messages if isinstance(m.body, ChannelMessage)]
        first = {c: case_id_of(c, 0) for c in conversations}
        stored = await self.read(
            {
                "$or": [
                    {"state.conversation": {"$in": [binary(c) for c in first]}, "state.current": True},
                    {"causes": {"$in": [binary(m.cause_id) for m in messages]}},
                    {"_id": {"$in": [binary(i) for i in first.values()]}},
                ]
            }
        )
        knows = {cause: d for d in stored for cause in d.causes}
        current = await self._current(stored, first)
        # An id that comes twice in this batch belongs to one case, even where the two name different conversations.
        return [knows.setdefault(m.cause_id, current[c]) for m, c in zip(messages, conversations, strict=True)]

    async def _current(self, stored: list[Document[Case]], first: dict[UUID, UUID]) -> dict[UUID, Document[Case]]:
        """Each conversation's current case, or the new one that its message will open."""
        current: dict[UUID, Document[Case]] = {}
        for d in sorted(stored, key=_opened_at):
            if d.state is not None and d.state.current:
                current[d.state.conversation] = d
        taken = {d.id for d in stored}
        again = {c for c, id_ in first.items() if c not in current and id_ in taken}
        earlier = await self._earlier(again) if again else {}
        for conversation, id_ in first.items():
            if conversation not in current:
                n = earlier.get(conversation, 0)
                current[conversation] = Document(case_id_of(conversation, n) if n else id_)
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
        query = {"state.status": {"$in": get_args(Status)}, "state.category": {"$in": get_args(Category)}, **query}
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


def _opened_at(document: Document[Case]) -> datetime:
    assert document.state is not None
    return document.state.opened_at


def _between(low: UUID, high: UUID) -> Raw:
    return {"_id": {"$gte": low, "$lte": high}}
