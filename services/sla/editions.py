"""The editions of the promises as they are kept: what held when must be known as long as there are cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.calendars.book import CalendarBook
from chassis.calendars.definition import Definition
from chassis.store import Raw
from services.sla.book import Edition
from services.sla.policy import Policy, parse

_KEPT = "editions"


class Editions:
    """One document per edition, numbered from 1; `by` is who wanted it, `files` what the files said at that time."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._kept: AsyncCollection[Raw] = db[_KEPT]

    async def after(self, number: int) -> list[Edition]:
        """Those that came after this many, the oldest first."""
        return [_edition(row) async for row in self._kept.find({"_id": {"$gt": number}}, sort=[("_id", 1)])]

    async def begin(
        self, known: int, policies: Sequence[Policy], calendars: CalendarBook, files: str, by: str, now: datetime
    ) -> bool:
        """Another edition holds from `now` on; False when there are more than the `known` ones that it was made of.

        Raises ValueError when it cannot hold.
        """
        row = {
            "_id": known + 1,
            "since": now,
            "by": by,
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

    async def files(self) -> str:
        """What the files said when the last edition began; empty before the first."""
        last: dict[str, Any] | None = await self._kept.find_one(sort=[("_id", -1)])
        return "" if last is None else str(last["files"])


def _edition(row: dict[str, Any]) -> Edition:
    calendars = CalendarBook(map(Definition.from_dict, row["calendars"]))
    hours = {name: calendars.current(name) for name in calendars.names}
    return Edition(parse(row["policies"]), hours, row["since"], calendars.definitions, row["by"])
