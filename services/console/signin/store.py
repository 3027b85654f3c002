"""All MongoDB of sessions, and of sign-ins that are half done. What a browser holds is kept as a hash only."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

import msgspec
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

COLLECTION: Final = "sessions"
INDEXES: Final = [
    IndexModel([("until", ASCENDING)], name="over", expireAfterSeconds=0),
    IndexModel([("account", ASCENDING)], name="account", sparse=True),
]
STEP_LIVES: Final = timedelta(minutes=10)
_SEEN_EVERY: Final = timedelta(minutes=1)


class Session(msgspec.Struct, frozen=True):
    """`epoch` is the account's when it began; `office` says that the office's own server knew him, not a password."""

    id: str
    account: str
    epoch: int
    office: bool
    begun_at: datetime
    seen_at: datetime
    until: datetime
    ends_at: datetime
    address: str
    agent: str


class Sessions:
    """`idle` without a request, or `longest` at all, and a session is over."""

    def __init__(self, db: AsyncDatabase[dict[str, Any]], idle: timedelta, longest: timedelta) -> None:
        self._collection = db[COLLECTION]
        self._idle, self._longest, self._often = idle, longest, min(idle / 4, _SEEN_EVERY)

    async def begin(self, account: str, epoch: int, address: str, agent: str, office: bool = False) -> str:
        """What the browser is to hold."""
        token, now = token_urlsafe(32), datetime.now(UTC)
        session = Session(
            _id(token), account, epoch, office, now, now, now + min(self._idle, self._longest), now + self._longest,
            address, agent[:200],
        )  # fmt: skip
        row = msgspec.structs.asdict(session)
        await self._collection.insert_one({"_id": row.pop("id"), **row})
        return token

    async def find(self, token: str) -> Session | None:
        """The session, if it is not over."""
        return await self.of_id(_id(token))

    async def of_id(self, id_: str) -> Session | None:
        """The same, for who knows it by its hash."""
        raw = await self._there(id_)
        return _session(raw) if raw and "account" in raw else None

    async def seen(self, session: Session) -> None:
        """It goes on; written down once a minute, or as often as it takes."""
        now = datetime.now(UTC)
        if now - session.seen_at >= self._often:
            until = min(now + self._idle, session.ends_at)
            await self._collection.update_one({"_id": session.id}, {"$set": {"seen_at": now, "until": until}})

    async def of(self, account: str, epoch: int) -> list[Session]:
        """Those that go on, the newest first."""
        query = {"account": account, "epoch": epoch, "until": {"$gt": datetime.now(UTC)}}
        return [_session(raw) async for raw in self._collection.find(query).sort("begun_at", -1)]

    async def end(self, id_: str, account: str) -> None:
        """One of this account's."""
        await self._collection.delete_one({"_id": id_, "account": account})

    async def replace(self, token: str) -> None:
        """Another takes the place of what the browser held."""
        await self._collection.delete_one({"_id": _id(token)})

    async def keep_step(self, **facts: Any) -> str:
        """A sign-in that is half done; what the browser is to hold."""
        token = token_urlsafe(32)
        row = {"_id": _id(token), "until": datetime.now(UTC) + STEP_LIVES, "step": facts}
        await self._collection.insert_one(row)
        return token

    async def step(self, token: str) -> dict[str, Any] | None:
        raw = await self._there(_id(token))
        return raw.get("step") if raw else None

    async def end_step(self, token: str) -> bool:
        """Whether it was there: of two that end it at once, one is told so."""
        found = await self._collection.delete_one({"_id": _id(token), "step": {"$exists": True}})
        return found.deleted_count == 1

    async def _there(self, id_: str) -> dict[str, Any] | None:
        # MongoDB removes what is over once a minute: until then the time decides.
        return await self._collection.find_one({"_id": id_, "until": {"$gt": datetime.now(UTC)}})


def _session(raw: dict[str, Any]) -> Session:
    return Session(id=raw.pop("_id"), **raw)


def _id(token: str) -> str:
    return sha256(token.encode()).hexdigest()
