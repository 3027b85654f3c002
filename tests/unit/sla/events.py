"""Events of one case as sla hears them, by minute and version."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
from contracts.channel import Sender
from contracts.envelope import SYSTEM, derive_id
from contracts.sla import Clock, TimerDue
from services.sla.policy import Policy, Promise
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
}  # fmt: skip
POLICY = Policy("测试", first_response=Promise(600, 0.5), resolution=Promise(3600, 0.75))


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
    return TimerDue(case_id=CASE, clock=clock, cycle=cycle, threshold="warn", at=at(minutes))
