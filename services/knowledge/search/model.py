"""What is asked of the search and what it answers. Pure: the rest of knowledge speaks to the index in these words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import msgspec

from contracts.knowledge import ArticleContent, ArticleEvent
from services.knowledge.articles.model import Counts, Origin
from services.knowledge.audience import ENGINEERS, Viewer

UNPUBLISHED: Final = ("draft", "proposed", "in_review", "merged")
QUIET: Final = ("knowledge.judged", "knowledge.rated", "knowledge.viewed")
"""Events that count something and leave what an article says as it was."""


class Filters(NamedTuple):
    """What the answers have to be; None is any. `viewer` is never left out. Letter case of codes does not matter."""

    viewer: Viewer
    category: str | None = None
    infno: str | None = None
    error: str | None = None
    institution: str | None = None
    state: str | None = None
    kind: str | None = None
    edition: str | None = None


class Query(NamedTuple):
    """`text` is what people type, up to 10,000 characters and never a query language; empty asks for the latest."""

    text: str
    filters: Filters
    limit: int = 10
    offset: int = 0


class Codes(msgspec.Struct, frozen=True):
    """Of `contracts.case.Findings` what articles are found by."""

    infno: str | None = None
    error: str | None = None
    error_code: str | None = None
    institution_code: str | None = None
    msgid: str | None = None
    catalogue: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """An article as the index shows it: what readers see (`live`), or what engineers find of an unpublished one.

    `updated_at` is when it was last said anew; votes and views do not count. `revision` is the one that is shown.
    """

    article_id: UUID
    case_id: UUID
    number: str
    title: str
    question: str
    answer: str
    symptoms: str
    cause: str
    category: str
    findings: Codes
    audience: str
    kind: str
    state: str
    live: bool
    version: int
    revision: int
    usage: Counts
    sources: tuple[Origin, ...]
    updated_at: datetime
    edition: str = ""
    institution_type: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def readers(self) -> tuple[str, ...]:
        """Whose searches find it: its audience when it is live, and always the engineers."""
        return (ENGINEERS, self.audience) if self.live and self.audience != ENGINEERS else (ENGINEERS,)

    @property
    def is_case(self) -> bool:
        """A similar case, which is no article that anybody has published."""
        return not self.live


def text_of(entry: Entry) -> str:
    """All that it says."""
    words = " ".join(entry.keywords)
    return "\n".join((entry.title, entry.question, entry.symptoms, entry.cause, entry.answer, words))


class Hit(NamedTuple):
    """`why` are the words, codes and synonyms that it shares with what was asked, and what its usage did to it."""

    score: float
    entry: Entry
    why: tuple[str, ...] = ()


class Found(NamedTuple):
    """`hits` are one page of `total`; `words` are the terms that were looked for, synonyms among them."""

    hits: list[Hit]
    total: int
    words: list[str]
    did_you_mean: str | None = None


class Proposed(NamedTuple):
    """What a beginning may become: titles to open, and terms to search for."""

    titles: list[Entry]
    terms: list[str]


class Synonyms(Protocol):
    """The vocabulary, as the search uses it."""

    def expand(self, text: str) -> Sequence[tuple[str, Sequence[str]]]:
        """The words of `text` that have others of the same meaning, each with these."""
        ...


class Terms(Protocol):
    """Words of the domain, for who has typed their beginning or has misspelt them."""

    def __call__(self) -> Sequence[str]: ...


class NoSynonyms:
    def expand(self, text: str) -> Sequence[tuple[str, Sequence[str]]]:
        return ()


def may_see(viewer: Viewer, entry: Entry) -> bool:
    return viewer.is_engineer or (entry.live and viewer.may_read(entry.audience))


def entry_of(event: ArticleEvent, updated_at: datetime) -> Entry | None:
    """How the index shows this article; None for one that nobody finds any more."""
    live = event.live_revision > 0
    born_from_case = event.case_id != event.article_id
    if not live and (event.state not in UNPUBLISHED or (event.state == "merged" and not born_from_case)):
        return None
    shown: ArticleContent = event.live or event if live else event
    at = shown.findings
    return Entry(
        article_id=event.article_id, case_id=event.case_id, number=event.number, title=shown.title,
        question=shown.question, answer=shown.answer, symptoms=shown.symptoms, cause=shown.cause,
        category=shown.category, audience=shown.audience, kind=shown.kind, state=event.state, live=live,
        findings=Codes(at.infno, at.error, at.error_code, at.institution_code, at.msgid, at.catalogue),
        version=event.version, revision=event.live_revision if live else event.revision,
        usage=Counts(**event.usage.model_dump()), updated_at=updated_at, edition=shown.edition,
        sources=tuple(Origin(s.kind, s.id, s.label) for s in event.sources),
        institution_type=shown.institution_type, keywords=shown.keywords,
    )  # fmt: skip
