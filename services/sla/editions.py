"""The editions of the promises as they are kept: what held when must be known as long as there are cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.store import Raw
from services.sla.book import Book, Edition
from services.sla.calendars.book import CalendarBook
from services.sla.calendars.definition import Definition
from services.sla.policy import Policy, parse

_KEPT = "editions"


class Editions:
    """One document per edition, numbered, so that of two processes that begin one at the same time one is refused."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._kept: AsyncCollection[Raw] = db[_KEPT]

    async def book(self) -> Book | None:
        """All of them; None before the first."""
        rows = [row async for row in self._kept.find(sort=[("_id", 1)])]
        return Book([_edition(row) for row in rows]) if rows else None

    async def begin(self, policies: Sequence[Policy], calendars: CalendarBook, files: str, now: datetime) -> bool:
        """Another edition holds from `now` on; False when another process was faster."""
        last = await self._last()
        row = {
            "_id": last["_id"] + 1 if last else 1,
            "since": now,
            "files": files,
            "policies": msgspec.to_builtins(tuple(policies)),
            "calendars": [definition.to_dict() for definition in calendars.definitions],
        }
        _edition(row)  # what cannot be read again must not be kept
        try:
            await self._kept.insert_one(row)
        except DuplicateKeyError:
            return False
        return True

    async def files(self) -> str | None:
        """Of which files the last edition that came from files was made."""
        last = await self._last()
        return None if last is None else str(last["files"])

    async def _last(self) -> dict[str, Any] | None:
        return await self._kept.find_one(sort=[("_id", -1)])


def _edition(row: dict[str, Any]) -> Edition:
    calendars = CalendarBook(map(Definition.from_dict, row["calendars"]))
    hours = {name: calendars.current(name) for name in calendars.names}
    return Edition(parse(row["policies"]), hours, row["since"], calendars.definitions)
