"""Replies on their way out, one document each, so that a crash neither loses one nor sends it twice.

waiting → sending → ended → reported. A reply is `sending` from just before the channel is called; one that is still
so long after was cut off in between, and nobody can know whether the person got it.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.store import Raw, binary
from contracts.channel import ChannelReply, conversation_of

COLLECTION = "sent"
KEPT = timedelta(days=40)  # longer than the stream keeps the replies themselves
INDEXES = [
    IndexModel(
        [("channel", ASCENDING), ("state", ASCENDING), ("next_at", ASCENDING)],
        name="due",
        partialFilterExpression={"state": {"$in": ["waiting", "sending", "ended"]}},
    ),
    IndexModel([("taken_at", ASCENDING)], name="kept", expireAfterSeconds=int(KEPT.total_seconds())),
]


class Letter(msgspec.Struct, frozen=True):
    """A reply that has not been reported yet; `tries` counts the attempts that came to nothing."""

    id: UUID
    channel: str
    case_id: UUID
    conversation: UUID
    said_at: datetime
    text: str = ""
    tries: int = 0
    next_at: datetime | None = None
    outcome: str = ""
    reason: str = ""
    ended_at: datetime | None = None


class Sent:
    """The collection; every change names the state that it expects, so that two copies of intake do not collide."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._letters = db[COLLECTION]

    async def prepare(self) -> None:
        await self._letters.create_indexes(INDEXES)

    async def take(self, reply: ChannelReply, now: datetime) -> None:
        """Keep a reply; one that is known stays as it is."""
        letter = {
            "channel": reply.channel, "case_id": binary(reply.case_id), "text": reply.text, "state": "waiting",
            "conversation": binary(reply.conversation or conversation_of(reply.channel, reply.conversation_id)),
            "said_at": reply.recorded_at, "taken_at": now, "next_at": now, "tries": 0,
        }  # fmt: skip
        await self._letters.update_one({"_id": binary(reply.id)}, {"$setOnInsert": letter}, upsert=True)

    async def due(self, channel: str, now: datetime) -> Letter | None:
        """The next to be sent: the one that has waited longest."""
        return await self._one({"channel": channel, "state": "waiting", "next_at": {"$lte": now}})

    async def cut_off(self, channel: str, before: datetime) -> Letter | None:
        """One whose sending began so long ago that whoever sent it is gone."""
        return await self._one({"channel": channel, "state": "sending", "next_at": {"$lte": before}})

    async def unreported(self, channel: str) -> Letter | None:
        return await self._one({"channel": channel, "state": "ended"})

    async def next_at(self, channel: str) -> datetime | None:
        """When the next waiting one is due."""
        found = await self._one({"channel": channel, "state": "waiting"})
        return found.next_at if found else None

    async def begin(self, letter: Letter, now: datetime) -> bool:
        """Whether it is ours to send."""
        return await self._move(letter, "waiting", "sending", next_at=now)

    async def put_off(self, letter: Letter, until: datetime) -> None:
        await self._move(letter, "sending", "waiting", next_at=until, tries=letter.tries + 1)

    async def end(self, letter: Letter, outcome: str, reason: str, now: datetime, *, was: str = "sending") -> bool:
        """What became of it, unless somebody else knows already; its words are not kept any longer."""
        facts = {"outcome": outcome, "reason": reason, "ended_at": now, "next_at": now, "text": ""}
        return await self._move(letter, was, "ended", **facts)

    async def reported(self, letter: Letter) -> None:
        await self._move(letter, "ended", "reported")

    async def _one(self, query: Raw) -> Letter | None:
        raw = await self._letters.find_one(query, sort=[("next_at", ASCENDING), ("said_at", ASCENDING)])
        return (
            None if raw is None else msgspec.convert({**raw, "id": raw["_id"]}, Letter, builtin_types=(datetime, UUID))
        )

    async def _move(self, letter: Letter, was: str, now_is: str, **facts: Any) -> bool:
        query = {"_id": binary(letter.id), "state": was}
        return (await self._letters.update_one(query, {"$set": {"state": now_is, **facts}})).modified_count == 1
