"""How many messages each recipient has had in this window, counted in MongoDB so that all processes count together.

A batch that is folded a second time counts twice: somebody then gets a digest a little early, never a message too many.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.store import Raw
from services.notify.alerts.plan import Plan, window_of

COLLECTION = "notify_quotas"
KEPT_S = 3_600
INDEXES = [IndexModel([("at", ASCENDING)], name="kept", expireAfterSeconds=KEPT_S)]


class Quotas:
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._counts = db[COLLECTION]

    async def prepare(self) -> None:
        await self._counts.create_indexes(INDEXES)

    async def placed(self, plans: Iterable[Plan], now: datetime) -> list[Plan]:
        """The plans with the place of each message in its recipient's window, in their order."""
        plans = list(plans)
        wanted = Counter(d.recipient for plan in plans for d in plan.decisions if d.goes_now)
        if not wanted:
            return plans
        before = await self._taken(wanted, now)
        placed = []
        for plan in plans:
            places = {}
            for decision in plan.decisions:
                if decision.goes_now:
                    before[decision.recipient] += 1
                    places[decision.recipient] = before[decision.recipient]
            placed.append(plan._replace(places=places))
        return placed

    async def _taken(self, wanted: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Count so many more for each; how many each has had before.

        Two commands for all: what others count between them makes a place later than it was, never earlier.
        """
        keys = {recipient: f"{window_of(now)} {recipient}" for recipient in wanted}
        at = datetime.now(UTC)
        more = (UpdateOne({"_id": keys[r]}, {"$inc": {"n": n}, "$set": {"at": at}}, True) for r, n in wanted.items())
        await self._counts.bulk_write(list(more), ordered=False)
        found = {row["_id"]: int(row["n"]) async for row in self._counts.find({"_id": {"$in": list(keys.values())}})}
        return {r: found.get(keys[r], n) - n for r, n in wanted.items()}
