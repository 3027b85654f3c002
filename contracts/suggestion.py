"""What `knowledge` suggests for an open case (知识推荐), and what staff made of it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Contract, Event
from contracts.knowledge import Short, Verdict

ReasonKind = Literal["error", "infno", "institution", "category", "words", "meaning", "accepted"]
"""同一错误, 同一交易, 同一机构, 同一类别, 用词相近, 意思相近, 曾被采纳."""


class SuggestionReason(Contract):
    """Why it is suggested; `detail` is what both share, such as the error or the words."""

    kind: ReasonKind
    detail: Short = ""


class Suggested(Contract):
    """An article, or a similar case that is no published article (yet); `number` is what staff quote."""

    article_id: UUID
    number: str
    title: str
    kind: Literal["article", "case"]
    score: float
    reasons: tuple[SuggestionReason, ...] = ()


class SuggestionEvent(Event):
    """`number` is the case's."""

    case_id: UUID
    number: str


class SuggestionMade(SuggestionEvent):
    """The best articles and similar cases for what the case says so far, the best first (已推荐)."""

    type: Literal["suggestion.made"] = "suggestion.made"
    suggestions: Annotated[tuple[Suggested, ...], Field(max_length=20)]


class SuggestionJudged(SuggestionEvent):
    """Somebody took it over as it is, took it over and changed it, or says that it does not fit."""

    type: Literal["suggestion.judged"] = "suggestion.judged"
    article_id: UUID
    verdict: Verdict
    note: Annotated[str, Field(max_length=500)] = ""


class JudgeSuggestion(Command):
    type: Literal["suggestion.command.judge"] = "suggestion.command.judge"
    case_id: UUID
    article_id: UUID
    verdict: Verdict
    note: Annotated[str, Field(max_length=500)] = ""
