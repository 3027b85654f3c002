"""Resolved cases and articles for the tests of knowledge."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.case import CaseResolved, Findings
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge import ArticleEvent, ArticlePublished
from services.knowledge.articles.model import article_id_of

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


def case_id(case: int) -> UUID:
    return derive_id("case", "test", case)


def resolved(case: int = 1, version: int = 3, **facts: Any) -> CaseResolved:
    """The `version`-th event of a case: it is resolved."""
    id_ = derive_id("resolved", case, version)
    known: dict[str, Any] = {
        "id": id_, "cause_id": id_, "correlation_id": id_, "version": version, "actor": SYSTEM,
        "occurred_at": NOON + timedelta(minutes=version), "recorded_at": NOON + timedelta(minutes=version),
        "case_id": case_id(case), "number": f"YB-{case:05}-00000", "title": f"问题{case}", "question": f"问题{case}",
        "resolution": f"方案{version}", "category": "结算支付",
    }  # fmt: skip
    return CaseResolved(**{**known, **facts})


def article(
    case: int,
    question: str,
    answer: str = "",
    version: int = 1,
    model: type[ArticleEvent] = ArticlePublished,
    **facts: Any,
) -> ArticleEvent:
    """The `version`-th event of a case's article: published for the engineers, unless `facts` say otherwise."""
    id_ = derive_id("said", case, version)
    known: dict[str, Any] = {
        "id": id_, "cause_id": id_, "correlation_id": id_, "version": version, "actor": SYSTEM,
        "occurred_at": NOON + timedelta(minutes=case), "recorded_at": NOON + timedelta(minutes=case),
        "article_id": article_id_of(case_id(case)), "case_id": case_id(case), "number": f"YB-{case:05}-00000",
        "title": question[:60], "question": question, "answer": answer, "category": "结算支付", "findings": Findings(),
        "live_revision": 1,
    }  # fmt: skip
    return model(**{**known, **facts})
