"""All MongoDB of synonyms: one document each, removed ones too. There are hundreds at most."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.vocabulary import RemoveSynonyms, SaveSynonyms
from services.knowledge.vocabulary.model import Group, Neighbours, Shipped, key
from services.knowledge.vocabulary.synonyms import standing

COLLECTION: Final = "vocabulary"
INDEXES: Final[list[IndexModel]] = []


class Vocabulary(Repository[Group]):
    """A command brings along which words the other groups have. Commands come one at a time (see the topology), so that
    of two that want the same word the second finds it taken.
    """

    def __init__(self, db: AsyncDatabase[Raw], shipped: Mapping[UUID, Shipped]) -> None:
        super().__init__(db[COLLECTION], Group)
        self._shipped = shipped

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, SaveSynonyms | RemoveSynonyms)
        return message.body.group_id

    async def locate(self, messages: Sequence[Message]) -> list[Document[Group]]:
        documents = await super().locate(messages)
        saved = {d.id: words_of(d) for d in await self.read({})}
        for message, document in zip(messages, documents, strict=True):
            shipped = self._shipped.get(document.id)
            message.hint = Neighbours(self._taken(saved, message), shipped.words if shipped else ())
        return documents

    def _taken(self, saved: Mapping[UUID, tuple[str, ...] | None], message: Message) -> dict[str, str]:
        """A saved group takes the place of shipped ones, so only the words of saved ones are taken."""
        mine = self.id_of(message)
        others = {id_: words for id_, words in saved.items() if words and id_ != mine}
        return {key(word): words[0] for words in others.values() for word in words}

    async def all(self) -> list[Document[Group]]:
        return await self.read({})

    async def home_of(self, words: Sequence[str]) -> UUID | None:
        """The group that is just these words already, so that saying it again changes nothing; else the shipped one,
        not saved or hidden yet, that has one of them: they are to take its place.
        """
        saved = {d.id: words_of(d) for d in await self.read({})}
        if same := [id_ for id_, its in saved.items() if its == tuple(words)]:
            return same[0]
        wanted = {key(word) for word in words}
        free = standing({id_: g for id_, g in self._shipped.items() if id_ not in saved}, {})
        return next((id_ for id_, its in free.items() if wanted & {key(w) for w in its}), None)


def words_of(document: Document[Group]) -> tuple[str, ...] | None:
    group = document.state
    return None if group is None or group.removed else group.words
