"""Cases, candidates and verdicts for the tests of suggestions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.message import Message, Moment, decode
from contracts.case import CaseMessageAdded, CaseOpened, Findings
from contracts.channel import Sender
from contracts.directory import CaseIdentified
from contracts.envelope import SYSTEM, Contract, derive_id
from contracts.suggestion import JudgeSuggestion
from services.knowledge.articles.model import Counts
from services.knowledge.suggestions.fold import Folded, fold
from services.knowledge.suggestions.model import Advice, Asked, Hint, Offer, asked_of, hear
from services.knowledge.suggestions.ranking import Candidate
from tests.unit.knowledge.articles import NOON, case_id


class Delivered:
    """One delivery of a message."""

    headers: Mapping[str, str] = {}
    deliveries, sequence = 1, 1

    def __init__(self, body: Any) -> None:
        self.subject, self.data = body.type, body.model_dump_json().encode()

    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None: ...


def said(case: int, version: int) -> dict[str, Any]:
    """What every event of a case has."""
    id_, at = derive_id("case event", case, version), NOON + timedelta(minutes=version)
    return {
        "id": id_, "cause_id": id_, "correlation_id": id_, "version": version, "actor": SYSTEM, "occurred_at": at,
        "recorded_at": at, "case_id": case_id(case), "number": f"YB-{case:05}-00000",
    }  # fmt: skip


def opened(case: int = 1, text: str = "门诊结算失败", **more: Any) -> CaseOpened:
    facts: dict[str, Any] = {
        "channel": "wechat", "conversation_id": "c", "message_id": "m", "requester": Sender(id="u"), "title": text[:60],
        "text": text, "category": "结算支付", "priority": "normal", "findings": Findings(**more.pop("found", {})),
    }  # fmt: skip
    return CaseOpened(**said(case, more.pop("version", 1)), **{**facts, **more})


def added(case: int = 1, text: str = "还是不行", version: int = 2, **more: Any) -> CaseMessageAdded:
    found = Findings(**more.pop("found", {}))
    return CaseMessageAdded(**said(case, version), message_id="n", text=text, findings=found, **more)


def identified(case: int = 1, version: int = 2, **more: Any) -> CaseIdentified:
    return CaseIdentified(**said(case, version), contact="zhang", **more)


def judged(case: int, article: UUID, verdict: str, n: int = 0, **more: Any) -> JudgeSuggestion:
    facts: dict[str, Any] = {
        "id": derive_id("judge", case, article, verdict, n), "occurred_at": NOON, "actor": SYSTEM,
        "case_id": case_id(case), "article_id": article, "verdict": verdict,
    }  # fmt: skip
    return JudgeSuggestion(**facts, **more)


def message(body: Contract) -> Message:
    return decode(Delivered(body), NOON)


def folded(advice: Advice | None, body: Any, *offers: Offer, version: int = 0) -> Folded:
    """One fold; a case event brings `offers` along."""
    heard = message(body)
    if not isinstance(body, JudgeSuggestion):
        heard.hint = Hint(asked_of(body.case_id, hear(advice, body)), offers)
    return fold(advice, Moment(NOON, heard, body.case_id, version))


def offer(n: int, score: float = 1.0, kind: str = "article", fit: float = 0.6, **more: Any) -> Offer:
    facts: dict[str, Any] = {"number": f"ZS-{n:05}-00000", "title": f"知识{n}", **more}
    return Offer(article_id=derive_id("article", n), kind=kind, score=score, fit=fit, **facts)


def asked(text: str = "2207结算报错超时", **more: Any) -> Asked:
    facts: dict[str, Any] = {
        "case_id": case_id(1), "category": "结算支付", "institution": None, "infno": None, "error": None,
        "error_code": None, "signature": "", "rejected": frozenset(),
    }  # fmt: skip
    return Asked(text=text, **{**facts, **more})


def candidate(n: int, text: str = "结算报错超时", score: float = 10.0, **more: Any) -> Candidate:
    facts: dict[str, Any] = {
        "number": f"ZS-{n:05}-00000", "title": text[:20], "category": "目录", "institution": None, "infno": None,
        "error": "", "live": True, "usage": Counts(),
    }  # fmt: skip
    return Candidate(article_id=derive_id("article", n), text=text, score=score, **{**facts, **more})
