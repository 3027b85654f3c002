"""All MongoDB of sla: clocks by case, and those whose time has come."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import WITHOUT_HISTORY, Document, Raw, Repository
from chassis.token import Principal
from contracts.case import CaseEvent
from contracts.sla import CANARY, ClockCommand, TimerDue
from services.sla.model import CaseClocks
from services.sla.sight import ASKED, mine

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_CASES: Raw = {"state.number": {"$ne": CANARY}}
_SHORT = ["state.number", *(f"state.clocks.{field}" for field in ("clock", "cycle", "state", "due_at", "breached"))]
_RUNS: Raw = {"state.due_at": {"$type": "date"}}
INDEXES = [
    IndexModel(
        [("state.next_at", ASCENDING)], name="next", partialFilterExpression={"state.next_at": {"$type": "date"}}
    ),
    # For what is urgent, of all cases and of somebody's: only those with a clock that runs are in them.
    IndexModel([("state.due_at", ASCENDING)], name="due", partialFilterExpression=_RUNS),
    IndexModel(
        [("state.assignee", ASCENDING), ("state.due_at", ASCENDING)], name="whose", partialFilterExpression=_RUNS
    ),
    # For the months of attainment. mongod spends no more on a write for it; for the times of all facts, a sixth more.
    IndexModel([("state.starts", ASCENDING)], name="starts"),
    # For a hospital, whose few cases are among all.
    IndexModel([(ASKED, ASCENDING)], name="asked"),
]


class Clocks(Repository[CaseClocks]):
    """One document per case, under the case's own id."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db["clocks"], CaseClocks)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseEvent | TimerDue | ClockCommand)
        return message.body.case_id

    def _document(self, raw: Raw) -> Document[CaseClocks]:
        clocks = raw["state"].get("clocks", ())
        if any("policy" not in clock for clock in clocks):  # from before promises had editions: they follow from facts
            raw = {**raw, "state": {**raw["state"], "clocks": []}}
        return super()._document(raw)

    async def elsewhere(self, version: str, since: datetime, batch: int) -> AsyncIterator[list[UUID]]:
        """Cases that go by another edition than `version`, which holds `since` then: those with a cycle that goes on,
        promised or not, and those with a clock that has ended under it.
        """
        concerned = [{"state.live": {"$ne": False}}, {"state.clocks.ended_at": {"$gte": since}}]
        query = {"state.book": {"$ne": version}, "$or": concerned}
        cursor = self.collection.find(query, {"_id": 1}, batch_size=batch)
        ids: list[UUID] = []
        async for row in cursor:
            ids.append(row["_id"])
            if len(ids) == batch:
                yield ids
                ids = []
        if ids:
            yield ids

    async def of_case(self, case_id: UUID) -> CaseClocks | None:
        return next((d.state for d in await self.read({"_id": case_id}, limit=1)), None)

    async def every(self) -> AsyncIterator[CaseClocks]:
        """All of them, canaries left out."""
        async for raw in self.collection.find(_CASES, WITHOUT_HISTORY, batch_size=500):
            if (state := self._document(raw).state) is not None:
                yield state

    async def begun(self, since: datetime, until: datetime, among: Raw) -> AsyncIterator[CaseClocks]:
        """Those cases of `among` with a cycle that began in this time, canaries left out; a few at a time, for decoding
        takes long.
        """
        began = {"state.starts": {"$elemMatch": {"$gte": since, "$lt": until}}}
        async for raw in self.collection.find({**_CASES, **began, **among}, WITHOUT_HISTORY, batch_size=100):
            if (state := self._document(raw).state) is not None:
                yield state

    async def forget(self, case_id: UUID) -> None:
        """A canary's clock is over."""
        await self.collection.delete_one({"_id": case_id, "state.number": CANARY})

    async def list(self, query: Raw, limit: int, who: Principal) -> "list[Document[CaseClocks]]":
        return await self.read({**_CASES, **query, **mine(who)}, limit=limit)

    async def going_on(self, case_ids: Sequence[UUID], who: Principal) -> Sequence[Raw]:
        """The clocks of these cases that run or are paused, one row each, the earliest deadline first."""
        rows = []
        query = {**_CASES, "_id": {"$in": case_ids}, **mine(who)}
        async for raw in self.collection.find(query, _SHORT):
            about = {"case_id": str(raw["_id"]), "number": raw["state"]["number"]}
            clocks = raw["state"].get("clocks", ())
            rows += [{**about, **clock} for clock in clocks if clock["state"] in ("running", "paused")]
        return sorted(rows, key=lambda row: row["due_at"])

    async def soonest(self, limit: int, who: Principal, whose: Raw) -> Sequence[Raw]:
        """The clocks that run of the cases whose deadline comes first or passed first, that deadline first;
        `whose` narrows them.
        """
        query: Raw = {**_CASES, **_RUNS, **whose, **mine(who)}
        found = self.collection.find(query, {"_id": 1}, sort=[("state.due_at", ASCENDING)], limit=limit)
        rows = await self.going_on([raw["_id"] async for raw in found], who)
        return [row for row in rows if row["state"] == "running"]

    async def late(self, now: datetime, who: Principal) -> int:
        """Cases with a clock that runs past its deadline; who sees all counts them in the index alone."""
        passed = {"$type": "date", "$gt": _BEGIN, "$lt": now}
        return await self.collection.count_documents({"state.due_at": passed, **mine(who)}, hint="due")

    async def waiting(self) -> int:
        """Cases with a clock that runs towards a threshold; counted in the index alone."""
        since = {"$type": "date", "$gt": _BEGIN}
        return await self.collection.count_documents({"state.next_at": since}, hint="next")

    async def counts(self, who: Principal) -> dict[str, int]:
        """Clocks by state, and how many of all have been warned or breached."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {**_CASES, **mine(who)}},
            {"$unwind": "$state.clocks"},
            {"$group": {
                "_id": "$state.clocks.state", "n": {"$sum": 1},
                "warned": {"$sum": {"$cond": ["$state.clocks.warned", 1, 0]}},
                "breached": {"$sum": {"$cond": ["$state.clocks.breached", 1, 0]}},
            }},
        ]  # fmt: skip
        counts = {"total": 0, "warned": 0, "breached": 0}
        async for row in await self.collection.aggregate(pipeline):
            counts[row["_id"]] = row["n"]
            for key, n in (("total", row["n"]), ("warned", row["warned"]), ("breached", row["breached"])):
                counts[key] += n
        return counts
