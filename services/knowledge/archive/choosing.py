"""What stands in a hospital's book, and what of each article. Pure.

A book holds what its hospital may read and nothing else, whoever prints it: it goes on paper, and paper has no rights.
Of every article it shows what readers see, never a draft; and of one that all hospitals read, not which cases and
institution it came from: they are others'.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final, get_args

import msgspec

from contracts.case import Category
from contracts.knowledge import ArticleContent
from services.knowledge.articles.model import Article
from services.knowledge.audience import HOSPITALS

CATEGORIES: Final[tuple[str, ...]] = get_args(Category)
LONGEST_TITLE: Final = 300


class Entry(msgspec.Struct, frozen=True):
    """An article on paper. `codes` and `sources` are as they are printed."""

    number: str
    category: str
    audience: str
    title: str
    question: str
    answer: str
    symptoms: str
    cause: str
    kind: str
    edition: str
    codes: tuple[str, ...]
    keywords: tuple[str, ...]
    sources: tuple[str, ...]
    revision: int
    reviewed_at: datetime | None
    review_at: datetime | None
    owner: str
    doubtful: bool


class Front(msgspec.Struct, frozen=True):
    """The title page. `institution` is its code, `name` what it is called, where whoever prints says so."""

    institution: str
    name: str
    printed_at: datetime
    with_hospitals: bool


def audiences(institution: str, with_hospitals: bool) -> tuple[str, ...]:
    own = f"hospital:{institution}"
    return (own, HOSPITALS) if with_hospitals else (own,)


def entry_of(article: Article, allowed: Iterable[str]) -> Entry | None:
    """None for what readers do not see, and for another audience than the allowed ones."""
    shown = article.shown
    if shown is None or shown.audience not in tuple(allowed):
        return None
    own = shown.audience.removeprefix("hospital:") if shown.audience != HOSPITALS else ""
    return Entry(
        number=article.number, category=shown.category, audience=shown.audience, title=_cut(shown.title),
        question=shown.question, answer=shown.answer, symptoms=shown.symptoms, cause=shown.cause, kind=shown.kind,
        edition=shown.edition, codes=_codes(shown, own), keywords=shown.keywords,
        sources=tuple(origin.label or origin.id for origin in article.sources if own), revision=article.live_revision,
        reviewed_at=article.published_at, review_at=article.review_at, owner=article.owner,
        doubtful=article.questioned_at is not None,
    )  # fmt: skip


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """By category as the contract lists them, within one by number."""
    return sorted(entries, key=lambda e: (CATEGORIES.index(e.category), e.number))


def edition_of(entries: Iterable[Entry]) -> str:
    """The same for books that say the same: a reader sees whether his print is still the present one."""
    digest = sha256()
    for entry in entries:
        digest.update(f"{entry.number}\x1f{entry.revision}\x1f{entry.doubtful}\n".encode())
    return digest.hexdigest()[:8].upper()


def _cut(title: str) -> str:
    """A heading has to fit on a page."""
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def _codes(shown: ArticleContent, own: str) -> tuple[str, ...]:
    found = shown.findings
    at = found.institution_code if found.institution_code == own else None
    named = (
        ("交易", found.infno),
        ("报错", found.error),
        ("错误码", found.error_code),
        ("机构", at),
    )
    return tuple(f"{name} {value}" for name, value in named if value)
