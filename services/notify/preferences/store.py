"""All MongoDB of settings: one document each, removed ones too."""

from typing import Any
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.setting import SettingKind
from services.notify.preferences.model import Setting, id_of, setting_id

COLLECTION = "settings"
INDEXES = [IndexModel([("state.kind", ASCENDING), ("state.key", ASCENDING)], name="kind_key")]
_THERE: Raw = {"state.removed": {"$ne": True}}


class SettingStore(Repository[Setting]):
    def __init__(self, db: AsyncDatabase[dict[str, Any]]) -> None:
        super().__init__(db[COLLECTION], Setting)

    def id_of(self, message: Message) -> UUID:
        return id_of(message.body)

    async def one(self, kind: SettingKind, key: str) -> Document[Setting] | None:
        found = await self.read({"_id": setting_id(kind, key), **_THERE}, limit=1)
        return next(iter(found), None)

    async def all(self, kind: SettingKind, limit: int = 0) -> list[Document[Setting]]:
        """By key."""
        return await self.read({"state.kind": kind, **_THERE}, limit=limit, sort=[("state.key", ASCENDING)])

    async def has_addresses(self) -> bool:
        """Whether any address is kept, sealed."""
        query = {"state.kind": "recipient", "state.facts.endpoints.sealed": {"$gt": ""}}
        return await self.collection.find_one(query, {"_id": 1}) is not None
