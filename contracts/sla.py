"""What `sla` says about clocks (时限). A clock belongs to a case; a cycle is one promise from start to stop."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.case import Priority
from contracts.channel import InstitutionCode
from contracts.envelope import Contract, Event

Clock = Literal["first_response", "resolution"]


class ClockEvent(Event):
    """`clock` runs for `case_id`; `cycle` counts from 1 and rises when a case is reopened."""

    case_id: UUID
    number: str
    clock: Clock
    cycle: Annotated[int, Field(ge=1)]
    due_at: AwareDatetime
    assignee: str | None = None
    institution_code: InstitutionCode | None = None
    priority: Priority = "normal"


class SlaStarted(ClockEvent):
    type: Literal["sla.started"] = "sla.started"
    policy: str
    warn_at: AwareDatetime


class SlaWarned(ClockEvent):
    """The deadline is near (预警). `late_ms` is how long after the threshold this was written."""

    type: Literal["sla.warned"] = "sla.warned"
    late_ms: int


class SlaBreached(ClockEvent):
    """The deadline has passed (超时)."""

    type: Literal["sla.breached"] = "sla.breached"
    late_ms: int


class SlaMet(ClockEvent):
    """The promise is fulfilled; `in_time` tells whether before the deadline."""

    type: Literal["sla.met"] = "sla.met"
    in_time: bool


class SlaPaused(ClockEvent):
    type: Literal["sla.paused"] = "sla.paused"
    reason: str


class SlaResumed(ClockEvent):
    type: Literal["sla.resumed"] = "sla.resumed"


class SlaStopped(ClockEvent):
    """Ended without an answer that counts: the case was closed as it stood."""

    type: Literal["sla.stopped"] = "sla.stopped"


class TimerDue(Contract):
    """A timer has fired (`due.sla`). Only a hint: the fold reads the clock again."""

    case_id: UUID
    clock: Clock
    cycle: int
    threshold: Literal["warn", "breach"]
    at: AwareDatetime
