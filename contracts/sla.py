"""What `sla` says about clocks (时限). A clock belongs to a case; a cycle is one promise from start to stop."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.case import Priority
from contracts.casework import Owes
from contracts.channel import InstitutionCode
from contracts.envelope import Command, Contract, Event, Key

Clock = Literal["first_response", "next_response", "chase", "resolution"]
"""Next response: the requester wrote again; chase: of the province or a vendor. `CLOCK_NAMES` is what staff read."""
CLOCK_NAMES: dict[Clock, str] = {
    "first_response": "首次响应", "next_response": "再次响应", "chase": "催办", "resolution": "解决",
}  # fmt: skip
Target = Literal["assignee", "resident", "remote", "lead", "contact"]
TARGET_NAMES: dict[Target, str] = {
    "assignee": "处理人", "resident": "驻场", "remote": "远程值班", "lead": "组长", "contact": "中心联系人",
}  # fmt: skip
"""Who is told at a threshold: the assignee, residents, remote engineers, the lead, the centre's contact."""
CANARY = "canary"
"""In the place of a case's number and channel: a clock of the system's own, see `StartCanary`."""


class ClockEvent(Event):
    """`clock` runs for `case_id`; `cycle` counts from 1 and rises each time that it starts anew."""

    case_id: UUID
    number: str
    clock: Clock
    cycle: Annotated[int, Field(ge=1)]
    due_at: AwareDatetime
    assignee: str | None = None
    institution_code: InstitutionCode | None = None
    priority: Priority = "normal"


class SlaStarted(ClockEvent):
    """`policy` is what promises it, in the version `book`; `calendar` is the one whose open time it counts."""

    type: Literal["sla.started"] = "sla.started"
    policy: str
    warn_at: AwareDatetime
    book: str = ""
    calendar: str = ""


class SlaWarned(ClockEvent):
    """The deadline is near (预警). `late_ms` is how long after `threshold` this was written; tell `targets`."""

    type: Literal["sla.warned"] = "sla.warned"
    late_ms: int
    threshold: str = ""
    targets: tuple[Target, ...] = ()


class SlaBreached(ClockEvent):
    """The deadline has passed (超时)."""

    type: Literal["sla.breached"] = "sla.breached"
    late_ms: int
    threshold: str = ""
    targets: tuple[Target, ...] = ()


class SlaEscalated(ClockEvent):
    """The deadline has passed for some time and nobody has taken note (超时升级)."""

    type: Literal["sla.escalated"] = "sla.escalated"
    late_ms: int
    threshold: str
    targets: tuple[Target, ...] = ()


class SlaRebound(ClockEvent):
    """Another promise holds for a clock that runs (时限调整): a policy, a calendar or the case itself has changed."""

    type: Literal["sla.rebound"] = "sla.rebound"
    policy: str
    book: str
    calendar: str
    due_before: AwareDatetime


class SlaAcknowledged(ClockEvent):
    """Somebody has taken note (已知悉): nobody else is told about this cycle."""

    type: Literal["sla.acknowledged"] = "sla.acknowledged"
    by: Key


class SlaMet(ClockEvent):
    """The promise is fulfilled; `in_time` tells whether before the deadline."""

    type: Literal["sla.met"] = "sla.met"
    in_time: bool


class SlaPaused(ClockEvent):
    """`owes` is who owes the next step meanwhile; `reason` says why."""

    type: Literal["sla.paused"] = "sla.paused"
    reason: str
    owes: Owes = "nobody"


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
    threshold: str
    at: AwareDatetime


class ClockCommand(Command):
    case_id: UUID


class AcknowledgeClock(ClockCommand):
    """Somebody takes note of a clock; without `cycle` of the latest one."""

    type: Literal["sla.command.acknowledge"] = "sla.command.acknowledge"
    clock: Clock
    cycle: Annotated[int, Field(ge=1)] | None = None


class StartCanary(ClockCommand):
    """The system's own: a clock of seconds that nobody stops, to see that it warns and breaches on time."""

    type: Literal["sla.command.canary"] = "sla.command.canary"


class RebindClocks(ClockCommand):
    """The system's own: policies or calendars have another version, which holds for the clocks that run."""

    type: Literal["sla.command.rebind"] = "sla.command.rebind"
    book: Key
