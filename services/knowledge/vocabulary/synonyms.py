"""The synonyms in memory: every process expands what people ask without asking a database. Pure.

Built from what ships and from the VOCABULARY stream by a `Follower`; an event that is older than what is known changes
nothing. A saved group takes the place of the shipped group of its id, and of every shipped one that shares a word.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from chassis.chinese import normalise
from chassis.latest import Latest
from contracts.envelope import Event
from contracts.vocabulary import SynonymsRemoved, SynonymsSaved, VocabularyEvent
from services.knowledge.vocabulary.model import Shipped, key

MOST_CHARACTERS: Final = 10_000
Expansion = list[tuple[str, tuple[str, ...]]]


class Synonyms:
    """`shipped` are groups by id."""

    def __init__(self, shipped: Mapping[UUID, Shipped] | None = None) -> None:
        self._shipped = shipped or {}
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._heard = Latest()
        self._saved: dict[UUID, tuple[str, ...] | None] = {}
        self._is_built = False

    def hear(self, event: Event) -> None:
        """Take in what the VOCABULARY stream says."""
        if not isinstance(event, VocabularyEvent) or not self._heard.advance(event.group_id, event.version):
            return
        match event:
            case SynonymsSaved():
                self._saved[event.group_id] = event.words
            case SynonymsRemoved():
                self._saved[event.group_id] = None  # and a shipped one of this id is hidden
        self._is_built = False  # thousands are heard at once when a process starts

    def expand(self, text: str) -> Expansion:
        """The words of `text` (its first 10,000 characters) that are in a group, each once and as the group spells it,
        with the others of the group. Where words overlap the first and longest counts.
        """
        if not self._is_built:
            self._build()
        plain, found, at = normalise(text[:MOST_CHARACTERS]), dict[str, tuple[str, ...]](), 0
        while at < len(plain):
            word = self._word_at(plain, at)
            if word:
                found.setdefault(*self._equals[word])
            at += len(word) or 1
        return list(found.items())

    def groups(self) -> list[tuple[UUID, tuple[str, ...]]]:
        """All that count now, shipped ones first."""
        return [(id_, words) for id_, words in standing(self._shipped, self._saved).items()]

    def _word_at(self, plain: str, at: int) -> str:
        """The longest word that begins there; empty when none does."""
        for word in self._words.get(plain[at : at + 2], ()):
            if plain.startswith(word, at) and _whole(plain, at, at + len(word)):
                return word
        return ""

    def _build(self) -> None:
        members: dict[str, dict[str, str]] = defaultdict(dict)  # of each word: the others by key, as they are spelt
        spelt: dict[str, str] = {}
        for _, words in self.groups():
            keys = {key(word): word for word in words}
            spelt |= {k: word for k, word in keys.items() if k not in spelt}
            for one in keys:
                members[one] |= {k: word for k, word in keys.items() if k != one}
        self._equals = {k: (spelt[k], tuple(others.values())) for k, others in members.items()}
        words_at: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._equals, key=len, reverse=True):
            words_at[word[:2]].append(word)
        self._words, self._is_built = dict(words_at), True


def standing(
    shipped: Mapping[UUID, Shipped], saved: Mapping[UUID, tuple[str, ...] | None]
) -> dict[UUID, tuple[str, ...]]:
    """The groups that count: shipped ones that nothing has taken the place of, then saved ones. None is removed."""
    there = {id_: words for id_, words in saved.items() if words}
    taken = keys_of(there.values())
    kept = {id_: g.words for id_, g in shipped.items() if id_ not in saved and not taken & keys_of([g.words])}
    return kept | there


def keys_of(groups: Iterable[tuple[str, ...]]) -> set[str]:
    return {key(word) for words in groups for word in words}


def _whole(plain: str, start: int, end: int) -> bool:
    """A word of letters and digits is no part of a longer one: DIP is not in DIPLOMA."""
    before = start > 0 and _latin(plain[start]) and _latin(plain[start - 1])
    after = end < len(plain) and _latin(plain[end - 1]) and _latin(plain[end])
    return not before and not after


def _latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
