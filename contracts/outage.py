"""An outage (群体故障): one problem that several institutions report at once; suggested, then confirmed by a person."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Event, Text


class OutageEvent(Event):
    """`number` is what staff quote (故障编号)."""

    outage_id: UUID
    number: str


class OutageSuggested(OutageEvent):
    """Several institutions report the same thing within minutes (疑似群体故障)."""

    type: Literal["outage.suggested"] = "outage.suggested"
    title: str
    signature: str
    infno: str | None = None
    error: str | None = None
    case_ids: tuple[UUID, ...]
    institutions: tuple[str, ...]


class OutageGrew(OutageEvent):
    """More cases of the same outage."""

    type: Literal["outage.grew"] = "outage.grew"
    case_ids: tuple[UUID, ...]
    institutions: tuple[str, ...]


class OutageConfirmed(OutageEvent):
    type: Literal["outage.confirmed"] = "outage.confirmed"
    title: str
    case_ids: tuple[UUID, ...]


class OutageDismissed(OutageEvent):
    type: Literal["outage.dismissed"] = "outage.dismissed"
    reason: str


class OutageBroadcast(OutageEvent):
    """One answer for all children (统一答复); each child gets its own command."""

    type: Literal["outage.broadcast"] = "outage.broadcast"
    text: str
    case_ids: tuple[UUID, ...]
    resolves: bool


class OutageResolved(OutageEvent):
    type: Literal["outage.resolved"] = "outage.resolved"
    resolution: str
    case_ids: tuple[UUID, ...]


class OutageCommand(Command):
    outage_id: UUID
    expected_version: Annotated[int, Field(ge=1)] | None = None


class SuggestOutage(OutageCommand):
    type: Literal["outage.command.suggest"] = "outage.command.suggest"
    title: Text
    signature: str
    infno: str | None = None
    error: str | None = None
    case_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=900)]
    institutions: tuple[str, ...]


class ConfirmOutage(OutageCommand):
    type: Literal["outage.command.confirm"] = "outage.command.confirm"
    title: Text | None = None


class DismissOutage(OutageCommand):
    type: Literal["outage.command.dismiss"] = "outage.command.dismiss"
    reason: Text


class AddToOutage(OutageCommand):
    type: Literal["outage.command.add"] = "outage.command.add"
    case_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=900)]
    institutions: tuple[str, ...] = ()


class BroadcastOutage(OutageCommand):
    type: Literal["outage.command.broadcast"] = "outage.command.broadcast"
    text: Text


class ResolveOutage(OutageCommand):
    """Each child is answered and resolved; its requester confirms it, or reopens it, on its own."""

    type: Literal["outage.command.resolve"] = "outage.command.resolve"
    resolution: Text


OutageState = Literal["suggested", "confirmed", "dismissed", "resolved"]
