"""Does the index show what the database holds? Two sums are compared; where they differ, articles one by one.

An article may have been said a moment ago: what differs counts only when it still does so a while later.
"""

import asyncio
from typing import Any, Final, NamedTuple
from uuid import UUID

from pymongo.asynchronous.collection import AsyncCollection

from services.knowledge import metrics
from services.knowledge.articles.model import Counts
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.schema import checksum

EVERY_S, LATER_S, FIRST = 600.0, 2.0, 20
_SHOWN: Final = {"state.state": 1, "state.revision": 1, "state.live_revision": 1, "state.told": 1}


class Compared(NamedTuple):
    """`missing` are articles that the index does not have, `surplus` those that only it has, `differing` those that it
    shows otherwise; the first 20 of each, and `differs` how many there are in all. What was counted silently since an
    article said something last is no difference."""

    same: bool
    articles: int
    indexed: int
    differs: int = 0
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()


class Comparison:
    def __init__(self, collection: AsyncCollection[dict[str, Any]], index: ArticleIndex) -> None:
        self._collection, self._index = collection, index

    async def compare(self) -> Compared:
        """Takes seconds for a large library, and LATER_S more when something differs at first."""
        stored = await self._stored()
        indexed, sum_ = await asyncio.to_thread(self._index.sums)
        if (indexed, sum_) == (len(stored), sum(stored.values()) % (1 << 64)):
            compared = Compared(True, len(stored), indexed)
        else:
            compared = await self._closely(stored)
        metrics.DIFFERS.set(compared.differs)
        return compared

    async def _closely(self, before: dict[UUID, int]) -> Compared:
        first = _differences(before, await asyncio.to_thread(self._index.known))
        await asyncio.sleep(LATER_S)
        stored, known = await self._stored(), await asyncio.to_thread(self._index.known)
        # Without what has changed between the two looks: it is on its way.
        still = {id_ for id_ in first & _differences(stored, known) if before.get(id_) == stored.get(id_)}
        names = sorted(still, key=str)
        return Compared(
            not still, len(stored), len(known), len(still),
            _first(id_ for id_ in names if id_ not in known), _first(id_ for id_ in names if id_ not in stored),
            _first(id_ for id_ in names if id_ in known and id_ in stored),
        )  # fmt: skip

    async def _stored(self) -> dict[UUID, int]:
        sums = {}
        async for raw in self._collection.find({"version": {"$gt": 0}}, _SHOWN, batch_size=5_000):
            at = raw["state"]
            usage = Counts(**at.get("told", {}))
            sums[raw["_id"]] = checksum(raw["_id"], at["state"], at["revision"], at.get("live_revision", 0), usage)
        return sums


def _differences(stored: dict[UUID, int], known: dict[UUID, int]) -> set[UUID]:
    return {id_ for id_ in stored.keys() | known.keys() if stored.get(id_) != known.get(id_)}


def _first(ids: Any) -> tuple[str, ...]:
    return tuple(str(id_) for id_ in ids)[:FIRST]
