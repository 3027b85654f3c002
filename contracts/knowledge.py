"""What `knowledge` says about articles (知识条目)."""

from typing import Literal
from uuid import UUID

from contracts.case import Category, Findings
from contracts.envelope import Event


class ArticleEvent(Event):
    article_id: UUID
    case_id: UUID
    number: str
    title: str
    question: str
    answer: str
    category: Category
    findings: Findings = Findings()


class ArticlePublished(ArticleEvent):
    """A resolved case became an article (已入库)."""

    type: Literal["knowledge.published"] = "knowledge.published"


class ArticleRevised(ArticleEvent):
    """The case was resolved anew: the article carries the later solution."""

    type: Literal["knowledge.revised"] = "knowledge.revised"
