"""All MongoDB of obligations: one document per occurrence."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.rows import rows_of, sees_all
from chassis.store import Document, Raw, Repository
from chassis.token import Principal
from contracts.obligation import ObligationCommand, ObligationDue
from services.sla.obligations.model import Occurrence

COLLECTION: str = "obligations"
INDEXES: list[IndexModel] = [
    IndexModel(
        [("state.next_at", ASCENDING)], name="next", partialFilterExpression={"state.next_at": {"$type": "date"}}
    ),
    IndexModel([("state.plan.due_at", ASCENDING)], name="due"),
    IndexModel([("state.state", ASCENDING), ("state.plan.due_at", ASCENDING)], name="state"),
]


class Occurrences(Repository[Occurrence]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Occurrence)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, ObligationCommand | ObligationDue)
        return message.body.obligation_id

    async def find(self, id_: UUID) -> Document[Occurrence] | None:
        return next(iter(await self.read({"_id": id_}, limit=1)), None)

    async def changeable(self, now: datetime) -> list[Document[Occurrence]]:
        """Those that another plan may hold for: open, or not yet due."""
        return await self.read(_changeable(now))

    async def known(self, ids: Iterable[UUID]) -> list[Document[Occurrence]]:
        """Those of these that there are."""
        return await self.read({"_id": {"$in": list(ids)}})

    async def counts(self) -> dict[str, int]:
        """Occurrences by state; of the open ones, how many are overdue."""
        group: Raw = {"_id": {"state": "$state.state", "overdue": "$state.overdue"}, "n": {"$sum": 1}}
        found = {"open": 0, "overdue": 0, "completed": 0, "dropped": 0}
        async for row in await self.collection.aggregate([{"$group": group}]):
            state = row["_id"]["state"]
            found["overdue" if state == "open" and row["_id"]["overdue"] else state] += row["n"]
        return found

    async def list(
        self,
        now: datetime,
        due: tuple[datetime, datetime] | None = None,
        state: str | None = None,
        institution: str | None = None,
        contract: str | None = None,
        limit: int = 0,
        who: Principal | None = None,
    ) -> list[Document[Occurrence]]:
        """Those due in this time, the soonest first; without time and state what is open or not yet due."""
        query: Raw = {} if due or state else _changeable(now)
        if due:
            query["state.plan.due_at"] = {"$gte": due[0], "$lt": due[1]}
        if state:
            query |= {"state.state": "open", "state.overdue": True} if state == "overdue" else {"state.state": state}
        if key := institution or (rows_of(who) if who is not None and not sees_all(who) else None):
            query["state.items"] = {"$elemMatch": {"key": key, "planned": True}}
        if contract:
            query["state.plan.holder"] = contract
        order = DESCENDING if state in ("completed", "dropped") else ASCENDING
        return await self.read(query, limit=limit, sort=[("state.plan.due_at", order)])


def _changeable(now: datetime) -> Raw:
    return {"$or": [{"state.state": "open"}, {"state.plan.due_at": {"$gt": now}}]}
