"""What staff teach the search (检索词库): words that mean the same."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Event

Word = Annotated[str, Field(min_length=2, max_length=40)]
Words = Annotated[tuple[Word, ...], Field(min_length=2, max_length=30)]


class VocabularyEvent(Event):
    group_id: UUID


class SynonymsSaved(VocabularyEvent):
    """Whoever searches for one of `words` finds the others too (同义词已保存)."""

    type: Literal["vocabulary.saved"] = "vocabulary.saved"
    words: Words


class SynonymsRemoved(VocabularyEvent):
    type: Literal["vocabulary.removed"] = "vocabulary.removed"


class SaveSynonyms(Command):
    type: Literal["vocabulary.command.save"] = "vocabulary.command.save"
    group_id: UUID
    words: Words
    expected_version: Annotated[int, Field(ge=0)] | None = None


class RemoveSynonyms(Command):
    type: Literal["vocabulary.command.remove"] = "vocabulary.command.remove"
    group_id: UUID
    expected_version: Annotated[int, Field(ge=0)] | None = None
