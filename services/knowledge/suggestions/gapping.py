"""Makes the report of gaps: cases that nothing answered when they came, and that nothing would answer today."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.store import Document
from services.knowledge.suggestions.gaps import Gap, Question, gaps, is_answered, is_good
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.model import Advice, Asked, asked_of
from services.knowledge.suggestions.store import Suggestions

MOST_CASES: Final = 50_000
_AT_ONCE, _MOST_LOOKED_UP = 50, 500
_NOBODY = UUID(int=0)


async def look(
    suggestions: Suggestions, finder: Finder, since: datetime, until: datetime, limit: int
) -> tuple[int, list[Gap]]:
    """How many cases there were, and the gaps, at most `limit`."""
    documents = await suggestions.opened(since, until, MOST_CASES)
    found, asked = await asyncio.to_thread(_clustered, documents)
    return len(documents), await _still_open(finder, found[:_MOST_LOOKED_UP], asked, limit)


def _clustered(documents: Sequence[Document[Advice]]) -> tuple[list[Gap], dict[UUID, Asked]]:
    cases = {d.id: d.state for d in documents if d.state is not None and not is_answered(d.state)}
    found = gaps(_question(id_, advice) for id_, advice in cases.items())
    # As nobody's case: an article that was born from this very case, and published, is an answer by now.
    return found, {g.leader.case_id: asked_of(_NOBODY, cases[g.leader.case_id]) for g in found[:_MOST_LOOKED_UP]}


def _question(id_: UUID, advice: Advice) -> Question:
    assert advice.opened_at is not None
    return Question(
        id_, advice.number, advice.title, advice.text, advice.category, advice.institution, advice.infno,
        advice.signature, advice.opened_at,
    )  # fmt: skip


async def _still_open(finder: Finder, found: Sequence[Gap], asked: dict[UUID, Asked], limit: int) -> list[Gap]:
    """Without those for which an article was published since."""
    still: list[Gap] = []
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        hints = await finder.hints([asked[g.leader.case_id] for g in some], patient=False)
        still += [gap for gap, hint in zip(some, hints, strict=True) if not any(map(is_good, hint.offers))]
        if len(still) >= limit:
            break
    return still[:limit]
