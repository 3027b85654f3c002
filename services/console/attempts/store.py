"""Attempts are counted before they are checked, in one atomic write: a thousand at once are no more than one by one."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

COLLECTION: Final = "attempts"
INDEXES: Final = [IndexModel([("until", ASCENDING)], name="over", expireAfterSeconds=0)]
LOCKED_FOR: Final = timedelta(minutes=15)


class Attempts:
    """What is tried is kept as a hash by the desk's key: people type passwords where the account belongs."""

    def __init__(self, db: AsyncDatabase[dict[str, Any]], key: bytes) -> None:
        self._collection, self._key = db[COLLECTION], key

    async def take(self, what: str, most: int, within: timedelta = LOCKED_FOR) -> int:
        """How many are left after this one, 0 at the last; -1 when there was none left. Each prolongs the time within
        which they count, those that are turned away do not.
        """
        now = datetime.now(UTC)
        counts = {"$gt": ["$until", now]}
        n = {"$cond": [counts, {"$add": ["$n", 1]}, 1]}
        over = {"$and": [counts, {"$gte": ["$n", most]}]}
        update = [{"$set": {"n": {"$cond": [over, most + 1, n]}, "until": {"$cond": [over, "$until", now + within]}}}]
        found = await self._collection.find_one_and_update(
            {"_id": self._id(what)}, update, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert found is not None
        return max(most - int(found["n"]), -1)

    async def give_back(self, what: str) -> None:
        """This one was good: it does not count."""
        await self._collection.update_one({"_id": self._id(what), "n": {"$gt": 0}}, {"$inc": {"n": -1}})

    async def forget(self, what: str) -> None:
        """None of those before counts any more."""
        await self._collection.delete_one({"_id": self._id(what)})

    async def first(self, what: str, within: timedelta) -> bool:
        """Whether nobody has done this before; a code is good once."""
        try:
            await self._collection.insert_one({"_id": self._id(what), "n": 1, "until": datetime.now(UTC) + within})
        except DuplicateKeyError:
            return False
        return True

    def _id(self, what: str) -> str:
        return blake2b(what.encode(), key=self._key, digest_size=16).hexdigest()
