"""All MongoDB of the directory: entries, who wrote to the desk and is not in it, and trainings held."""

import re
from typing import Any, get_args
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import Category
from contracts.directory import EntryKind, ServiceContract
from services.intake.directory.model import Entry, entry_id, id_of

COLLECTION = "directory"
INDEXES = [IndexModel([("state.kind", ASCENDING), ("state.key", ASCENDING)], name="kind_key")]
OPEN = ("new", "in_progress", "waiting", "escalated")
_LATEST = 1_000
_SEARCHED = ("key", "facts.name", "facts.aliases", "facts.his_vendor", "facts.institution_code", "facts.role",
             "facts.institution_codes", "facts.identities.shown")  # fmt: skip


class Entries(Repository[Entry]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Entry)
        self._cases = db["cases"]

    def id_of(self, message: Message) -> UUID:
        return id_of(message.body)

    async def known(self, ids: list[UUID]) -> set[UUID]:
        """Which of these there are or have been."""
        return {raw["_id"] async for raw in self.collection.find({"_id": {"$in": ids}}, {"_id": 1})}

    async def one(self, kind: str, key: str, among: Raw | None = None) -> Document[Entry] | None:
        """`among` are the entries that count as there."""
        query = {"$and": [{"_id": entry_id(kind, key), "state.removed": {"$ne": True}}, among or {}]}
        found = await self.read(query, limit=1)
        return next(iter(found), None)

    async def matching(
        self, kind: EntryKind, words: str, limit: int, among: Raw | None = None
    ) -> list[Document[Entry]]:
        """Entries that hold every one of `words`, by key; `among` narrows them down."""
        query: Raw = {**(among or {}), "state.kind": kind, "state.removed": {"$ne": True}}
        patterns = [{"$regex": re.escape(word), "$options": "i"} for word in words.split()]
        if patterns:
            query["$and"] = [{"$or": [{f"state.{field}": p} for field in _SEARCHED]} for p in patterns]
        return await self.read(query, limit=limit, sort=[("state.key", ASCENDING)])

    async def unknown_senders(self, limit: int) -> list[Raw]:
        """Accounts with open cases that belong to no contact, those with most cases first; of the latest such cases."""
        pipeline: list[dict[str, Any]] = [
            # The category as well, because the index that has the order begins with both.
            {
                "$match": {
                    "state.status": {"$in": OPEN},
                    "state.category": {"$in": get_args(Category)},
                    "state.contact": None,
                }
            },
            {"$sort": {"state.touched_at": -1}},
            {"$limit": _LATEST},
            {
                "$group": {
                    "_id": "$state.requester",
                    "channel": {"$first": "$state.channel"},
                    "shown": {"$first": "$state.requester_id"},
                    "name": {"$first": "$state.requester_name"},
                    "institution_code": {"$first": "$state.institution_code"},
                    "last_case": {"$first": "$state.number"},
                    "last_at": {"$first": "$state.touched_at"},
                    "cases": {"$sum": 1},
                    "case_ids": {"$push": "$_id"},
                }
            },
            {"$sort": {"cases": -1, "last_at": -1}},
            {"$limit": limit},
        ]
        return [row async for row in await self._cases.aggregate(pipeline)]

    async def unknown_sender(self, requester: UUID) -> Raw | None:
        """What the open cases of one account say about it."""
        query = {"state.requester": requester, "state.status": {"$in": OPEN}}
        found = [raw async for raw in self._cases.find(query, {"history": 0, "causes": 0}).limit(1_000)]
        if not found:
            return None
        last = max(found, key=lambda raw: raw["state"]["touched_at"])["state"]
        return {**last, "case_ids": [raw["_id"] for raw in found if "contact" not in raw["state"]]}

    async def trainings(self, contract: ServiceContract) -> list[Raw]:
        """Training cases (培训) of the contract's institutions that were opened while it ran (Beijing's days)."""
        day = {"date": "$state.opened_at", "format": "%Y-%m-%d", "timezone": "+08:00"}
        within = {"$gte": [{"$dateToString": day}, contract.begins]}, {"$lte": [{"$dateToString": day}, contract.ends]}
        query: Raw = {
            "state.kind": "training",
            "state.institution_code": {"$in": list(contract.institution_codes)},
            "$expr": {"$and": list(within)},
        }
        fields = {"state.number": 1, "state.title": 1, "state.status": 1, "state.institution_code": 1}
        return [raw["state"] async for raw in self._cases.find(query, fields).limit(10_000)]
