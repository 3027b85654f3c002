"""All MongoDB of outages: the documents, what detection looks at, and the queries of the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import Category
from contracts.outage import OutageCommand
from services.intake.outage.alike import Seen
from services.intake.outage.detect import GROWS_FOR, LOOK_BACK, Known
from services.intake.outage.model import Outage, reference_query

COLLECTION: str = "outages"
INDEXES: list[IndexModel] = [
    IndexModel([("state.state", ASCENDING), ("state.grown_at", DESCENDING)], name="state"),
    IndexModel([("state.suggested_at", DESCENDING)], name="latest"),
]
MOST = 2_000
_OPEN = ("new", "in_progress", "waiting", "escalated")
_SEEN = {
    "state.opened_at": 1, "state.title": 1, "state.institution_code": 1,
    "state.found.infno": 1, "state.found.error": 1, "state.found.error_code": 1, "state.outage": 1,
}  # fmt: skip


class Outages(Repository[Outage]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Outage)
        self._cases = db["cases"].with_options(codec_options=self.collection.codec_options)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, OutageCommand)
        return message.body.outage_id

    async def find(self, reference: str) -> Document[Outage] | None:
        """An outage by its id or its number."""
        return next(iter(await self.read({"_id": reference_query(reference)}, limit=1)), None)

    async def latest(self, states: Sequence[str] | None, limit: int, among: Raw) -> list[Document[Outage]]:
        """The latest first, of those that `among` asks for."""
        query: Raw = {"state.state": {"$in": list(states)}, **among} if states else among
        return await self.read(query, limit=limit, sort=[("state.suggested_at", DESCENDING)])

    async def known(self, now: datetime) -> list[Known]:
        """The outages that detection has to know: they may grow, or were ended not long ago."""
        query: Raw = {"state.state": {"$exists": True}, "state.grown_at": {"$gte": now - GROWS_FOR * 3}}
        return [_known(d.id, d.state) for d in await self.read(query) if d.state is not None]

    async def recent(self, now: datetime) -> list[Seen]:
        """The open cases of the last minutes, the newest first when there are too many."""
        query: Raw = {
            "state.status": {"$in": _OPEN},
            "state.category": {"$in": get_args(Category)},
            "state.touched_at": {"$gte": now - LOOK_BACK},
        }
        cursor = self._cases.find(query, _SEEN, sort=[("state.touched_at", DESCENDING)], limit=MOST, batch_size=MOST)
        found = [_seen(raw["_id"], raw["state"]) async for raw in cursor if not raw["state"].get("outage")]
        return [seen for seen in found if seen.opened_at >= now - LOOK_BACK]


def _known(id_: UUID, outage: Outage) -> Known:
    since = outage.ended_at or outage.grown_at
    return Known(id_, outage.state, outage.signature, frozenset(outage.cases), since)


def _seen(id_: UUID, state: Raw) -> Seen:
    found = state.get("found", {})
    return Seen(
        id=id_,
        opened_at=state["opened_at"],
        text=state["title"],
        institution=state.get("institution_code"),
        infno=found.get("infno"),
        error=found.get("error") or found.get("error_code"),
    )
