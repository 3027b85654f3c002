"""All MongoDB of runs, and what a request finds around it: by which definition its report is counted."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.stats import RequestRun, RunCommand
from services.stats.definitions.book import Book
from services.stats.report import Scope
from services.stats.runs.model import Agreed, Run
from services.stats.sources.table import tables

COLLECTION: Final = "runs"
INDEXES: Final = [
    IndexModel([("state.requested_at", DESCENDING)], name="requested"),
    IndexModel([("state.status", ASCENDING), ("state.requested_at", DESCENDING)], name="status"),
    IndexModel([("state.report", ASCENDING), ("state.requested_at", DESCENDING)], name="report"),
    IndexModel([("state.expired_at", ASCENDING), ("state.ended_at", ASCENDING)], name="expiry"),
]
RECONCILE: Final = "reconciliation"


class Runs(Repository[Run]):
    """Runs by id."""

    def __init__(self, db: AsyncDatabase[Raw], book: Book) -> None:
        super().__init__(db[COLLECTION], Run)
        self._book = book

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, RunCommand)
        return message.body.run_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Run]]:
        for message in messages:
            if isinstance(message.body, RequestRun):
                message.hint = await self._agreed(message.body)
        return await super().locate(messages)

    async def _agreed(self, request: RequestRun) -> Agreed:
        if request.kind == "ingest":
            table = tables().get(request.report)
            return Agreed(table.hash if table else "")
        if request.kind == "reconcile":
            return Agreed(RECONCILE)
        return Agreed(*await self._book.hashes(request.report))

    async def find(self, run_id: UUID, scope: Scope | None = None) -> Document[Run] | None:
        """The run that was requested under this id, if it is of this scope."""
        query: dict[str, Any] = {"_id": run_id, "state.requested_at": {"$ne": None}, **_within(scope)}
        return next(iter(await self.read(query, limit=1)), None)

    async def list(self, query: Raw, limit: int, scope: Scope | None = None) -> Sequence[Document[Run]]:
        """The most recently requested first."""
        known = {"state.requested_at": {"$ne": None}, **query, **_within(scope)}
        return await self.read(known, limit=limit, sort=[("state.requested_at", DESCENDING)])

    async def outdated(self, before: datetime, limit: int = 200) -> Sequence[UUID]:
        """Those whose files have been kept long enough."""
        query = {"state.expired_at": None, "state.ended_at": {"$lt": before}}
        return [document.id for document in await self.read(query, limit=limit)]

    async def expired(self, since: datetime) -> Sequence[UUID]:
        """Those whose files are said to be gone since then."""
        return [document.id for document in await self.read({"state.expired_at": {"$gte": since}})]


def _within(scope: Scope | None) -> Raw:
    """Only runs that counted no more than these rows: what a run counted stands in its wish.

    Every institution and every district of the wish is one of the scope's; a wish without any counted everything.
    """
    query: Raw = {}
    if scope is not None and scope.institutions is not None:
        query["state.wanted.institutions"] = _all_of(list(scope.institutions))
    if scope is not None and scope.districts is not None:
        query["state.wanted.districts"] = _all_of([re.compile(f"^{re.escape(d)}") for d in scope.districts])
    return query


def _all_of(mine: Sequence[str | re.Pattern[str]]) -> Raw:
    # None is no array and an empty one counted nothing: neither is anybody's.
    return {"$type": "array", "$ne": [], "$not": {"$elemMatch": {"$nin": mine}}}
