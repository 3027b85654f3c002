"""Exemptions (免责): time for which the desk does not answer, approved by somebody else than who asks for it."""

from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from contracts.case import Category
from contracts.channel import InstitutionCode
from contracts.envelope import Command, Contract, Event, Key
from contracts.sla import Clock

Ground = Literal["force_majeure", "platform_maintenance", "other"]
"""不可抗力, 平台维护, 其他."""
GROUND_NAMES: dict[Ground, str] = {"force_majeure": "不可抗力", "platform_maintenance": "平台维护", "other": "其他"}
Words = Annotated[str, Field(min_length=2, max_length=1_000)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1_000)]
"""Words of a command: blanks are no reason."""


T = TypeVar("T")


def _once(some: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(some))


Many = Annotated[tuple[T, ...], Field(max_length=1_000), AfterValidator(_once)]


class Scope(Contract):
    """Which cycles an exemption is about; an empty list leaves nothing out."""

    contracts: Many[Key] = ()
    institutions: Many[InstitutionCode] = ()
    categories: Many[Category] = ()
    clocks: Annotated[tuple[Clock, ...], Field(max_length=4), AfterValidator(_once)] = ()
    case_ids: Many[UUID] = ()


class ExemptionEvent(Event):
    exemption_id: UUID


class ExemptionRequested(ExemptionEvent):
    """Somebody asks that the time from `begins` to `ends` be left out (申请免责), and says why."""

    type: Literal["exemption.requested"] = "exemption.requested"
    ground: Ground
    text: Words
    begins: AwareDatetime
    ends: AwareDatetime
    scope: Scope = Scope()


class ExemptionDecided(ExemptionEvent):
    """`requested_by` asked for it, `actor` has decided."""

    requested_by: Key


class ExemptionApproved(ExemptionDecided):
    """Somebody else agrees (批准): from now on that time does not count."""

    type: Literal["exemption.approved"] = "exemption.approved"
    reason: str = ""


class ExemptionRejected(ExemptionDecided):
    """驳回."""

    type: Literal["exemption.rejected"] = "exemption.rejected"
    reason: str


class ExemptionRevoked(ExemptionDecided):
    """Approved or asked for by mistake (撤销): from now on that time counts again."""

    type: Literal["exemption.revoked"] = "exemption.revoked"
    reason: str


class ExemptionCommand(Command):
    exemption_id: UUID


class RequestExemption(ExemptionCommand):
    type: Literal["exemption.command.request"] = "exemption.command.request"
    ground: Ground
    text: Said
    begins: AwareDatetime
    ends: AwareDatetime
    scope: Scope = Scope()


class ApproveExemption(ExemptionCommand):
    type: Literal["exemption.command.approve"] = "exemption.command.approve"
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""


class RejectExemption(ExemptionCommand):
    type: Literal["exemption.command.reject"] = "exemption.command.reject"
    reason: Said


class RevokeExemption(ExemptionCommand):
    type: Literal["exemption.command.revoke"] = "exemption.command.revoke"
    reason: Said
