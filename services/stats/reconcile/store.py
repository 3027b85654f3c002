"""All MongoDB of reconciliations: one document for each institution and period, its differences in it."""

from typing import Final
from uuid import UUID

from msgspec import convert
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.reconciliation import ReconciliationCommand
from services.stats.reconcile.model import Item, Reconciliation, reconciliation_id

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
        """Without its differences, as `latest`."""
        return next(iter(await self.latest({"_id": id_}, 1)), None)

    async def differences(
        self, id_: UUID, of: int | None, unanswered: bool, find: str, offset: int, limit: int
    ) -> tuple[int, int, list[Item]]:
        """How many are kept one by one, how many of these are of class `of`, without an answer and with `find` in an
        id, and a page of them. MongoDB cuts it out: reading thousands to show fifty takes a hundred times as long.
        """
        kept = {"$filter": {"input": "$state.items", "as": "i", "cond": {"$and": _conditions(of, unanswered, find)}}}
        cursor = await self.collection.aggregate([
            {"$match": {"_id": id_}},
            {"$project": {"listed": {"$size": "$state.items"}, "kept": kept}},
            {"$project": {"listed": 1, "count": {"$size": "$kept"}, "page": {"$slice": ["$kept", offset, limit]}}},
        ])  # fmt: skip
        found = await cursor.to_list()
        [one] = found or [{"listed": 0, "count": 0, "page": []}]
        return one["listed"], one["count"], convert(one["page"], list[Item])

    async def latest(self, query: Raw, limit: int) -> list[Document[Reconciliation]]:
        """The latest compared first, without their differences: there may be thousands."""
        cursor = self.collection.find(query, _BRIEF, limit=limit, sort=[("state.compared_at", DESCENDING)])
        return [self._document({"causes": [], **raw}) async for raw in cursor]


def _conditions(of: int | None, unanswered: bool, find: str) -> list[Raw]:
    """What is missing in an item has its default, see `Item`."""
    found: list[Raw] = [{"$eq": ["$$i.of", of]}] if of is not None else []
    if unanswered:
        found.append({"$eq": [{"$ifNull": ["$$i.verdict", ""]}, ""]})
    if find:
        ids = ({"$ifNull": [f"$$i.{name}", ""]} for name in ("id", "setl_id", "mdtrt_id", "msgid"))
        found.append({"$or": [{"$gte": [{"$indexOfCP": [id_, {"$literal": find}]}, 0]} for id_ in ids]})
    return found
