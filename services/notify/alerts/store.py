"""All MongoDB of alerts: documents, indexes, and what is looked up for a message before it is folded."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository, binary
from services.notify.alerts.dealt import NOT_BY_AN_ANSWER, NOTHING
from services.notify.alerts.fold import AlertFold, Prepared
from services.notify.alerts.model import Alert
from services.notify.alerts.quotas import Quotas
from services.notify.alerts.raising import subject_of
from services.notify.alerts.settled import Settled

COLLECTION = "alerts"
INDEXES = [
    IndexModel([("state.audiences", ASCENDING), ("state.queued_at", DESCENDING)], name="inbox"),
    IndexModel(
        [("state.next_at", ASCENDING)], name="next", partialFilterExpression={"state.next_at": {"$type": "date"}}
    ),
    IndexModel(
        [("state.subject", ASCENDING)], name="subject", partialFilterExpression={"state.subject": {"$exists": True}}
    ),
    IndexModel(
        [("state.look_at", ASCENDING)], name="look", partialFilterExpression={"state.look_at": {"$type": "date"}}
    ),
    IndexModel([("state.deliveries.provider_id", ASCENDING)], name="provider_id", sparse=True),
    IndexModel([("state.queued_at", DESCENDING), ("_id", ASCENDING)], name="proof"),
]


class Alerts(Repository[Alert]):
    """`fold` says which document a message belongs to and what has to be known about people."""

    def __init__(self, db: AsyncDatabase[Raw], fold: AlertFold, settled: Settled) -> None:
        super().__init__(db[COLLECTION], Alert)
        self._fold, self._settled, self._quotas = fold, settled, Quotas(db)

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
            if document.id not in seen and ready is not message.hint:  # of a group in one batch the first tells people
                fresh.append(ready)
            message.hint = ready
            seen.add(document.id)
        await self._place(fresh, now)
        await self._recall(fresh)
        return documents

    def _prepared(self, message: Message, document: Document[Alert], now: datetime) -> Prepared | None:
        """What was found when it was located before holds, for its places are counted. None for what cannot be
        prepared: the fold fails on it in its turn, alone.
        """
        if isinstance(message.hint, Prepared) and message.hint.asked is not None:
            return message.hint
        try:
            return self._fold.prepared(document.state, message, now)
        except Exception:
            return None

    async def _place(self, fresh: Sequence[Prepared], now: datetime) -> None:
        keys = [(ready, key) for ready in fresh for key in ready.plans]
        placed = await self._quotas.placed((ready.plans[key] for ready, key in keys), now)
        for (ready, key), plan in zip(keys, placed, strict=True):
            ready.plans[key] = plan

    async def _recall(self, fresh: Sequence[Prepared]) -> None:
        """What is known to have been dealt with, for alerts that may begin after that."""
        about = [(ready, subject_of(ready.asked.event)) for ready in fresh if ready.asked is not None]
        subjects = {subject for _, subject in about if subject is not None}
        known = await self._settled.about(subjects) if subjects else {}
        for ready, subject in about:
            if subject is not None:
                ready.settled = known.get(subject, NOTHING)

    async def open(self, subject: UUID, ends: bool, answered: bool, alone: bool = False) -> list[UUID]:
        """Alerts about this subject for which somebody may still be called; where it `ends`, all that nobody has taken
        on. An answer leaves those of clocks that go on. `alone` leaves those that tell of other subjects as well.
        """
        query: Raw = {"state.subject": binary(subject)}
        query |= {"state.acknowledged_by": None, "state.settled_at": None} if ends else {"state.live": True}
        if answered:
            query["state.clock"] = {"$nin": NOT_BY_AN_ANSWER}
        if alone:
            query["state.count"] = {"$not": {"$gt": 1}}
        return [row["_id"] async for row in self.collection.find(query, {"_id": 1})]

    async def waiting(self, before: datetime, most: int) -> list[UUID]:
        """Alerts of which something waits longer than it should, those that wait longest first."""
        query: Raw = {"state.look_at": {"$type": "date", "$lt": before}}
        rows = self.collection.find(query, {"_id": 1}, sort=[("state.look_at", ASCENDING)], limit=most)
        return [row["_id"] async for row in rows]
