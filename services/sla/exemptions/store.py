"""All MongoDB of exemptions: a document each, and all of them at once, for they are few."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Raw, Repository
from contracts.exemption import ExemptionCommand
from contracts.sla import CANARY
from services.sla.exemptions.model import Exemption, Standing

COLLECTION = "exemptions"
INDEXES = [IndexModel([("state.ends", ASCENDING)], name="ends")]


class Exemptions(Repository[Exemption]):
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Exemption)
        self._clocks = db["clocks"]

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, ExemptionCommand)
        return message.body.exemption_id

    async def since(self, at: datetime) -> list[Exemption]:
        """Those whose time ends after `at`, by their beginning: an earlier one cannot touch what begins then."""
        found = await self.read({"state.ends": {"$gt": at}}, sort=[("state.begins", ASCENDING)])
        return [d.state for d in found if d.state is not None]

    async def latest(self, standing: Standing | None, limit: int) -> list[Exemption]:
        """Those whose time ends last come first; all of them without `standing`."""
        last = {"$arrayElemAt": ["$state.decisions.standing", -1]}
        query = {"$expr": {"$eq": [last, standing]}} if standing else {}
        found = await self.read(query, limit=limit, sort=[("state.ends", -1)])
        return [d.state for d in found if d.state is not None]

    async def numbered(self, numbers: Sequence[str]) -> dict[str, UUID]:
        """The cases of these numbers, as far as sla knows them. No index: nobody asks for an exemption every minute."""
        if not numbers:
            return {}
        found = self._clocks.find({"state.number": {"$in": [n for n in numbers if n != CANARY]}}, {"state.number": 1})
        return {raw["state"]["number"]: raw["_id"] async for raw in found}

    async def one(self, exemption_id: UUID) -> Exemption | None:
        return next((d.state for d in await self.read({"_id": exemption_id}, limit=1)), None)
