"""All MongoDB of reconciliations: one document for each institution and period, its differences in it."""

from typing import Final
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.reconciliation import ReconciliationCommand
from services.stats.reconcile.model import Reconciliation, reconciliation_id

COLLECTION: Final = "reconciliations"
INDEXES: Final[list[IndexModel]] = [
    IndexModel([("state.compared_at", DESCENDING)], name="latest"),
    IndexModel([("state.fixmedins_code", ASCENDING), ("state.period", DESCENDING)], name="institution"),
]
_BRIEF: Final[Raw] = {"history": 0, "causes": 0, "state.items": 0}


class Reconciliations(Repository[Reconciliation]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Reconciliation)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, ReconciliationCommand)
        return reconciliation_id(message.body.fixmedins_code, message.body.period)

    async def find(self, id_: UUID) -> Document[Reconciliation] | None:
        return next(iter(await self.read({"_id": id_}, limit=1)), None)

    async def latest(self, query: Raw, limit: int) -> list[Document[Reconciliation]]:
        """The latest compared first, without their differences: there may be thousands."""
        cursor = self.collection.find(query, _BRIEF, limit=limit, sort=[("state.compared_at", DESCENDING)])
        return [self._document({"causes": [], **raw}) async for raw in cursor]
