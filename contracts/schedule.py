"""What `stats` says about schedules (定时统计): which report is counted when, again and again."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Command, Contract, Event, Key
from contracts.stats import FollowUp, Wanted

Span = Literal["none", "yesterday", "last_month", "this_month", "last_quarter", "last_year", "year_to_last_month"]


class Timing(Contract):
    """`cron` has five fields, in China's time. `workday` keeps only the n-th working day of the month (-1 is the last),
    `workdays` only working days, both by `calendar` (see docs/calendars.md).
    """

    cron: Annotated[str, Field(min_length=9, max_length=100)]
    workday: Annotated[int, Field(ge=-31, le=31)] = 0
    workdays: bool = False
    calendar: Key = "desk"


class Scheduled(Contract):
    """Of kind `ingest` the `report` is a table, fetched from the feed that `wanted.parameters` names.

    `span` says which period is counted, seen from the day it is due; it takes the place of wanted.period.
    """

    name: Annotated[str, Field(min_length=2, max_length=100)]
    report: Key
    kind: Literal["report", "ingest"] = "report"
    timing: Timing
    span: Span = "last_month"
    wanted: Wanted = Field(default_factory=Wanted)
    then: Annotated[tuple[FollowUp, ...], Field(max_length=10)] = ()
    paused: bool = False


class ScheduleEvent(Event):
    schedule_id: UUID


class ScheduleSaved(ScheduleEvent):
    type: Literal["schedule.saved"] = "schedule.saved"
    scheduled: Scheduled


class ScheduleRemoved(ScheduleEvent):
    type: Literal["schedule.removed"] = "schedule.removed"


class ScheduleCommand(Command):
    schedule_id: UUID
    expected_version: Annotated[int, Field(ge=0)] | None = None


class SaveSchedule(ScheduleCommand):
    type: Literal["schedule.command.save"] = "schedule.command.save"
    scheduled: Scheduled


class RemoveSchedule(ScheduleCommand):
    type: Literal["schedule.command.remove"] = "schedule.command.remove"
