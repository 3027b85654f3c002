"""All MongoDB of definitions: one document for each report that the desk has drafted something for."""

from typing import Final
from uuid import UUID

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.definition import DefinitionCommand
from contracts.envelope import derive_id
from services.stats.definitions.model import Agreement

COLLECTION: Final = "definitions"
INDEXES: Final[list[IndexModel]] = []


def definition_id(report: str) -> UUID:
    return derive_id("definition", report)


class Definitions(Repository[Agreement]):
    """Agreements by the id of their report."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Agreement)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, DefinitionCommand)
        return definition_id(message.body.report)

    async def find(self, report: str) -> Document[Agreement] | None:
        return next(iter(await self.read({"_id": definition_id(report)}, limit=1)), None)

    async def all(self) -> list[Document[Agreement]]:
        return await self.read({})
