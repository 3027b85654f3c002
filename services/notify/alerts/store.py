"""All MongoDB of alerts: documents, indexes, and what is looked up for a message before it is folded."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import Unacceptable
from chassis.message import Message
from chassis.store import Document, Raw, Repository, binary
from services.notify.alerts.fold import AlertFold, Prepared
from services.notify.alerts.model import Alert
from services.notify.alerts.quotas import Quotas

COLLECTION = "alerts"
INDEXES = [
    IndexModel([("state.audiences", ASCENDING), ("state.queued_at", DESCENDING)], name="inbox"),
    IndexModel(
        [("state.next_at", ASCENDING)], name="next", partialFilterExpression={"state.next_at": {"$type": "date"}}
    ),
    IndexModel([("state.subject", ASCENDING)], name="live", partialFilterExpression={"state.live": True}),
    IndexModel([("state.deliveries.provider_id", ASCENDING)], name="provider_id", sparse=True),
    IndexModel([("state.queued_at", DESCENDING), ("_id", ASCENDING)], name="proof"),
    IndexModel(
        [("state.case_id", ASCENDING)], name="proof_case", partialFilterExpression={"state.case_id": {"$exists": True}}
    ),
]


class Alerts(Repository[Alert]):
    """`fold` says which document a message belongs to and what has to be known about people."""

    def __init__(self, db: AsyncDatabase[Raw], fold: AlertFold) -> None:
        super().__init__(db[COLLECTION], Alert)
        self._fold, self._quotas = fold, Quotas(db)

    async def prepare(self) -> None:
        """Its own indexes are made when the servers are provisioned; the counts bring theirs."""
        await self._quotas.prepare()

    def id_of(self, message: Message) -> UUID:
        return self._fold.id_of(message)

    async def locate(self, messages: Sequence[Message]) -> list[Document[Alert]]:
        """The documents; every message that is new to its own has a plan by which people are told."""
        documents = await super().locate(messages)
        now = datetime.now(UTC)
        seen: set[UUID] = set()
        fresh: list[Prepared] = []
        for message, document in zip(messages, documents, strict=True):
            if message.cause_id in document.causes or (ready := self._prepared(message, document, now)) is None:
                continue
            message.hint = ready
            if document.id not in seen and ready.plans:  # of a group in one batch the first one tells people
                fresh.append(ready)
            seen.add(document.id)
        await self._place(fresh, now)
        return documents

    def _prepared(self, message: Message, document: Document[Alert], now: datetime) -> Prepared | None:
        """None for what the fold itself refuses."""
        try:
            return self._fold.prepared(document.state, message, now)
        except Unacceptable:
            return None

    async def _place(self, fresh: Sequence[Prepared], now: datetime) -> None:
        keys = [(ready, key) for ready in fresh for key in ready.plans]
        placed = await self._quotas.placed((ready.plans[key] for ready, key in keys), now)
        for (ready, key), plan in zip(keys, placed, strict=True):
            ready.plans[key] = plan

    async def live(self, subject: UUID, but_clocks: Sequence[str] = ()) -> list[UUID]:
        """Alerts about this subject for which somebody may still be called."""
        query: Raw = {"state.subject": binary(subject), "state.live": True}
        if but_clocks:
            query["state.clock"] = {"$nin": list(but_clocks)}
        return [row["_id"] async for row in self.collection.find(query, {"_id": 1})]

    async def counts(self, audiences: Sequence[str]) -> dict[str, Any]:
        """Alerts in these inboxes: all, acknowledged, and by rule."""
        pipeline: list[Raw] = [
            {"$match": {"state.audiences": {"$in": list(audiences)}}},
            {"$group": {
                "_id": "$state.rule", "n": {"$sum": 1},
                "acknowledged": {"$sum": {"$cond": [{"$ifNull": ["$state.acknowledged_by", False]}, 1, 0]}},
            }},
        ]  # fmt: skip
        rows = [row async for row in await self.collection.aggregate(pipeline)]
        return {
            "total": sum(r["n"] for r in rows),
            "acknowledged": sum(r["acknowledged"] for r in rows),
            "by_rule": {r["_id"]: r["n"] for r in rows},
        }
