"""All MongoDB of data sets."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.dataset import DatasetCommand
from contracts.envelope import derive_id
from services.stats.datasets.model import Dataset
from services.stats.runs.model import DatasetRef

COLLECTION: Final = "datasets"
INDEXES: Final = [IndexModel([("state.table", ASCENDING), ("state.registered_at", DESCENDING)], name="table")]


class Datasets(Repository[Dataset]):
    """Data sets by table and hash."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Dataset)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, DatasetCommand)
        return derive_id("dataset", message.body.table, message.body.sha256)

    async def current(self, tables: Sequence[str]) -> tuple[DatasetRef, ...]:
        """What a report on these tables counts now, in the order in which they were registered."""
        query = {"state.table": {"$in": list(tables)}, "state.withdrawn_at": None}
        found = await self.read(query, sort=[("state.registered_at", ASCENDING)])
        return tuple(DatasetRef(d.state.table, d.state.sha256, d.state.rows) for d in found if d.state is not None)

    async def unknown(self, refs: Iterable[DatasetRef]) -> tuple[DatasetRef, ...]:
        """Those that were never registered; what was withdrawn may be counted by whoever names it."""
        ids = {derive_id("dataset", ref.table, ref.sha256): ref for ref in refs}
        found = {document.id for document in await self.read({"_id": {"$in": list(ids)}})}
        return tuple(ref for id_, ref in ids.items() if id_ not in found)

    async def list(self, table: str | None, limit: int) -> Sequence[Document[Dataset]]:
        """The most recently registered first, withdrawn ones too."""
        query = {"state.table": table} if table else {}
        return await self.read(query, limit=limit, sort=[("state.registered_at", DESCENDING)])
