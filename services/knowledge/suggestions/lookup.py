"""Asks the index what fits cases, off the event loop, and the database what was taken over for the same error before.

A burst of cases must not cost the services that the desk cannot wait for: where many wait at once, this one rests nine
times as long as it looked, so that it takes a tenth of a core and suggests a little later.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from pymongo.asynchronous.database import AsyncDatabase

from chassis.position import Position
from chassis.store import Raw
from services.knowledge.articles.store import Articles
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.model import Filters
from services.knowledge.suggestions.candidates import Likes, candidates, of_article
from services.knowledge.suggestions.model import MOST, TOOK, Asked, Hint, Offer
from services.knowledge.suggestions.ranking import Candidate, ranked

MOST_KNOWN: Final = 64
CROWD, REST, LONGEST_REST_S = 32, 9.0, 5.0
_NUMBERS = re.compile(
    r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{1,2}[:时点][0-9]{2}(?:[:分][0-9]{2}秒?)?"
    r"|[a-z]?[0-9]{8,}[a-z]?|[\W_]+",
    re.IGNORECASE,
)
"""What differs between the cases of an outage: times, people, institutions. Never an error, which is shorter."""
_Key = tuple[str, str | None, str | None, str | None]


class Finder:
    """What fits each of several cases. `level` raises while the index is not what the stream holds."""

    def __init__(self, index: Likes, db: AsyncDatabase[Raw], level: Callable[[], Awaitable[None]]) -> None:
        self._index, self._db, self._level = index, db, level
        self._is_level = False
        self._known: dict[_Key, list[Candidate]] = {}  # what the index said last, while it is as it was
        self._as_of: Position | None = None
        self._rest_until = 0.0

    async def hints(self, asked: Sequence[Asked], patient: bool = True) -> list[Hint]:
        """Raises what `level` raises: until the index was level once, cases wait. `patient` waits between crowds."""
        if not self._is_level:
            await self._level()
            self._is_level = True
        if patient and len(asked) >= CROWD:
            await asyncio.sleep(max(0.0, self._rest_until - time.monotonic()))
        started = time.monotonic()
        memory = await self.memory({a.signature for a in asked if a.signature})
        filters = Filters(Viewer(ENGINEERS))
        found = await asyncio.to_thread(self._find, asked, filters)
        taken = await self._taken({i for m in memory.values() for i, n in m.items() if n > 0}, found)
        hints = await asyncio.to_thread(_ranked, asked, found, memory, taken)
        if patient and len(asked) >= CROWD:
            ended = time.monotonic()
            self._rest_until = ended + min(LONGEST_REST_S, REST * (ended - started))
        return hints

    async def similar(self, asked: Asked, viewer: Viewer, limit: int) -> list[Offer]:
        """What fits one case among what this viewer may read, for engineers what came of cases. Without the memory of
        verdicts: nothing that others said of other cases shows through."""
        found = await asyncio.to_thread(self._find, [asked], Filters(viewer))
        candidates = [c for hits in found for c in hits if c.from_case or not viewer.is_engineer]
        return list(await asyncio.to_thread(ranked, asked, candidates, {}, limit))

    async def memory(self, signatures: Iterable[str]) -> dict[str, dict[UUID, int]]:
        """By error, then by article: how often it was taken over for it, less how often it was rejected."""
        wanted = list(signatures)
        if not wanted:
            return {}
        known: dict[str, dict[UUID, int]] = defaultdict(dict)
        took = {"$in": ["$state.verdicts.verdict", list(TOOK)]}
        pipeline: list[Raw] = [
            {"$match": {"state.signature": {"$in": wanted}, "state.is_judged": True}},
            {"$project": {"state.signature": 1, "state.verdicts.article_id": 1, "state.verdicts.verdict": 1}},
            {"$unwind": "$state.verdicts"},
            {"$group": {
                "_id": {"signature": "$state.signature", "article": "$state.verdicts.article_id"},
                "n": {"$sum": {"$cond": [took, 1, -1]}},
            }},
        ]  # fmt: skip
        async for row in await self._db["suggestions"].aggregate(pipeline):
            known[row["_id"]["signature"]][row["_id"]["article"]] = row["n"]
        return dict(known)

    def _find(self, asked: Sequence[Asked], filters: Filters) -> list[list[Candidate]]:
        """Of cases with the same words, as in an outage, one is looked up."""
        return [
            self._found(one) if filters.viewer.is_engineer else candidates(self._index, one, filters) for one in asked
        ]

    def _found(self, asked: Asked) -> list[Candidate]:
        if (position := self._index.position) != self._as_of or len(self._known) >= MOST_KNOWN:
            self._known, self._as_of = {}, position
        known, key = self._known, _key(asked)  # several threads look: another may have begun anew meanwhile
        if (found := known.get(key)) is None:
            found = known[key] = candidates(self._index, asked, Filters(Viewer(ENGINEERS)))
        return found

    async def _taken(self, ids: set[UUID], found: Sequence[Sequence[Candidate]]) -> dict[UUID, Candidate]:
        """What was taken over before for one of these errors, as a candidate also where the words do not find it."""
        hit = {c.article_id: c for candidates in found for c in candidates if c.article_id in ids}
        if not (missing := list(ids - hit.keys())):
            return hit
        documents = await Articles(self._db).read({"_id": {"$in": missing}})
        return hit | {c.article_id: c._replace(score=0.0) for d in documents if (c := of_article(d)) is not None}


def _ranked(
    asked: Sequence[Asked], found: Sequence[list[Candidate]], memory: Mapping[str, Mapping[UUID, int]],
    taken: Mapping[UUID, Candidate],
) -> list[Hint]:  # fmt: skip
    hints = []
    for one, some in zip(asked, found, strict=True):
        remembered = memory.get(one.signature, {})
        ids = {c.article_id for c in some}
        more = [taken[i]._replace(score=0.0) for i in remembered if i in taken and i not in ids]
        hints.append(Hint(one, ranked(one, [*some, *more], remembered, MOST + len(one.rejected))))
    return hints


def _key(asked: Asked) -> _Key:
    return _NUMBERS.sub("", asked.text), asked.infno, asked.error, asked.error_code
