"""All MongoDB of suggestions: the document of a case, what the library answers for it, and the rows of the reports."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.case import CaseEvent, CaseMessageAdded, CaseOpened
from contracts.suggestion import JudgeSuggestion
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.model import Advice, Asked, Hint, Judgement, asked_of, hear

COLLECTION: Final = "suggestions"
INDEXES: Final = [
    IndexModel([("state.number", ASCENDING)], name="number"),
    IndexModel([("state.opened_at", DESCENDING)], name="opened"),
    IndexModel([("state.resolved_at", DESCENDING)], name="resolved", sparse=True),
    IndexModel(
        [("state.signature", ASCENDING)], name="memory", partialFilterExpression={"state.is_judged": True}
    ),
    IndexModel([("state.verdicts.at", DESCENDING)], name="verdicts", partialFilterExpression={"state.is_judged": True}),
]  # fmt: skip
_ROW: Final = (
    "number", "text", "category", "institution", "infno", "error", "error_code", "signature", "opened_at",
    "resolved_at", "verdicts", "is_judged", "offers", "title",
)  # fmt: skip
_TIMES: Final = ("number", "category", "opened_at", "resolved_at", "verdicts", "is_judged")
"""Without texts and offers, of which 50,000 cases have 200 MB."""


class Suggestions(Repository[Advice]):
    """Without a finder it only reads: nothing is looked up for the cases that it locates."""

    def __init__(self, db: AsyncDatabase[Raw], finder: Finder | None = None) -> None:
        super().__init__(db[COLLECTION], Advice)
        self._finder = finder

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, CaseEvent | JudgeSuggestion)
        return message.body.case_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Advice]]:
        """The last event of each case in this batch brings along what fits all that the case says by then."""
        documents = await super().locate(messages)
        if self._finder is None:
            return documents
        wanted = {m.cause_id: (m, asked) for m, asked in asking(messages, documents) if not _known(m, asked)}
        if wanted:
            hints = await self._finder.hints([asked for _, asked in wanted.values()])
            for (message, _), hint in zip(wanted.values(), hints, strict=True):
                message.hint = hint
        return documents

    async def find(self, reference: str) -> Document[Advice] | None:
        """What is known of a case, by its id or its number."""
        try:
            query: Raw = {"_id": UUID(reference)}
        except ValueError:
            query = {"state.number": reference.upper()}
        return next(iter(await self.read(query, limit=1)), None)

    async def opened(self, since: datetime, until: datetime, limit: int) -> list[Document[Advice]]:
        """The cases that were opened in between, the newest first."""
        query: Raw = {"state.opened_at": {"$gte": since, "$lt": until}}
        return [d async for d in self._rows(query, "opened_at", limit, _ROW)]

    async def resolved(self, since: datetime, until: datetime, limit: int) -> list[Document[Advice]]:
        """The cases that were resolved in between, the newest first: when, and what was made of suggestions."""
        query: Raw = {"state.resolved_at": {"$gte": since, "$lt": until}}
        return [d async for d in self._rows(query, "resolved_at", limit, _TIMES)]

    async def verdicts(self, since: datetime, until: datetime) -> list[Judgement]:
        """The verdicts of this time, each case's last one on each article."""
        span = {"$gte": since, "$lt": until}
        pipeline: list[Raw] = [
            {"$match": {"state.is_judged": True, "state.verdicts.at": span}},
            {"$project": {"v": "$state.verdicts"}},
            {"$unwind": "$v"},
            {"$match": {"v.at": span}},
            {"$replaceWith": "$v"},
        ]
        cursor = await self.collection.aggregate(pipeline)
        return [msgspec.convert(row, Judgement, builtin_types=(datetime, UUID)) async for row in cursor]

    async def _rows(self, query: Raw, by: str, limit: int, names: Iterable[str]) -> AsyncIterator[Document[Advice]]:
        wanted: dict[str, Any] = {f"state.{name}": 1 for name in names}
        order = [(f"state.{by}", DESCENDING)]
        cursor = self.collection.find(query, wanted, sort=order, limit=limit, batch_size=2_000)
        async for raw in cursor:
            yield self._document({"version": 0, "causes": (), **raw})


def asking(messages: Sequence[Message], documents: Sequence[Document[Advice]]) -> list[tuple[Message, Asked]]:
    """Of each case that says something new: its last event that does, and what the case says by then."""
    states: dict[UUID, Advice | None] = {}
    last: dict[UUID, tuple[Message, Asked]] = {}
    for message, document in zip(messages, documents, strict=True):
        body = message.body
        if not isinstance(body, CaseEvent) or message.cause_id in document.causes:
            continue
        known = states[document.id] = hear(states.get(document.id, document.state), body)  # type: ignore[arg-type]
        if isinstance(body, CaseOpened) or (isinstance(body, CaseMessageAdded) and body.why != "thanks"):
            last[document.id] = message, asked_of(document.id, known)
    return list(last.values())


def _known(message: Message, asked: Asked) -> bool:
    """A batch that waits for another one is located again: what was looked up for the same words still holds."""
    return isinstance(message.hint, Hint) and message.hint.asked == asked
