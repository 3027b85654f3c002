"""All MongoDB of the audit: a document for each note, found by who, what, where and when, the newest first."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from pymongo import DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Raw, Repository
from contracts.audit import Act
from contracts.envelope import Event
from services.console.audit.fold import Note

COLLECTION: Final = "audit"
_NEWEST: Final = [("state.at", DESCENDING), ("_id", DESCENDING)]
_NAMED: Final = ("actor", "act", "object", "institution")
INDEXES: Final = [
    IndexModel(_NEWEST, name="newest"),
    *(IndexModel([(f"state.{name}", DESCENDING), *_NEWEST], name=name) for name in _NAMED),
]


class Wanted(msgspec.Struct, frozen=True):
    """Which notes: all where nothing is given; from `since` on, before `until`."""

    actor: str = ""
    act: Act | None = None
    object: str = ""
    institution: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def query(self) -> Raw:
        found: Raw = {f"state.{name}": value for name in _NAMED if (value := getattr(self, name))}
        span = {"$gte": self.since, "$lt": self.until}
        if span := {name: at for name, at in span.items() if at is not None}:
            found["state.at"] = span
        return found


class Place(NamedTuple):
    """Where a page ended."""

    at: datetime
    id: UUID


class Notes(Repository[Note]):
    """Notes by the id of their event."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Note)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, Event)
        return message.body.id

    async def page(self, wanted: Wanted, limit: int, after: Place | None = None) -> tuple[list[Note], Place | None]:
        """The newest of `wanted`, those after `after`; and where the next page begins, if there is one."""
        query = wanted.query
        if after is not None:
            later = {"state.at": after.at, "_id": {"$lt": after.id}}
            query = {"$and": [query, {"$or": [{"state.at": {"$lt": after.at}}, later]}]}
        found = await self.read(query, limit=limit + 1, sort=_NEWEST)
        notes = [d.state for d in found[:limit] if d.state is not None]
        return notes, Place(notes[-1].at, found[limit - 1].id) if len(found) > limit else None

    async def each(self, wanted: Wanted) -> AsyncIterator[Note]:
        """All of them, the newest first."""
        async for raw in self.collection.find(wanted.query, {"state": 1}, sort=_NEWEST, batch_size=1_000):
            yield msgspec.convert(raw["state"], Note, builtin_types=(datetime,))
