"""An article (知识条目) as knowledge knows it: what was asked, what solved it, and which resolution said so."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.case import CaseResolved, Category, Findings
from contracts.envelope import derive_id


class Found(msgspec.Struct, frozen=True):
    """See `contracts.case.Findings`."""

    infno: str | None = None
    error: str | None = None
    institution_code: str | None = None
    msgid: str | None = None


class Article(msgspec.Struct, frozen=True):
    """`case_version` is the case's version at the resolution that the article carries."""

    case_id: UUID
    number: str
    title: str
    question: str
    answer: str
    category: Category
    found: Found
    case_version: int
    resolved_at: datetime


def article_id_of(case_id: UUID) -> UUID:
    """A case has one article, however often it is resolved."""
    return derive_id("article", case_id)


def article_of(resolved: CaseResolved) -> Article:
    return Article(
        case_id=resolved.case_id,
        number=resolved.number,
        title=resolved.title,
        question=resolved.question,
        answer=resolved.resolution,
        category=resolved.category,
        found=_found(resolved),
        case_version=resolved.version,
        resolved_at=resolved.occurred_at,
    )


def findings_of(article: Article) -> Findings:
    found = article.found
    return Findings(infno=found.infno, error=found.error, institution_code=found.institution_code, msgid=found.msgid)


def _found(resolved: CaseResolved) -> Found:
    found = resolved.findings
    return Found(found.infno, found.error, found.institution_code or resolved.institution_code, found.msgid)
