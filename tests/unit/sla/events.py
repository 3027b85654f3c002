"""Events of one case as sla hears them, by minute and version."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.calendars.hours import ALWAYS
from contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseEvent,
    CaseMessageAdded,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseWaiting,
)
from contracts.casework import CaseCategorised, CaseChased, CaseResumed
from contracts.channel import Sender
from contracts.envelope import SYSTEM, derive_id
from contracts.sla import Clock, TimerDue
from services.sla.book import Book, Edition
from services.sla.clock import Hours
from services.sla.policy import parse
from tests.support.make import NOON

CASE = UUID(int=7)
FACTS: dict[type[CaseEvent], dict[str, Any]] = {
    CaseOpened: {
        "channel": "wechat", "conversation_id": "c", "message_id": "m", "requester": Sender(id="u"), "title": "t",
        "text": "t", "category": "业务咨询", "priority": "normal",
    },
    CaseMessageAdded: {"message_id": "m2", "text": "t"},
    CaseAssigned: {"assignee": "wang"},
    CaseResponded: {"text": "t", "first": True},
    CaseWaiting: {"waiting_for": "requester", "reason": "r"},
    CaseEscalated: {"to": "province", "reason": "r"},
    CaseResolved: {"resolution": "r", "title": "t", "question": "q", "category": "业务咨询"},
    CaseClosed: {"reason": "r"},
    CaseReopened: {"reason": "r"},
    CaseResumed: {"waited_for": "province"},
    CaseChased: {"note": "n", "times": 1},
    CaseCategorised: {"category": "对账清分", "priority": "urgent", "before": "业务咨询", "by": "staff"},
}  # fmt: skip
TOLD: dict[str, Any] = {"50%": ["assignee"], "100%": ["assignee", "lead"]}
DRILL: dict[str, Any] = {
    "name": "演练", "when": {"institutions": ["P62019900001"]}, "first_response": {"within": "1m", "thresholds": TOLD},
}  # fmt: skip
STANDARD: dict[str, Any] = {
    "name": "测试",
    "first_response": {"within": "10m", "thresholds": {**TOLD, "+5m": ["remote"], "+10m": ["contact"]}},
    "next_response": {"within": "20m", "thresholds": TOLD},
    "chase": {"within": "2h", "thresholds": TOLD},
    "resolution": {"within": "1h", "thresholds": {"75%": ["assignee"], "100%": ["lead"]}},
}
BEGINNING = NOON - timedelta(days=1)


def edition(*policies: dict[str, Any], since: datetime = BEGINNING, **calendars: Hours) -> Edition:
    """An edition of these policies; without any, of the drill's and the usual one."""
    return Edition(parse(list(policies or (DRILL, STANDARD))), {"24x7": ALWAYS, **calendars}, since)


def book(*editions: Edition) -> Book:
    return Book(editions or (edition(),))


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def event(type_: type[CaseEvent], version: int, minutes: float, **more: Any) -> CaseEvent:
    name = type_.model_fields["type"].default
    return type_.model_validate(
        {
            "id": derive_id(name, version), "cause_id": derive_id("cause", version), "correlation_id": CASE,
            "version": version, "occurred_at": at(minutes), "recorded_at": at(minutes), "actor": SYSTEM,
            "case_id": CASE, "number": "YB-1", **FACTS[type_], **more,
        }
    )  # fmt: skip


def story(*steps: tuple[type[CaseEvent], float]) -> list[CaseEvent]:
    """A case that is opened at minute 0, then these, each at its minute."""
    opened = event(CaseOpened, 1, 0)
    return [opened, *(event(type_, n, minutes) for n, (type_, minutes) in enumerate(steps, 2))]


def due(minutes: float, clock: Clock = "first_response", cycle: int = 1) -> TimerDue:
    return TimerDue(case_id=CASE, clock=clock, cycle=cycle, threshold="50%", at=at(minutes))
