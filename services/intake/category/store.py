"""All MongoDB of the classifier: its versions, and the corrections that it learns from."""

from typing import Any

from bson.binary import Binary
from pymongo import DESCENDING, IndexModel, MongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.settings import Settings
from services.intake.category.material import Question

COLLECTION = "classifiers"
INDEXES = [IndexModel([("trained_at", DESCENDING)], name="trained_at")]

MAX_CORRECTIONS = 20_000
TAUGHT = {"state.category_by": "staff"}
Raw = dict[str, Any]


class Corrections:
    """The masked questions of cases whose category staff decided, the latest first."""

    def __init__(self, client: MongoClient[Raw], db: str) -> None:
        self._cases = client[db]["cases"]

    @classmethod
    def of(cls, settings: Settings) -> "Corrections":
        return cls(MongoClient(settings.mongo_url, serverSelectionTimeoutMS=5_000), settings.mongo_db)

    def read(self) -> list[Question]:
        fields = {"state.lines.text": 1, "state.lines.staff": 1, "state.category": 1}
        found = self._cases.find(TAUGHT, fields, limit=MAX_CORRECTIONS, sort=[("state.touched_at", DESCENDING)])
        return sorted((_question(raw) for raw in found), key=lambda q: q.group)


def _question(raw: Raw) -> Question:
    said = [line["text"] for line in raw["state"]["lines"] if not line.get("staff")]
    return Question("\n".join(said), raw["state"]["category"], str(raw["_id"]))


def save(settings: Settings, about: Raw, artefact: bytes) -> None:
    """One document per version; the same material again is the same version."""
    client: MongoClient[Raw] = MongoClient(settings.mongo_url, w="majority", serverSelectionTimeoutMS=5_000)
    with client:
        version = {"_id": about["version"], "trained_at": about["trained_at"], "about": about}
        versions = client[settings.mongo_db][COLLECTION]
        versions.replace_one({"_id": about["version"]}, {**version, "artefact": Binary(artefact)}, upsert=True)


class Versions:
    """What intake asks: which version is newest, its artefact, and how much staff have taught since."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._versions, self._cases = db[COLLECTION], db["cases"]

    async def list(self, limit: int = 20) -> list[Raw]:
        """What is said about the latest versions, newest first."""
        cursor = self._versions.find({}, {"about": 1}, sort=[("trained_at", DESCENDING)], limit=limit)
        return [raw["about"] async for raw in cursor]

    async def artefact(self, version: str) -> bytes | None:
        raw = await self._versions.find_one({"_id": version}, {"artefact": 1})
        return None if raw is None else bytes(raw["artefact"])

    async def corrections(self) -> int:
        return await self._cases.count_documents(TAUGHT)
