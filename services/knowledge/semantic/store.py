"""All MongoDB of what is learned: the pairs that staff's work gives, and the versions that were learned from them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from bson.binary import Binary
from pymongo import DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

if TYPE_CHECKING:  # numpy: whoever only asks for the indexes does without
    from services.knowledge.semantic.projection import Projection

COLLECTION: Final = "projections"
INDEXES: Final = [
    IndexModel([("encoder", DESCENDING), ("wins", DESCENDING), ("trained_at", DESCENDING)], name="newest"),
]  # fmt: skip
MOST: Final = 50_000
Raw = dict[str, Any]


class Pair(NamedTuple):
    """Somebody's question (masked), and the article that answers it."""

    question: str
    article_id: UUID


class Learned:
    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        self._db, self._versions = db, db[COLLECTION]

    async def pairs(self) -> list[Pair]:
        """Cases for which a suggestion was taken over, and cases that were merged into an article. An article's own
        question is no pair: the article has those very words."""
        judged = self._db["suggestions"].find(
            {"state.is_judged": True}, {"state.text": 1, "state.verdicts": 1}, sort=[("_id", 1)], limit=MOST
        )
        merged = self._db["articles"].find(
            {"state.state": "merged", "state.case_id": {"$type": "binData"}},
            {"state.facts.question": 1, "state.merged_into": 1}, sort=[("_id", 1)], limit=MOST,
        )  # fmt: skip
        found = [pair async for raw in judged for pair in _taken(raw["state"])]
        found += [Pair(raw["state"]["facts"]["question"], raw["state"]["merged_into"]) async for raw in merged]
        return [pair for pair in found if pair.question.strip()]

    async def save(self, projection: "Projection", encoder: str, trained_at: Any, wins: bool) -> None:
        """The same material again is the same version."""
        from services.knowledge.semantic.projection import dumped

        about = {"_id": projection.about["sha256"], "encoder": encoder, "trained_at": trained_at, "wins": wins}
        row = {**about, "about": projection.about, "artefact": Binary(dumped(projection))}
        await self._versions.replace_one({"_id": about["_id"]}, row, upsert=True)

    async def list(self, encoder: str, limit: int = 20) -> list[Raw]:
        """What is said about the latest versions, newest first."""
        fields = {"artefact": 0, "encoder": 0}
        cursor = self._versions.find({"encoder": encoder}, fields, sort=[("trained_at", DESCENDING)], limit=limit)
        return [{"version": raw.pop("_id"), **raw} async for raw in cursor]

    async def in_force(self, encoder: str, besides: str = "") -> "Projection | None":
        """The newest that won on pairs kept apart; None where there is none, or it is `besides`."""
        from services.knowledge.semantic.projection import loaded

        query = {"encoder": encoder, "wins": True}
        newest = await self._versions.find_one(query, {"_id": 1}, sort=[("trained_at", DESCENDING)])
        if newest is None or newest["_id"] == besides:
            return None
        raw = await self._versions.find_one({"_id": newest["_id"]})
        return loaded(raw["artefact"]) if raw else None


def _taken(state: Raw) -> Iterator[Pair]:
    for one in state["verdicts"]:
        if one["verdict"] in ("accepted", "edited"):
            yield Pair(state["text"], one["article_id"])
