"""How many messages each recipient has had in this window, counted in MongoDB so that all processes count together.

A batch that is folded a second time counts twice: somebody then gets a digest a little early, never a message too many.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument
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
        names = list(wanted)
        before = dict(zip(names, await asyncio.gather(*(self._take(r, wanted[r], now) for r in names)), strict=True))
        placed = []
        for plan in plans:
            places = {}
            for decision in plan.decisions:
                if decision.goes_now:
                    before[decision.recipient] += 1
                    places[decision.recipient] = before[decision.recipient]
            placed.append(plan._replace(places=places))
        return placed

    async def _take(self, recipient: str, n: int, now: datetime) -> int:
        """Count `n` more; how many there were before."""
        key: dict[str, Any] = {"_id": f"{window_of(now)} {recipient}"}
        change = {"$inc": {"n": n}, "$set": {"at": datetime.now(UTC)}}
        found = await self._counts.find_one_and_update(key, change, upsert=True, return_document=ReturnDocument.AFTER)
        return (int(found["n"]) if found else n) - n
