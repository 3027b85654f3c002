"""All MongoDB of schedules: one document each, removed ones too. There are dozens."""

from typing import Final
from uuid import UUID

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.schedule import ScheduleCommand
from services.stats.schedules.model import Schedule

COLLECTION: Final = "schedules"
INDEXES: Final[list[IndexModel]] = []


class Schedules(Repository[Schedule]):
    """Schedules by id."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Schedule)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, ScheduleCommand)
        return message.body.schedule_id

    async def all(self) -> list[Document[Schedule]]:
        """Those that are not removed."""
        return await self.read({"state.scheduled": {"$ne": None}})

    async def find(self, schedule_id: UUID) -> Document[Schedule] | None:
        return next(iter(await self.read({"_id": schedule_id, "state.scheduled": {"$ne": None}}, limit=1)), None)
