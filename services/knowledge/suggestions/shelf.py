"""The articles of the report of usage, without their texts."""

from typing import Any
from uuid import UUID

from pymongo.asynchronous.database import AsyncDatabase

from services.knowledge.articles.model import READABLE, Counts
from services.knowledge.articles.store import Articles
from services.knowledge.suggestions.usage import Shelved

Raw = dict[str, Any]
_WANTED = {
    "state.number": 1, "state.state": 1, "state.owner": 1, "state.counts": 1, "state.published_at": 1,
    "state.revised_at": 1, "state.facts.title": 1, "state.facts.category": 1,
}  # fmt: skip


async def shelf(db: AsyncDatabase[Raw], owner: str | None, category: str | None, judged: set[UUID]) -> list[Shelved]:
    """What is published, and what was judged though it is not."""
    query: Raw = {"$or": [{"state.state": {"$in": list(READABLE)}}, {"_id": {"$in": list(judged)}}]}
    if owner is not None:
        query["state.owner"] = owner
    if category is not None:
        query["state.facts.category"] = category
    return [_shelved(raw) async for raw in Articles(db).collection.find(query, _WANTED, batch_size=2_000)]


def _shelved(raw: Raw) -> Shelved:
    state = raw["state"]
    facts, since = state["facts"], state.get("published_at") or state["revised_at"]
    return Shelved(
        raw["_id"], state["number"], facts["title"], facts["category"], state["state"], state.get("owner", ""), since,
        Counts(**state.get("counts", {})),
    )  # fmt: skip
