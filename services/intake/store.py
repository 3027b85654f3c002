"""All MongoDB of intake: where a conversation's current case is found, and the queries of the API."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from chassis.message import Message
from chassis.store import Document, Raw, Repository, binary
from chassis.vault import Vault
from contracts.case import CaseCommand, Category
from contracts.channel import ChannelMessage, ChannelReceipt
from services.intake.model import Brief, Case, Status, case_id_of, ids_of
from services.intake.threads.locating import Earlier, Locator, Neighbours, Strangers, wanted
from services.intake.threads.rules import Rules

DUPLICATE = 11_000
OPEN: tuple[Status, ...] = ("new", "in_progress", "waiting", "escalated")
INDEXES = [
    IndexModel([("state.conversation", ASCENDING), ("state.current", ASCENDING), ("state.touched_at", DESCENDING)],
        name="conversation",
    ),
    IndexModel([("causes", ASCENDING)], name="causes"),
    # One index for the gauge (covered) and for lists: MongoDB merges the ranges of $in in order of touched_at.
    IndexModel(
        [("state.status", ASCENDING), ("state.category", ASCENDING), ("state.touched_at", DESCENDING)], name="desk"
    ),
    # All cases by time, and what the figures of a day count, in the index alone.
    IndexModel(
        [("state.touched_at", DESCENDING), ("state.opened_at", DESCENDING), ("state.responded_at", DESCENDING),
         ("state.ended_at", DESCENDING)], name="today",
    ),
    # Lists: a hospital's own, those about an institution, those of certain days.
    IndexModel([("state.asked_from", ASCENDING), ("state.touched_at", DESCENDING)], name="asked"),
    IndexModel([("state.institution_code", ASCENDING), ("state.touched_at", DESCENDING)], name="institution"),
    IndexModel([("state.opened_at", DESCENDING)], name="opened"),
    # Open cases only, few of all: what pages count is in the index.
    IndexModel(
        [("state.status", ASCENDING), ("state.assignee", ASCENDING), ("state.priority", ASCENDING),
         ("state.institution_code", ASCENDING), ("state.asked_from", ASCENDING)], name="open",
        partialFilterExpression={"state.status": {"$in": list(OPEN)}},
    ),
    IndexModel(
        [("state.assignee", ASCENDING), ("state.status", ASCENDING)], name="assignee",
        partialFilterExpression={"state.assignee": {"$exists": True}},
    ),
    IndexModel(
        [("state.category_by", ASCENDING), ("state.touched_at", DESCENDING)], name="taught",
        partialFilterExpression={"state.category_by": "staff"},
    ),
    # Trainings only: those of a contract are counted, which may cover every institution.
    IndexModel(
        [("state.kind", ASCENDING), ("state.institution_code", ASCENDING)], name="trainings",
        partialFilterExpression={"state.kind": "training"},
    ),
    # Current cases only: those somebody may still answer. See windows.py.
    IndexModel(
        [("state.channel", ASCENDING), ("state.heard_at", ASCENDING)], name="window",
        partialFilterExpression={"state.current": True},
    ),
    IndexModel(
        [("state.channel", ASCENDING), ("state.replies", ASCENDING), ("state.heard_at", ASCENDING)], name="replies",
        partialFilterExpression={"state.current": True, "state.replies": {"$gt": 0}},
    ),
]  # fmt: skip


class Briefs(Repository[Brief]):
    """Cases for lists; for nothing that folds."""

    wanted: Raw = {"version": 1, **{f"state.{name}": 1 for name in Brief.__struct_fields__}}  # noqa: RUF012


class Cases(Repository[Case]):
    """A message that is known goes to the case that knows it, else to its conversation's current case."""

    def __init__(
        self, db: AsyncDatabase[Raw], vault: Vault, neighbours: Neighbours | None = None, rules: Rules = Rules()
    ) -> None:
        super().__init__(db["cases"], Case)
        # Acknowledged, not waited for on disk: the write of its case follows, and MongoDB's log keeps their order.
        self._originals, self._vault = db["originals"].with_options(write_concern=WriteConcern(w=1)), vault
        self._neighbours, self._rules = neighbours or Strangers(), rules
        self.briefs = Briefs(db["cases"], Brief)

    async def keep(self, asides: Sequence[tuple[UUID, str]]) -> None:
        """Originals, sealed, under their cause's id; the same original again is the same bytes."""
        rows = [{"_id": binary(id_), "sealed": self._vault.seal(id_, text)} for id_, text in asides]
        try:
            await self._originals.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if any(e["code"] != DUPLICATE for e in error.details["writeErrors"]):
                raise

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
        while True:
            stored = await self.read(wanted(messages))
            locator = Locator(stored, self._neighbours, self._rules, datetime.now(UTC))
            documents = locator.place(messages, {})
            if not (unsure := locator.unsure):
                return documents
            earlier = await self._earlier(unsure)
            if not await self._has_opened(unsure, stored):
                return locator.place(messages, earlier)

    async def _has_opened(self, conversations: set[UUID], known: Sequence[Document[Case]]) -> bool:
        """Whether another lane has opened a case in one of them since `known` was read: then look again."""
        query: Raw = {"state.conversation": {"$in": list(conversations)}, "state.current": True}
        query["_id"] = {"$nin": [d.id for d in known]}
        return await self.collection.find_one(query, {"_id": 1}) is not None

    async def _earlier(self, conversations: set[UUID]) -> dict[UUID, Earlier]:
        found = await asyncio.gather(*map(self._earlier_of, conversations))
        return dict(zip(conversations, found, strict=True))

    async def _earlier_of(self, conversation: UUID) -> Earlier:
        """The next number of a conversation's cases that is free, and what ended last; from the index alone."""
        query = {"state.conversation": conversation}
        n = await self.collection.count_documents(query)
        while present := {d.id for d in await self.read({"_id": {"$in": [case_id_of(conversation, n)]}})}:
            n += len(present)  # a case was deleted: its number leaves a gap
        ended = await self.read({**query, "state.current": False}, limit=20, sort=[("state.touched_at", DESCENDING)])
        lasts = {d.state.requester: await self._heir(d) for d in reversed(ended) if d.state is not None}
        return Earlier(n, {requester: d for requester, d in lasts.items() if d is not None})

    async def _heir(self, document: Document[Case] | None) -> Document[Case] | None:
        """The case itself, or the one that it has become part of."""
        for _ in range(5):
            if document is None or document.state is None or document.state.merged_into is None:
                return document
            document = next(iter(await self.read({"_id": document.state.merged_into}, limit=1)), None)
        return None

    async def by_status_and_category(self, among: Raw | None = None) -> dict[tuple[str, str], int]:
        """Of the cases that `among` asks for; of all of them from the index, which the status leads to."""
        match = {"$match": among or {"state.status": {"$in": get_args(Status)}}}
        group = {"$group": {"_id": {"s": "$state.status", "c": "$state.category"}, "n": {"$sum": 1}}}
        rows = await self.collection.aggregate([match, group])
        return {(row["_id"]["s"], row["_id"]["c"]): row["n"] async for row in rows}

    async def list(self, query: Raw, limit: int) -> "list[Document[Case]]":
        """The most recently touched first."""
        query = {"state.status": {"$in": get_args(Status)}, "state.category": {"$in": get_args(Category)}, **query}
        return await self.read(query, limit=limit, sort=[("state.touched_at", DESCENDING)])

    async def quiet(self, before: datetime, limit: int) -> Sequence[Document[Case]]:
        """Resolved cases that nothing has touched since `before`, the quietest first."""
        query = {
            "state.status": "resolved",
            "state.category": {"$in": get_args(Category)},
            "state.touched_at": {"$lt": before},
        }
        return await self.read(query, limit=limit, sort=[("state.touched_at", ASCENDING)])

    async def find(self, reference: str) -> Document[Case] | None:
        """A case by its id or its number. None when there is none, or when `reference` is neither."""
        try:
            query: Raw = {"_id": UUID(reference)} if len(reference) >= 32 else _between(*ids_of(reference))
        except ValueError:
            return None
        return next(iter(await self.read(query, limit=1)), None)

    async def knowing(self, cause: UUID) -> Document[Case] | None:
        """The case that a message came to at first."""
        return next(iter(await self.read({"causes": cause}, limit=1)), None)

    async def holding(self, found: Document[Case], message_id: str) -> Document[Case]:
        """The case in which a message is now, from the one that it came to; it may have been moved since."""
        seen: set[UUID] = set()
        while found.id not in seen and not _has(found, message_id):
            seen.add(found.id)
            said = [msgspec.json.decode(text) for text in await self.history(found.id) or ()]
            moves = [e for e in said if e["type"] == "case.messages_moved" and message_id in e["message_ids"]]
            if not moves or not (there := await self.read({"_id": UUID(moves[-1]["to_case"])}, limit=1)):
                break
            found = there[0]
        return found


def _has(document: Document[Case], message_id: str) -> bool:
    return document.state is not None and any(message_id in line.message_ids for line in document.state.lines)


def _between(low: UUID, high: UUID) -> Raw:
    return {"_id": {"$gte": low, "$lte": high}}
