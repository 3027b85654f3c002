"""What knowledge knows of a case while it suggests for it: what the case says, what it was offered, what became of it.

Pure. A document per case; it stays small, whatever the case becomes.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.case import CaseMessageAdded, CaseOpened, CaseResolved, Findings
from contracts.directory import CaseIdentified
from contracts.envelope import trusted
from contracts.knowledge import Verdict

MOST = 8
TEXT, ASKED = 2_000, 600
_SHORTEST_CODE = 3
_NOISE = re.compile(r"[\W_]+|[a-z]?[0-9]{5,}[a-z]?")  # institutions, people, times: never the error itself
Heard = CaseOpened | CaseMessageAdded | CaseIdentified | CaseResolved
TOOK: Final = ("accepted", "edited")


class Reason(msgspec.Struct, frozen=True):
    """See `contracts.suggestion.SuggestionReason`."""

    kind: str
    detail: str = ""


class Offer(msgspec.Struct, frozen=True):
    """See `contracts.suggestion.Suggested`. `fit` is the share of the question's telling words that it has, 0 to 1."""

    article_id: UUID
    number: str
    title: str
    kind: str
    score: float
    fit: float
    reasons: tuple[Reason, ...] = ()

    @property
    def gist(self) -> tuple[object, ...]:
        """What makes it another suggestion when it changes; the score alone does not."""
        return self.article_id, self.kind, self.reasons


class Judgement(msgspec.Struct, frozen=True):
    """The last word of staff on one article for this case."""

    article_id: UUID
    verdict: Verdict
    by: str
    at: datetime
    note: str = ""


class Advice(msgspec.Struct, frozen=True):
    """`signature` says which error it is about (empty: none), `is_judged` that there are verdicts: both for queries."""

    number: str
    title: str = ""
    text: str = ""
    category: str = ""
    institution: str | None = None
    asked_from: str | None = None
    infno: str | None = None
    error: str | None = None
    error_code: str | None = None
    signature: str = ""
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    offers: tuple[Offer, ...] = ()
    verdicts: tuple[Judgement, ...] = ()
    is_judged: bool = False

    def verdict_on(self, article_id: UUID) -> Judgement | None:
        return next((v for v in self.verdicts if v.article_id == article_id), None)

    @property
    def rejected(self) -> frozenset[UUID]:
        return frozenset(v.article_id for v in self.verdicts if v.verdict == "rejected")


class Asked(NamedTuple):
    """What the library is asked for a case."""

    case_id: UUID
    text: str
    category: str
    institution: str | None
    infno: str | None
    error: str | None
    error_code: str | None
    signature: str
    rejected: frozenset[UUID]


class Hint(NamedTuple):
    """What the library answers: offers, the best first, more than are shown where some may fall away."""

    asked: Asked
    offers: tuple[Offer, ...]


def hear(advice: Advice | None, body: Heard) -> Advice:
    """What is known after this event; the events of a case may come in another order than they were said."""
    known = advice or Advice(number=body.number)
    match body:
        case CaseOpened():
            text = f"{body.text}\n{known.text}" if known.text else body.text
            asked_from = known.asked_from or body.asked_from
            facts = {"title": body.title[:200], "category": known.category or body.category, "asked_from": asked_from}
            opened = replace(known, opened_at=body.occurred_at, **facts)
            return _found(replace(opened, text=_kept(text)), _later(known, body.findings), body.institution_code)
        case CaseMessageAdded():
            text = f"{known.text}\n{body.text}" if known.text else body.text
            return _found(replace(known, text=_kept(text)), body.findings, None)
        case CaseIdentified():
            about, asked_from = body.institution_code or known.institution, body.asked_from or known.asked_from
            return replace(known, institution=about, asked_from=asked_from)
        case CaseResolved():
            title, text = known.title or body.title[:200], known.text or body.question[:TEXT]
            at = max(body.occurred_at, known.resolved_at or body.occurred_at)
            known = replace(known, title=title, text=text, category=body.category, resolved_at=at)
            return _found(known, body.findings, body.institution_code)


def _kept(text: str) -> str:
    """Of what would be too long the beginning and the end: what came last may be what it is about."""
    return text if len(text) <= TEXT else f"{text[: TEXT * 2 // 3]}\n{text[-(TEXT // 3) :]}"


def _later(known: Advice, found: Findings) -> Findings:
    """What a case began with, where nothing later is known already."""
    facts = {name: getattr(known, name) or getattr(found, name) for name in ("infno", "error", "error_code")}
    return trusted(Findings, {**facts, "institution_code": found.institution_code})


def _found(advice: Advice, found: Findings, institution: str | None) -> Advice:
    infno, error, code = found.infno or advice.infno, found.error or advice.error, found.error_code or advice.error_code
    return replace(
        advice,
        infno=infno,
        error=error[:200] if error else None,
        error_code=code,
        institution=institution or advice.institution or found.institution_code,
        signature=signature(infno, error, code),
    )


def signature(infno: str | None, error: str | None, code: str | None) -> str:
    """What the same error of the same transaction has in common; empty where no error is known."""
    key = error_key(error, code)
    return f"{infno or ''}|{key}" if key else ""


def error_key(error: str | None, code: str | None) -> str:
    """An error without what differs from case to case; a code of one or two digits names none."""
    if code and len(code) >= _SHORTEST_CODE:
        return code.casefold()
    return _NOISE.sub("", (error or "").casefold())[:60]


def asked_of(case_id: UUID, advice: Advice) -> Asked:
    """The latest words count most: of a long case its beginning and its end are asked for."""
    text = (
        advice.text if len(advice.text) <= ASKED else f"{advice.text[: ASKED * 2 // 3]}\n{advice.text[-(ASKED // 3) :]}"
    )
    return Asked(
        case_id, text, advice.category, advice.institution, advice.infno, advice.error, advice.error_code,
        advice.signature, advice.rejected,
    )  # fmt: skip
